"""The reviewer's desk in the browser: what comes first, the buttons under it, and taking a decision back.

What lies on the desk is named by its sheet, never by its number: some of it is decided already, unmarked (`gold.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, same_person
from app.accounts.notices import read_about
from app.core.database import DB
from app.core.errors import Conflict, Invalid
from app.core.settings import Settings
from app.core.web import pages, render
from app.projects.consents import require_consent
from app.projects.models import Category, Project
from app.projects.queries import get_project_for, list_categories
from app.review import gold, phrases, queries
from app.review.deciding import order, stuck
from app.review.deciding.quick_decide import quick_undo
from app.review.desk import edit_pages
from app.review.desk.answers import Refusal, open_queue, refusal_of, to_queue, too_late
from app.review.desk.desk import Desk, Undoable, lay_out, undoable
from app.review.desk.look import is_whole
from app.review.desk.pressing import carry_out, pressed_quickly
from app.review.desk.sheets import seal, unseal
from app.review.narrowing import ALL, LONG, Narrowed, Wanted, Way, in_days, narrowed, ways, writers_waiting
from app.review.policy import can_decide, can_edit, is_open_book
from app.review.schemas import DecisionForm, TakeForm, View
from app.writing.models import Submission
from app.writing.queries import get_submission_for

router = pages()
EDIT = "review/edit.html"


class Look(Wanted):
    """Of which part of the queue the reviewer wants to see what, and in which way."""

    view: View | None = None


Looked = Annotated[Look, Query()]


@dataclass(frozen=True)
class IndexPage:
    """The submission that the reviewer holds, or what waits for them to take it.

    Where known decisions are among what waits, nothing is told that would tell them apart: `open_book` is false.
    """

    project: Project
    desk: Desk | None
    sheet: str
    open_book: bool
    waiting: int
    first: Submission | None
    order: str
    part: Narrowed
    ways: Sequence[Sequence[Way]]
    choices: Sequence[tuple[str, str, Sequence[tuple[Any, str]], Any]]
    undoable: Undoable | None
    stuck: str
    refusal: Refusal | None


@dataclass(frozen=True)
class BrokenPage:
    """A submission whose stored text is damaged: it can be left, so that the queue goes on."""

    project: Project
    submission_id: int
    sheet: str
    request_id: str


@router.get("/projects/{project_id:id}/review", name="review.index")
def index(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    project_id: int,
    wanted: Looked,
) -> Response:
    """What the reviewer holds, or what they could take. Looking takes nothing."""
    project = open_queue(session, actor, project_id)
    part = narrowed(session, project, wanted, on_page=True)
    mine = gold.on_desk(session, actor, project_id) or queries.on_desk(session, actor, project_id)
    if mine and not is_whole(mine):
        sheet, request_id = seal(settings.signing_keys, mine.id), request.scope["state"]["request_id"]
        broken = BrokenPage(project, mine.id, sheet, request_id)
        return render(request, broken, template="review/broken.html", status=500)
    desk = lay_out(session, actor, project, mine, wanted.view) if mine and gold.fits(mine, part) else None
    if desk:
        read_about(session, actor, "submission", desk.submission.id)
    return render(request, index_page(session, actor, settings, project, desk, part))


@router.post("/projects/{project_id:id}/review/next", name="review.take")
def take(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[TakeForm, Form()]
) -> Response:
    """Take what comes first."""
    same_person(actor, form.user_id)
    part = narrowed(session, get_project_for(session, actor, project_id), form, on_page=True)
    gold.go_on(session, actor, project_id, part)
    return to_queue(request, project_id, part)


@router.post("/sheets/{sheet}/decision", name="review.decide")
def decide(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    sheet: str,
    form: Annotated[DecisionForm, Form()],
) -> Response:
    """Do what the pressed button says, and go on to the next, which is claimed at once. What is refused keeps what was
    filled in."""
    same_person(actor, form.user_id)
    submission_id = unseal(settings.signing_keys, sheet)
    if project_id := pressed_quickly(session, actor, submission_id, form, settings.undo_seconds):
        return to_queue(request, project_id, ALL)
    submission = get_submission_for(session, actor, submission_id)
    can_decide(actor, submission).require()
    project = open_queue(session, actor, submission.project_id)
    part = narrowed(session, project, form, on_page=True)
    if not form.decision:
        note = form.note
        if form.phrase is not None:
            note = phrases.put_in(note, phrases.phrase_of(session, actor, form.phrase))
        desk = lay_out(
            session, actor, project, submission, form.view, note=note, ratings=form.ratings, missed=form.missed
        )
        page = index_page(session, actor, settings, project, desk, part)
        return render(request, page, template="review/index.html")
    if form.decision == "edit":
        can_edit(project, submission).require()
        try:
            require_consent(session, actor, project)
        except Conflict as error:
            return too_late(request, project, submission, error, form.note)
        return render(request, edit_pages.opened(session, project, submission, form, sheet), template=EDIT)
    try:
        with session.begin_nested():
            said = carry_out(session, actor, submission, form, settings.undo_seconds)
    except Invalid as error:
        desk = lay_out(session, actor, project, submission, note=form.note, ratings=form.ratings, missed=form.missed)
        refusal = refusal_of(request, error, desk.revision.guidelines.rubric)
        page = index_page(session, actor, settings, project, desk, part, refusal=refusal)
        return render(request, page, template="review/index.html", status=error.status)
    except Conflict as error:
        return too_late(request, project, submission, error, form.note)
    gold.go_on(session, actor, project.id, part)
    return to_queue(request, project.id, part, say=said)


@router.post("/sheets/{sheet}/undo", name="review.undo")
def undo(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    sheet: str,
    form: Annotated[TakeForm, Form()],
) -> Response:
    """Take a decision or a skip back: the submission lies on the desk again, with note and ratings as they were filled
    in for a decision."""
    same_person(actor, form.user_id)
    submission_id = unseal(settings.signing_keys, sheet)
    wish = quick_undo(session, actor, submission_id)
    submission = get_submission_for(session, actor, submission_id)
    project = open_queue(session, actor, submission.project_id)
    part = narrowed(session, project, form, on_page=True)
    can_decide(actor, submission).require()
    if wish is None:
        try:
            with session.begin_nested():
                wish = gold.undo(session, actor, submission, seconds=settings.undo_seconds)
        except Conflict as error:
            return too_late(request, project, submission, error)
    if wish is None:
        return to_queue(request, project.id, part)
    if wish.edited is not None:
        page = edit_pages.undone(session, project, submission, wish, part, sheet)
        return render(request, page, template=EDIT)
    desk = lay_out(session, actor, project, submission, note=wish.note, ratings=wish.ratings, missed=wish.missed)
    shown = index_page(session, actor, settings, project, desk, part)
    return render(request, shown, template="review/index.html")


def index_page(
    session: Session,
    actor: Actor,
    settings: Settings,
    project: Project,
    desk: Desk | None,
    part: Narrowed,
    *,
    refusal: Refusal | None = None,
) -> IndexPage:
    """The page of the queue around the desk; without one, with what the reviewer may take."""
    categories = list_categories(session, project.id)
    return IndexPage(
        project=project,
        desk=desk,
        sheet=seal(settings.signing_keys, desk.submission.id) if desk else "",
        open_book=is_open_book(project),
        waiting=queries.count_waiting(session, actor, project.id),
        first=None if desk else order.next_free(session, actor, project, part),
        order=order.in_words(project, part),
        part=part,
        ways=ways(part, categories, desk.writer if is_open_book(project) else "") if desk else [],
        choices=[] if desk else choices_of(session, actor, project, part, categories),
        undoable=undoable(session, actor, settings, project.id),
        stuck="" if desk else stuck.in_words(stuck.stuck(session, actor, project.id)),
        refusal=refusal,
    )


def choices_of(
    session: Session, actor: Actor, project: Project, part: Narrowed, categories: Sequence[Category]
) -> list[tuple[str, str, list[tuple[Any, str]], Any]]:
    """The fields by which the queue is narrowed down: each its name, its label, what can be chosen and what is."""
    of = [("", "All categories"), *((one.id, one.name) for one in categories)]
    fields: list[tuple[str, str, list[tuple[Any, str]], Any]] = []
    if categories:
        fields.append(("category", "Category", of, part.category_id or ""))
    if is_open_book(project):
        people = sorted({*writers_waiting(session, actor, project.id), part.writer} - {""})
        waited = sorted({*LONG, *([part.waited] if part.waited else [])})
        fields.append(("writer", "Writer", [("", "All writers"), *((one, one) for one in people)], part.writer))
        long = [("", "However long they wait"), *((one, f"Waiting for over {in_days(one)}") for one in waited)]
        fields.append(("waited", "Waiting", long, part.waited or ""))
    return fields
