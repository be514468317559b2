"""How does a prompt look in a list, and how far is each category? Short forms for pages; no text is altered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.excerpts import beginning
from app.core.figures import share
from app.projects.models import Category
from app.prompts.models import Prompt, PromptStatus

# What the table keeps as approved is, to people, open: responses are wanted.
SHOWN_STATES = [("", "Any state"), ("proposed", "proposed"), ("approved", "open"), ("complete", "complete"),
                ("rejected", "rejected")]  # fmt: skip
STATE_WORDS = {PromptStatus.APPROVED: "open"}


@dataclass(frozen=True)
class PromptCard:
    """A prompt in a list. `filled` and `wanted` are None for who does not steer."""

    prompt_id: int
    question: str
    language: str
    category: str
    state: str
    filled: int | None
    wanted: int | None


@dataclass(frozen=True)
class TargetCard:
    """How many responses of a category have been handed in, of those wanted; `width` of a bar of 100."""

    category: Category
    filled: int
    width: str


def prompt_card(prompt: Prompt, slots: Mapping[int, tuple[int, int]]) -> PromptCard:
    """The card of a prompt with its category loaded."""
    filled, wanted = slots.get(prompt.id, (None, None))
    return PromptCard(
        prompt_id=prompt.id,
        question=beginning(question_of(prompt)),
        language=prompt.language,
        category=prompt.category.name if prompt.category else "",
        state=state_of(prompt),
        filled=filled,
        wanted=wanted,
    )


def target_cards(categories: Sequence[Category], filled: Mapping[int, int]) -> list[TargetCard]:
    """The categories that have a target, with how far each is."""
    return [
        TargetCard(one, filled.get(one.id, 0), share(filled.get(one.id, 0), one.target))
        for one in categories
        if one.target
    ]


def question_of(prompt: Prompt) -> str:
    """The last user turn: what is to be answered."""
    return str(prompt.messages[-1]["content"])


def state_of(prompt: Prompt) -> str:
    """The state as people read it."""
    return STATE_WORDS.get(prompt.status, prompt.status.value)


def furthest_behind(targets: Sequence[TargetCard]) -> TargetCard | None:
    """The category that misses most, if any misses some."""
    behind = [card for card in targets if card.filled < card.category.target]
    return max(behind, key=lambda card: card.category.target - card.filled, default=None)
