"""Which checks does a text go through? One a file, pure, each with its reason in words. They inform."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.projects.models import HintName
from app.writing.checks.fence import check_fence
from app.writing.checks.finding import Check, Context, Finding, Lengths, Like
from app.writing.checks.language import check_language
from app.writing.checks.length import check_length
from app.writing.checks.near import check_near_prompt, check_near_response
from app.writing.checks.personal import check_personal
from app.writing.checks.phrases import check_phrases

__all__ = ["OF_A_PROMPT", "OF_A_RESPONSE", "OF_A_TURN", "Context", "Finding", "Lengths", "Like", "look_at"]

OF_A_RESPONSE: Mapping[HintName, Check] = {
    HintName.LENGTH: check_length,
    HintName.NEAR: check_near_response,
    HintName.LANGUAGE: check_language,
}
OF_A_TURN: Mapping[HintName, Check] = {
    HintName.FENCE: check_fence,
    HintName.PERSONAL: check_personal,
    HintName.PHRASES: check_phrases,
}
OF_WHAT_IS_SAID_TO_IT: Mapping[HintName, Check] = {HintName.PERSONAL: check_personal}
OF_A_PROMPT: Mapping[HintName, Check] = {HintName.NEAR: check_near_prompt, HintName.PERSONAL: check_personal}


def look_at(
    messages: Sequence[Mapping[str, Any]],
    context: Context,
    *,
    own_prompt: Sequence[Mapping[str, Any]] = (),
    only: Iterable[HintName] = HintName,
) -> list[Finding]:
    """What there is to look at in a response, and in its prompt where the same person wrote it (`own_prompt`)."""
    asked = set(only)
    said = "".join(one["content"] for one in messages if one["role"] == "assistant")
    places = [("/messages", said, OF_A_RESPONSE)]
    later = [one["content"] for one in messages if one["role"] == "user"]
    context = replace(context, besides=(*context.besides, *later))
    for at, one in enumerate(messages):
        of_it = OF_A_TURN if one["role"] == "assistant" else OF_WHAT_IS_SAID_TO_IT
        places.append((f"/messages/{at}/content", one["content"], of_it))
    if own_prompt:
        places.append(("/prompt", context.question, OF_A_PROMPT))
    for at, one in enumerate(own_prompt):
        if one["role"] != "user":
            places.append((f"/prompt_messages/{at}/content", one["content"], OF_WHAT_IS_SAID_TO_IT))
    found: dict[tuple[HintName, str], Finding] = {}
    for place, text, checks in places:
        for name, check in checks.items():
            finding = check(text, context) if name in asked else None
            if finding is not None:
                first = found.get((name, finding.sentence), replace(finding, place=place, data=()))
                found[name, finding.sentence] = replace(first, data=(*first.data, *finding.data))
    return list(found.values())
