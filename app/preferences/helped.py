"""Did it help, as people see it? A run's answers against those of the model that it went on from, judged blindly.

On prompts of the test split from which neither it nor what it was made from has ever learned; so the set only measures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import Conflict, Verdict
from app.core.text import is_blank
from app.preferences.figures import FEW, Figures, SourceFigures
from app.preferences.generation.wanting import Wanted, ask_models
from app.preferences.models import ComparedResponse, ComparisonSet, Generation, GenerationState, PromptRule, SetState
from app.preferences.policy import can_make
from app.preferences.said import longer, percent
from app.preferences.telling import figures_for
from app.training.models import Run
from app.training.queries import POLICIES, get_run_for

PROMPTS = 100


@dataclass(frozen=True)
class Helped:
    """What people say of a run and its reference. `headline`: the finding, empty while there is none; `lead`: the win
    rate with its interval, or why there is none yet; `details`: what length has to do with it, and what was not
    compared; `numbers`: the same for programs; `withheld`: why this person is told none of it, or empty; `shown`: the
    set in which they compared, None before there is one."""

    run_id: int
    headline: str
    lead: str
    details: str
    numbers: Mapping[str, Any]
    withheld: str
    shown: ComparisonSet | None
    can_ask: Verdict
    project_id: int
    template: str = "preferences/_helped.html"

    @property
    def sentence(self) -> str:
        """The finding with its figure, or why there is none yet."""
        return f"{self.headline} {self.lead}".strip()

    @property
    def as_json(self) -> dict[str, Any]:
        """All of it, for programs."""
        told = {"finding": self.sentence, "details": self.details, "set_id": self.shown.id if self.shown else None}
        return {**told, **self.numbers, "withheld": self.withheld}


def compare_blindly(session: Session, actor: Actor, run_id: int) -> ComparisonSet:
    """Make the set of a run: the answers of its reference and its own, got by a job. Conflict while there is one."""
    run = get_run_for(session, actor, run_id)
    can_make(actor, run.project_id).require()
    if not follows(run):
        raise Conflict("preferences.no_reference", f"Run {run.number} went on from no model that it could be held to.")
    made = sets_about(session, run.id)
    if made and made[-1].state is SetState.OPEN:
        raise Conflict("preferences.compared_already", "There is a set that compares this run blindly: judge that one.")
    begins_from = [run.begins_from_run_id] if run.begins_from_run_id else []
    again = f" ({len(made) + 1})" if made else ""
    wanted = Wanted(
        name=f"Did run {run.number} help?{again}",
        run_ids=[*begins_from, run.id],
        bases=not begins_from,
        prompts=PromptRule.TEST,
        most=PROMPTS,
        max_tokens=int(run.plan.get("max_new_tokens", Wanted.max_tokens)),
        about_run_id=run.id,
    )
    return ask_models(session, actor, run.project_id, wanted)


def follows(run: Run) -> bool:
    """Whether a run went on from a model that answers already, so that one can ask whether it helped."""
    return run.method in POLICIES


def sets_about(session: Session, run_id: int) -> list[ComparisonSet]:
    """The sets that compare a run with its reference, the newest last."""
    found = select(ComparisonSet).join(Generation, Generation.set_id == ComparisonSet.id)
    return list(session.scalars(found.where(Generation.about_run_id == run_id).order_by(ComparisonSet.id)))


def helped(session: Session, actor: Actor, run: Run) -> Helped | None:
    """What the newest such set says; None for a run of which nobody asks that."""
    if not follows(run):
        return None
    shown = next(iter(reversed(sets_about(session, run.id))), None)
    asked = session.get(Generation, shown.id) if shown else None
    figures, withheld = figures_for(session, actor, shown) if shown else (None, "")
    own = own_row(run, figures)
    return Helped(
        run_id=run.id,
        headline=headline(own) if own else "",
        lead=withheld or lead(asked, figures, own),
        details=details_of(session, asked, own),
        numbers=numbers_of(figures, own, withheld=bool(withheld)),
        withheld=withheld,
        shown=shown,
        can_ask=can_make(actor, run.project_id),
        project_id=run.project_id,
    )


def own_row(run: Run, figures: Figures | None) -> SourceFigures | None:
    """What the figures say of the run; None where too few prompts were judged."""
    return next((one for one in figures["sources"] if one["name"] == f"Run {run.number}"), None) if figures else None


def headline(own: SourceFigures) -> str:
    """The finding. "Prefer" only where the whole interval lies on one side of even."""
    _, low, high = own["rate"]
    if low > 0.5:
        return "People prefer it to the model that it went on from."
    if high < 0.5:
        return "It did not help: people prefer the model that it went on from."
    return "It is not shown that it helped: people see no difference that chance could not explain."


def lead(asked: Generation | None, figures: Figures | None, own: SourceFigures | None) -> str:
    """By how much, with its interval; or why nothing can be said yet."""
    if asked is None:
        return "Nobody has compared its answers blindly with those of the model that it went on from."
    if asked.state is not GenerationState.DONE:
        return "Once both have answered, people compare it blindly with the model that it went on from."
    if own is None:
        judged = figures["prompts"] if figures else 0
        return f"People have judged {judged} prompts blindly: too few to say whether it helped, {FEW} are the least."
    return (
        f"Where the two differ, its answer won {percent(own['rate'])} of comparisons, on prompts that none of its "
        "steps was trained on."
    )


def numbers_of(figures: Figures | None, own: SourceFigures | None, *, withheld: bool) -> dict[str, Any]:
    """The share of comparisons that its answer won, that among answers as long, and in which it was the longer one;
    each with its 95 % interval, or null. How many prompts and comparisons; null, not 0, where they are withheld."""
    of_own = {"win_rate": "rate", "win_rate_as_long": "matched", "was_longer": "was_longer"}
    told = {name: own.get(key) if own else None for name, key in of_own.items()}
    if withheld:
        return {**told, "prompts": None, "comparisons": None}
    return {**told, "prompts": figures["prompts"] if figures else 0, "comparisons": own["comparisons"] if own else 0}


def details_of(session: Session, asked: Generation | None, own: SourceFigures | None) -> str:
    """What length has to do with it, once people have judged; and what cannot be judged, once both have answered."""
    said = [by_length(own)] if own else []
    if asked and asked.state is GenerationState.DONE:
        said.append(not_compared(session, asked.set_id))
    return " ".join(filter(None, said))


def by_length(own: SourceFigures) -> str:
    """What length may have to do with it."""
    was_longer = f"Its answer was the longer one in {longer(own)} of comparisons."
    if own["matched"] is None:
        return f"{was_longer} None of two answers as long was compared."
    return f"{was_longer} Among answers as long it won {percent(own['matched'])}."


def not_compared(session: Session, set_id: int) -> str:
    """Of how many prompts both models gave the same answer, or one gave none: the win rate is over the others."""
    said: dict[int, list[str]] = {}
    found = select(ComparedResponse.comparison_prompt_id, ComparedResponse.messages)
    for prompt_id, messages in session.execute(found.where(ComparedResponse.set_id == set_id)):
        said.setdefault(prompt_id, []).append(messages[-1]["content"])
    silent = sum(any(map(is_blank, words)) for words in said.values())
    same = sum(len(set(words)) == 1 and not is_blank(words[0]) for words in said.values())
    told = [f"the same answer from both to {same}"] if same else []
    told += [f"an answer without words to {silent}"] if silent else []
    return f"Not compared, of {len(said)} prompts: {' and '.join(told)}." if told else ""
