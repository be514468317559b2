"""The browser's door to review: the queue, a decision, and how decisions fell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, same_person
from app.core.database import DB
from app.core.errors import Conflict, Invalid
from app.core.paging import CursorBook
from app.core.web import pages, render
from app.projects.models import Category, Project
from app.projects.queries import get_project_for, list_categories
from app.review import edit_pages, held, order, queries, service, submission_pages
from app.review.answers import Refusal, open_queue, refusal_of, to_queue, too_late
from app.review.desk import Desk, Undoable, in_words, lay_out, skipped, undoable
from app.review.look import View, is_whole
from app.review.models import Decision, Review
from app.review.policy import can_decide, can_edit
from app.review.schemas import DecisionForm, Id, TakeForm
from app.review.wishes import Wish
from app.writing.models import Submission
from app.writing.queries import get_submission_for

router = pages()
EDIT = "review/edit.html"


@dataclass(frozen=True)
class IndexPage:
    """The submission that the reviewer holds, or what waits for them to take it."""

    project: Project
    desk: Desk | None
    waiting: int
    first: Submission | None
    order: str
    categories: Sequence[Category]
    category: Category | None
    undoable: Undoable | None
    refusal: Refusal | None


@dataclass(frozen=True)
class BrokenPage:
    """A submission whose stored text is damaged: it can be left, so that the queue goes on."""

    project: Project
    submission_id: int
    request_id: str


@dataclass(frozen=True)
class HistoryPage:
    """The decisions of a project, newest first; `shares` counts the last 100."""

    project: Project
    reviews: Sequence[Review]
    title: str
    shares: Mapping[Decision, int]
    decision: Decision | None
    older: str | None


@router.get("/projects/{project_id:id}/review", name="review.index")
def index(
    request: Request,
    session: DB,
    actor: CurrentActor,
    project_id: int,
    view: View | None = None,
    category: Annotated[Id | None, Query()] = None,
) -> Response:
    """What the reviewer holds, or what they could take. Looking takes nothing."""
    project = open_queue(session, actor, project_id)
    mine = queries.on_desk(session, actor, project_id)
    if mine and not is_whole(mine):
        request_id = request.scope["state"]["request_id"]
        return render(request, BrokenPage(project, mine.id, request_id), template="review/broken.html", status=500)
    fits = mine is not None and category in (None, mine.category_id)
    desk = lay_out(session, actor, project, mine, view) if mine and fits else None
    return render(request, index_page(session, actor, project, desk, category))


@router.post("/projects/{project_id:id}/review/next", name="review.take")
def take(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[TakeForm, Form()]
) -> Response:
    """Take what comes first."""
    same_person(actor, form.user_id)
    service.take_next(session, actor, project_id, category_id=form.category)
    held.settle_own(session, actor)
    return to_queue(request, project_id, form.category)


@router.post("/submissions/{submission_id:id}/decision", name="review.decide")
def decide(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    submission_id: int,
    form: Annotated[DecisionForm, Form()],
) -> Response:
    """Do what the pressed button says, and go on to the next, which is claimed at once. What is refused keeps what was
    filled in."""
    same_person(actor, form.user_id)
    submission = get_submission_for(session, actor, submission_id)
    can_decide(actor, submission).require()
    project = get_project_for(session, actor, submission.project_id)
    if form.decision == "edit":
        can_edit(project, submission).require()
        return render(request, edit_pages.opened(session, project, submission, form), template=EDIT)
    try:
        with session.begin_nested():
            said = carry_out(session, actor, submission, form, settings.undo_seconds)
    except Invalid as error:
        desk = lay_out(session, actor, project, submission, note=form.note, ratings=form.ratings)
        page = index_page(session, actor, project, desk, form.category, refusal=refusal_of(request, error))
        return render(request, page, template="review/index.html", status=error.status)
    except Conflict as error:
        return too_late(request, project, submission, error, form.note)
    service.take_next(session, actor, project.id, category_id=form.category)
    held.settle_own(session, actor)
    return to_queue(request, project.id, form.category, say=said)


@router.post("/submissions/{submission_id:id}/undo", name="review.undo")
def undo(
    request: Request, session: DB, actor: CurrentActor, submission_id: int, form: Annotated[TakeForm, Form()]
) -> Response:
    """Take a decision back: the submission lies on the desk again, with note and ratings as they were filled in."""
    same_person(actor, form.user_id)
    submission = get_submission_for(session, actor, submission_id)
    project = open_queue(session, actor, submission.project_id)
    try:
        with session.begin_nested():
            taken_back = held.undo(session, actor, submission_id)
    except Conflict as error:
        return too_late(request, project, submission, error)
    if taken_back is None:
        return to_queue(request, project.id, form.category)
    if taken_back.edited_messages is not None:
        return render(
            request, edit_pages.undone(session, project, submission, taken_back, form.category), template=EDIT
        )
    desk = lay_out(session, actor, project, submission, note=taken_back.note, ratings=taken_back.ratings)
    return render(request, index_page(session, actor, project, desk, form.category), template="review/index.html")


@router.get("/projects/{project_id:id}/review/history", name="review.history")
def history(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    project_id: int,
    decision: Decision | None = None,
    cursor: str | None = None,
) -> Response:
    """The decisions of a project, newest first."""
    project = open_queue(session, actor, project_id)
    book = CursorBook(settings.signing_keys, "review.history", actor.user_id, [project_id, decision])
    rows = queries.list_reviews(session, actor, project_id, before=book.read(cursor), decision=decision)
    page = book.page(rows, position=lambda review: review.id)
    shares = queries.latest_shares(session, actor, project_id)
    filters = {"decision": decision.value} if decision else {}
    older = "?" + urlencode({"cursor": page.next_cursor, **filters}) if page.next_cursor else None
    return render(request, HistoryPage(project, page.rows, history_title(shares), shares, decision, older))


def history_title(shares: Mapping[Decision, int]) -> str:
    """The finding of the last decisions; nothing where there are none."""
    looked_at, approved = sum(shares.values()), shares.get(Decision.APPROVED, 0)
    if looked_at == 1:
        return "One decision so far."
    return f"{approved} of the last {looked_at} decisions approved." if looked_at else ""


def carry_out(session: Session, actor: Actor, submission: Submission, form: DecisionForm, seconds: int) -> str:
    """Do what the pressed button says; what the next page says about it, unless it offers to take it back."""
    if form.decision == "skipped":
        service.skip(session, actor, submission.id)
        return skipped(submission)
    wish = Wish(Decision(form.decision), form.revision, form.ratings, form.note)
    made = held.decide(session, actor, submission.id, wish, seconds=seconds)
    return in_words(made, submission.revisions[-1]) if made else ""


def index_page(
    session: Session,
    actor: Actor,
    project: Project,
    desk: Desk | None,
    category_id: int | None,
    *,
    refusal: Refusal | None = None,
) -> IndexPage:
    """The page of the queue around the desk; without one, with what the reviewer may take."""
    categories = list_categories(session, project.id)
    category = next((one for one in categories if one.id == category_id), None)
    return IndexPage(
        project=project,
        desk=desk,
        waiting=queries.count_waiting(session, actor, project.id),
        first=None if desk else order.next_free(session, actor, project, category_id),
        order=order.in_words(project, category),
        categories=categories,
        category=category,
        undoable=undoable(session, actor, project.id),
        refusal=refusal,
    )


router.include_router(edit_pages.router)
router.include_router(submission_pages.router)
