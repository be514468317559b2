"""Which open prompts should people answer first, by a run, each with its reasons in words? Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.excerpts import beginning
from app.prompts.cards import question_of
from app.prompts.models import Prompt
from app.training.models import Run
from app.training.worker.report import OpenPrompt, OpenPrompts


@dataclass(frozen=True)
class FirstPrompt:
    """A prompt that is still without a response: its place in the run's order, and why it is there."""

    place: int
    prompt: Prompt
    question: str
    reasons: Sequence[str]
    numbers: OpenPrompt


@dataclass(frozen=True)
class AnswerFirst:
    """The order of one run: `looked_at` prompts were open when it was made, `prompts` are those that still are."""

    run: Run
    looked_at: int
    prompts: Sequence[FirstPrompt]


def answer_first(run: Run, found: OpenPrompts, still_open: Sequence[Prompt]) -> AnswerFirst:
    """The run's order, as far as it is still to be done."""
    by_id = {str(one.id): one for one in still_open}
    prompts = [
        FirstPrompt(place, by_id[one["prompt_id"]], _question(by_id[one["prompt_id"]]), reasons_of(one), one)
        for place, one in enumerate(found["order"], 1)
        if one["prompt_id"] in by_id
    ]
    return AnswerFirst(run, found["looked_at"], prompts)


def reasons_of(one: OpenPrompt) -> list[str]:
    """Why a prompt is where it is."""
    return [_doubt(one["doubted_more_than"]), _stands_for(one["stands_for"])]


def _doubt(share: float) -> str:
    percent = round(100 * share)
    if percent >= 50:
        return f"The model is less sure of its own answer to it than of those to {percent} % of the other open prompts."
    return f"The model is surer of its own answer to it than of those to {100 - percent} % of the other open prompts."


def _stands_for(count: int) -> str:
    if count == 0:
        return "No other open prompt is more like it than like what is answered or comes before it."
    more = "1 other open prompt is" if count == 1 else f"{count:,} other open prompts are"
    return f"{more} more like it than like anything that is answered or comes before it."


def _question(prompt: Prompt) -> str:
    return beginning(question_of(prompt))
