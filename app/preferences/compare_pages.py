"""The page of a pair in the browser: which answer is better? Nothing on it says where a response comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, same_person
from app.core.database import DB
from app.core.web import pages, render, see_other
from app.preferences import judging, queries
from app.preferences.desk import ORDER, STRENGTHS, Desk, lay_out
from app.preferences.judging import DECIDED, Said
from app.preferences.models import Choice, Comparison, ComparisonPrompt, Strength
from app.preferences.policy import can_compare, can_see_figures
from app.preferences.progress import Progress, progress_of
from app.preferences.ranking import putting, queue
from app.preferences.ranking.desk import RankingDesk, lay_out_ranking
from app.preferences.ranking.models import Ordered, Ordering
from app.preferences.ranking.putting import Put
from app.preferences.ranking.turns import lying, take_any
from app.preferences.schemas import JudgementForm, OrderForm, PressedForm, UndoForm
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.review.desk.desk import quoted

router = pages()
SAID = {
    Choice.LEFT: "A is better, of",
    Choice.RIGHT: "B is better, of",
    Choice.TIE: "As good, of",
    Choice.BOTH_BAD: "Both bad, of",
    Choice.CANNOT_JUDGE: "You cannot judge",
}

LEFT_TO_OTHERS = "Left to others."
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Undoable:
    """What the judge said a moment ago and can take back: in words, by which address, for how many seconds; `version`:
    how often they have taken it back before."""

    undo: str
    words: str
    seconds: int
    version: int


@dataclass(frozen=True)
class ComparePage:
    """The pair or the ranking that lies before the judge, if one does, how far they are, and how many wait."""

    project: Project
    desk: Desk | None
    ranking: RankingDesk | None
    progress: Progress
    order: str
    strengths: Sequence[tuple[Strength, str, str]]
    undoable: Undoable | None
    sees_figures: bool


@router.get("/projects/{project_id:id}/compare", name="preferences.compare")
def compare(request: Request, session: DB, actor: CurrentActor, settings: AppSettings, project_id: int) -> Response:
    """What lies before the judge, or what they could take. Looking takes nothing."""
    project = get_project_for(session, actor, project_id)
    can_compare(actor, project.id).require()
    mine = lying(session, actor, project.id)
    page = ComparePage(
        project=project,
        desk=lay_out(session, mine) if isinstance(mine, Comparison) else None,
        ranking=lay_out_ranking(session, mine) if isinstance(mine, Ordering) else None,
        progress=progress_of(session, actor, project.id, lies=bool(mine)),
        order=ORDER,
        strengths=STRENGTHS,
        undoable=undoable(request, session, actor, project.id, settings.undo_seconds),
        sees_figures=bool(can_see_figures(actor, project.id)),
    )
    return render(request, page)


@router.post("/projects/{project_id:id}/compare/next", name="preferences.take")
def take(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[PressedForm, Form()]
) -> Response:
    """Take the pair or the ranking that comes first."""
    same_person(actor, form.user_id)
    take_any(session, actor, project_id)
    return see_other(request, "preferences.compare", project_id=project_id)


@router.post("/comparisons/{comparison_id:id}", name="preferences.judge")
def judge(
    request: Request, session: DB, actor: CurrentActor, comparison_id: int, form: Annotated[JudgementForm, Form()]
) -> Response:
    """Keep what was chosen, and go on to the next pair, which is taken at once."""
    same_person(actor, form.user_id)
    made = judging.answer(session, actor, comparison_id, said_in(form), version=form.version)
    take_any(session, actor, made.project_id)
    say = LEFT_TO_OTHERS if made.choice is Choice.SKIPPED else ""
    return see_other(request, "preferences.compare", say=say, project_id=made.project_id)


@router.post("/comparisons/{comparison_id:id}/undo", name="preferences.undo")
def undo(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    comparison_id: int,
    form: Annotated[UndoForm, Form()],
) -> Response:
    """Take the last word back: the pair lies before its judge again."""
    same_person(actor, form.user_id)
    made = judging.undo(session, actor, comparison_id, seconds=settings.undo_seconds, version=form.version)
    return see_other(request, "preferences.compare", project_id=made.project_id)


@router.post("/orderings/{ordering_id:id}", name="preferences.order")
def order(
    request: Request, session: DB, actor: CurrentActor, ordering_id: int, form: Annotated[OrderForm, Form()]
) -> Response:
    """Keep the order, and go on to what comes next, which is taken at once."""
    same_person(actor, form.user_id)
    put = Put(Ordered(form.leave or "ordered"), form.places)
    made = putting.put_in_order(session, actor, ordering_id, put, version=form.version)
    take_any(session, actor, made.project_id)
    say = LEFT_TO_OTHERS if made.said is Ordered.SKIPPED else ""
    return see_other(request, "preferences.compare", say=say, project_id=made.project_id)


@router.post("/orderings/{ordering_id:id}/undo", name="preferences.undo_order")
def undo_order(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    ordering_id: int,
    form: Annotated[UndoForm, Form()],
) -> Response:
    """Take the last order back: the ranking lies before its judge again."""
    same_person(actor, form.user_id)
    made = putting.undo_order(session, actor, ordering_id, seconds=settings.undo_seconds, version=form.version)
    return see_other(request, "preferences.compare", project_id=made.project_id)


def said_in(form: JudgementForm) -> Said:
    """What a form says; by how much something is better counts only where something is."""
    choice = Choice(form.leave or form.choice)
    strength = Strength(form.strength) if form.strength and choice in DECIDED else None
    return Said(choice, strength, [] if choice is Choice.SKIPPED else form.reason)


def undoable(request: Request, session: Session, actor: Actor, project_id: int, seconds: int) -> Undoable | None:
    """What the actor said last, of a pair or a ranking, while it can be taken back."""
    pair = queries.newest_answer(session, actor, project_id, seconds=seconds)
    ranking = queue.newest_ordering(session, actor, project_id, seconds=seconds)
    if ranking and not (pair and (pair[0].answered_at or NEVER) > (ranking[0].answered_at or NEVER)):
        made, left = ranking
        version = made.undone
        asked = session.get_one(ComparisonPrompt, made.ranking.comparison_prompt_id)
        said = SAID[Choice.CANNOT_JUDGE] if made.said is Ordered.CANNOT_JUDGE else "Put in order, of"
        undo = request.url_for("preferences.undo_order", ordering_id=made.id).path
    elif pair:
        compared, left = pair
        version = compared.undone
        asked = queries.asked_in(session, compared.pair_id)
        said = SAID[compared.choice] if compared.choice else ""
        undo = request.url_for("preferences.undo", comparison_id=compared.id).path
    else:
        return None
    return Undoable(undo, f"{said} {quoted(asked.messages)}", left, version)
