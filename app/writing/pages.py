"""The browser's door to writing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Form, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, same_person
from app.core.database import DB
from app.core.errors import Conflict, Invalid, Place
from app.core.paging import CursorBook
from app.core.text import is_blank
from app.core.web import pages, render, see_other
from app.projects.models import Category, Project
from app.projects.qualifying import Standing
from app.projects.queries import get_project_for, list_categories
from app.writing import handover_pages, queries, service
from app.writing.cards import DraftCard, SubmissionCard, draft_card, submission_card
from app.writing.models import AssignmentStatus
from app.writing.qualifying import standing
from app.writing.schemas import DraftForm, Id, NextForm, SkipForm
from app.writing.sheet import save_sheet
from app.writing.show import show_page

router = pages()
Drawn = Annotated[DraftForm, Form()]


@dataclass(frozen=True)
class IndexPage:
    """What the actor can write in a project: the next prompt, a pair, their drafts."""

    project: Project
    user_id: int
    categories: Sequence[Category]
    drafts: Sequence[DraftCard]
    handed_in: int | None
    nothing_open: bool
    standing: Standing


@dataclass(frozen=True)
class MySubmissionsPage:
    """What became of the actor's work, in all projects."""

    asked_to_mend: Sequence[SubmissionCard]
    submissions: Sequence[SubmissionCard]
    older: str | None
    is_first: bool


@router.get("/projects/{project_id:id}/write", name="writing.index")
def index(
    request: Request,
    session: DB,
    actor: CurrentActor,
    project_id: int,
    handed_in: Annotated[Id | None, Query()] = None,
    nothing_open: bool = False,
) -> Response:
    """Where a writer begins: the next prompt, a pair, their drafts."""
    project = get_project_for(session, actor, project_id)
    drafts = [draft_card(one) for one in queries.list_drafts(session, actor, project_id=project.id)]
    categories = list_categories(session, project.id)
    now = standing(session, actor, project)
    return render(request, IndexPage(project, actor.user_id, categories, drafts, handed_in, nothing_open, now))


@router.post("/projects/{project_id:id}/write/next", name="writing.next")
def take_next(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[NextForm, Form()]
) -> Response:
    """Take the next prompt and go to it."""
    same_person(actor, form.user_id)
    assignment = service.take_next(session, actor, project_id, category_id=form.category_id)
    if assignment is None:
        return _back(request, project_id, "nothing_open=true")
    return see_other(request, "writing.show", assignment_id=assignment.id)


@router.post("/projects/{project_id:id}/write/pair", name="writing.start_pair")
def start_pair(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[NextForm, Form()]
) -> Response:
    """Begin a pair and go to it."""
    same_person(actor, form.user_id)
    assignment = service.start_pair(session, actor, project_id, category_id=form.category_id)
    return see_other(request, "writing.show", assignment_id=assignment.id)


@router.get("/write/{assignment_id:id}", name="writing.show")
def show(
    request: Request, session: DB, actor: CurrentActor, assignment_id: int, view: Literal["", "preview"] = ""
) -> Response:
    """Write on a prompt or a pair; what is no longer a draft leads on to what it has become."""
    assignment = queries.get_assignment_for(session, actor, assignment_id)
    if assignment.status is AssignmentStatus.SKIPPED:
        return see_other(request, "writing.index", project_id=assignment.project_id)
    submission = queries.submission_of(session, assignment.id)
    if assignment.status is AssignmentStatus.HANDED_IN and submission:
        return see_other(request, "review.submission", submission_id=submission.id)
    return render(request, show_page(session, actor, assignment, preview=view == "preview"))


@router.post("/write/{assignment_id:id}", name="writing.hand_in")
def hand_in(request: Request, session: DB, actor: CurrentActor, assignment_id: int, form: Drawn) -> Response:
    """Hand the sheet in. Where that is refused the page comes back and the text is saved."""
    saved = _save(request, session, actor, assignment_id, form)
    if isinstance(saved, Response):
        return saved
    try:
        with session.begin_nested():
            submission = service.hand_in(session, actor, assignment_id, draft_revision=saved)
    except (Conflict, Invalid) as refused:
        return _refused(request, session, actor, assignment_id, refused)
    if form.another:
        pair = service.start_pair(session, actor, submission.project_id, category_id=submission.category_id)
        return see_other(request, "writing.show", assignment_id=pair.id)
    return _back(request, submission.project_id, f"handed_in={submission.id}")


