"""The pairs of a set once its models have answered: every two different answers to a prompt, people's among them."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.text import is_blank
from app.preferences.making.dealing import add_pairs, deal_all
from app.preferences.material import Answer, Asked, key_of, of_people
from app.preferences.models import ComparedResponse, ComparisonPrompt, ComparisonSet


def add_pairs_of_answers(
    session: Session, made: ComparisonSet, *, people: bool, left_out: Collection[int] = frozenset()
) -> int:
    """Store every pair, and what people wrote to these prompts where that is wanted, but for the prompts that are left
    out. How many pairs there are.

    What a model left empty makes no pair, and of those who said the same words the first stands for all.
    """
    found = select(ComparisonPrompt).where(ComparisonPrompt.set_id == made.id).order_by(ComparisonPrompt.id)
    prompts = [prompt for prompt in session.scalars(found) if prompt.id not in left_out]
    said = _said(session, made.id)
    written = of_people(session, made.project_id) if people else {}
    asked = []
    for prompt in prompts:
        one = Asked(prompt.messages, prompt.language, prompt.prompt_id)
        own = written.get(key_of(prompt.messages))
        for answer in [*said[prompt.id], *(own.answers if own else ())]:
            one.add(answer)
        asked.append(one)
    return add_pairs(session, made, prompts, asked, deal_all(asked, made.ranks))


def _said(session: Session, set_id: int) -> dict[int, list[Answer]]:
    """By prompt, what models said that holds a word, in the order in which they were asked."""
    said: defaultdict[int, list[Answer]] = defaultdict(list)
    found = select(ComparedResponse).where(ComparedResponse.set_id == set_id).order_by(ComparedResponse.id)
    for one in session.scalars(found):
        if not is_blank(one.messages[-1]["content"]):
            answer = Answer(one.messages, one.kind, one.source, run_id=one.run_id, response_id=one.id)
            said[one.comparison_prompt_id].append(answer)
    return said