@router.post("/write/{assignment_id:id}/save", name="writing.save")
def save(request: Request, session: DB, actor: CurrentActor, assignment_id: int, form: Drawn) -> Response:
    """Keep the sheet, without a script or on the way to the preview and back."""
    saved = _save(request, session, actor, assignment_id, form)
    if isinstance(saved, Response):
        return saved
    shown = str(request.app.url_path_for("writing.show", assignment_id=assignment_id))
    return RedirectResponse(f"{shown}?view={form.view}" if form.view else shown, 303)


@router.post("/write/{assignment_id:id}/add-turn", name="writing.add_turn")
def add_turn(request: Request, session: DB, actor: CurrentActor, assignment_id: int, form: Drawn) -> Response:
    """Go on with the conversation by two turns."""
    saved = _save(request, session, actor, assignment_id, form)
    if isinstance(saved, Response):
        return saved
    service.add_turn(session, actor, assignment_id, revision=saved)
    return see_other(request, "writing.show", assignment_id=assignment_id)


@router.post("/write/{assignment_id:id}/drop-turn", name="writing.drop_turn")
def drop_turn(request: Request, session: DB, actor: CurrentActor, assignment_id: int, form: Drawn) -> Response:
    """Take the last two turns away while they are empty."""
    saved = _save(request, session, actor, assignment_id, form)
    if isinstance(saved, Response):
        return saved
    try:
        with session.begin_nested():
            service.drop_turn(session, actor, assignment_id, revision=saved)
    except Conflict as refused:
        return _refused(request, session, actor, assignment_id, refused)
    return see_other(request, "writing.show", assignment_id=assignment_id)


@router.post("/write/{assignment_id:id}/skip", name="writing.skip")
def skip(
    request: Request, session: DB, actor: CurrentActor, assignment_id: int, form: Annotated[SkipForm, Form()]
) -> Response:
    """Give the prompt back to others."""
    same_person(actor, form.user_id)
    if is_blank(form.why):
        raise Invalid("writing.no_reason", "Say why, so that others can mend it.", Place("/reason", "is missing"))
    assignment = queries.get_assignment_for(session, actor, assignment_id)
    service.skip(session, actor, assignment_id, reason=form.why)
    return see_other(request, "writing.index", project_id=assignment.project_id)


@router.get("/my/submissions", name="writing.my_submissions")
def my_submissions(
    request: Request, session: DB, actor: CurrentActor, settings: AppSettings, cursor: str | None = None
) -> Response:
    """What became of one's own work."""
    book = CursorBook(settings.signing_keys, "my_submissions", actor.user_id)
    page = book.page(
        queries.list_own_submissions(session, actor, before=book.read(cursor)), position=lambda one: one.id
    )
    here = str(request.app.url_path_for("writing.my_submissions"))
    return render(
        request,
        MySubmissionsPage(
            asked_to_mend=[submission_card(one) for one in queries.changes_asked_of(session, actor)],
            submissions=[submission_card(one) for one in page.rows],
            older=f"{here}?cursor={page.next_cursor}" if page.next_cursor else None,
            is_first=cursor is None,
        ),
    )


def _save(request: Request, session: Session, actor: Actor, assignment_id: int, form: DraftForm) -> int | Response:
    """The revision of the draft once the form's text is in it, or the page with both texts where it cannot be."""
    same_person(actor, form.user_id)
    try:
        with session.begin_nested():
            saved = save_sheet(session, actor, assignment_id, form)
            if form.prompt is not None:
                service.choose_category(session, actor, assignment_id, form.category_id)
            return saved
    except Conflict as late:
        return _refused(request, session, actor, assignment_id, late, unsaved=form)


def _refused(
    request: Request,
    session: Session,
    actor: Actor,
    assignment_id: int,
    error: Conflict | Invalid,
    unsaved: DraftForm | None = None,
) -> Response:
    """The page again with what was refused and why. It is returned, not raised: what was saved stays saved."""
    assignment = queries.get_assignment_for(session, actor, assignment_id)
    page = show_page(session, actor, assignment, refusal=error, unsaved=unsaved)
    return render(request, page, template="writing/show.html", status=error.status)


def _back(request: Request, project_id: int, query: str) -> RedirectResponse:
    here = request.app.url_path_for("writing.index", project_id=project_id)
    return RedirectResponse(f"{here}?{query}", 303)


router.include_router(handover_pages.router)
