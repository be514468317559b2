"""The browser's door to one sheet: write on it, hand it in, leave it to others, and go on with the next."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import Form, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import CurrentActor, same_person
from app.accounts.notices import read_about
from app.core.database import DB
from app.core.errors import Conflict, Invalid, Refused
from app.core.says import say
from app.core.web import pages, render, see_other
from app.prompts.models import ReportReason
from app.writing import following, queries, service
from app.writing.assignments import one_at_a_time
from app.writing.drafts import left
from app.writing.models import Assignment, AssignmentStatus, SkipKind
from app.writing.schemas import DraftForm, Id, LeaveForm, ReportForm, SkipForm
from app.writing.sheet import require_told, save_sheet
from app.writing.show import Came, ShowPage, show_page
from app.writing.submissions import hand_in_locked, was_handed_in
from app.writing.undoing import undoable
from app.writing.ways import on_to, to_index, to_sheet

router = pages()
Drawn = Annotated[DraftForm, Form()]
Asked = Annotated[Id | None, Query()]


@router.get("/write/{assignment_id:id}", name="writing.show")
def show(
    request: Request,
    session: DB,
    actor: CurrentActor,
    assignment_id: int,
    view: Literal["", "preview"] = "",
    of: Asked = None,
    handed_in: Asked = None,
    skipped: Asked = None,
) -> Response:
    """Write on a prompt or a pair; what is no longer a draft leads on to what it has become.

    `of`: the category whose prompts the writer takes one after another. `handed_in`, `skipped`: what they did before.
    """
    assignment = queries.get_assignment_for(session, actor, assignment_id)
    if assignment.status is AssignmentStatus.SKIPPED:
        response = see_other(request, "writing.index", project_id=assignment.project_id)
        if assignment.lost_its_prompt:
            say(request, response, left(assignment).sentence)
        return response
    submission = queries.submission_of(session, assignment.id)
    if assignment.status is AssignmentStatus.HANDED_IN and submission:
        return see_other(request, "review.submission", submission_id=submission.id)
    if submission:
        read_about(session, actor, "submission", submission.id)
    if assignment.prompt_id:
        read_about(session, actor, "prompt", assignment.prompt_id)
    came = Came(
        of=of,
        handed_in=queries.own_submission(session, actor, handed_in) if handed_in else None,
        skipped=undoable(session, actor, skipped) if skipped else None,
    )
    page = show_page(session, actor, assignment, preview=view == "preview", came=came)
    return _drawn(request, session, actor, assignment, page)


@router.post("/write/{assignment_id:id}", name="writing.hand_in")
def hand_in(request: Request, session: DB, actor: CurrentActor, assignment_id: int, form: Drawn) -> Response:
    """Hand the sheet in and go on with the next. Where that is refused the page comes back and the text is saved."""
    if form.another:
        one_at_a_time(session, actor)  # before the draft is locked: whoever takes the next one locks in this order too
    saved = _save(request, session, actor, assignment_id, form)
    if isinstance(saved, Response):
        return saved
    try:
        with session.begin_nested():
            locked = queries.lock_to_hand_in(session, actor, assignment_id)
            once_more = was_handed_in(locked, saved)
            submission = hand_in_locked(session, actor, locked, draft_revision=saved)
            if not once_more:
                require_told(form)
    except (Conflict, Invalid, Refused) as refused:
        return _refused(request, session, actor, assignment_id, refused, form)
    if not form.another:
        return to_index(request, submission.project_id, handed_in=submission.id)
    if form.prompt is not None:
        next_one = following.next_pair(session, actor, submission.project_id, category_id=submission.category_id)
    else:
        next_one = following.next_prompt(session, actor, submission.project_id, category_id=form.of)
    return on_to(request, submission.project_id, next_one, of=form.of, handed_in=submission.id)


@router.post("/write/{assignment_id:id}/save", name="writing.save")
def save(request: Request, session: DB, actor: CurrentActor, assignment_id: int, form: Drawn) -> Response:
    """Keep the sheet, without a script or on the way to the preview and back."""
    saved = _save(request, session, actor, assignment_id, form)
    if isinstance(saved, Response):
        return saved
    return to_sheet(request, assignment_id, view=form.view, of=form.of)


@router.post("/write/{assignment_id:id}/add-turn", name="writing.add_turn")
def add_turn(request: Request, session: DB, actor: CurrentActor, assignment_id: int, form: Drawn) -> Response:
    """Go on with the conversation by two turns."""
    saved = _save(request, session, actor, assignment_id, form)
    if isinstance(saved, Response):
        return saved
    service.add_turn(session, actor, assignment_id, revision=saved)
    return to_sheet(request, assignment_id, of=form.of)


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
        return _refused(request, session, actor, assignment_id, refused, form)
    return to_sheet(request, assignment_id, of=form.of)


@router.post("/write/{assignment_id:id}/skip", name="writing.skip")
def skip(
    request: Request, session: DB, actor: CurrentActor, assignment_id: int, form: Annotated[SkipForm, Form()]
) -> Response:
    """Give the prompt back to others, and go on with the next."""
    same_person(actor, form.user_id)
    one_at_a_time(session, actor)
    assignment = queries.get_assignment_for(session, actor, assignment_id)
    service.skip(session, actor, assignment_id, reason=form.reason, kind=SkipKind(form.kind))
    if assignment.is_pair:
        return to_index(request, assignment.project_id, skipped=assignment.id)
    taken = following.next_prompt(session, actor, assignment.project_id, category_id=form.of)
    return on_to(request, assignment.project_id, taken, of=form.of, skipped=assignment.id)


@router.post("/write/{assignment_id:id}/undo-skip", name="writing.undo_skip")
def undo_skip(
    request: Request, session: DB, actor: CurrentActor, assignment_id: int, form: Annotated[LeaveForm, Form()]
) -> Response:
    """Take back the prompt that was skipped a moment ago, and go on writing on it."""
    same_person(actor, form.user_id)
    one_at_a_time(session, actor)
    return to_sheet(request, service.undo_skip(session, actor, assignment_id).id, of=form.of)


@router.post("/write/{assignment_id:id}/report", name="writing.report")
def report(
    request: Request, session: DB, actor: CurrentActor, assignment_id: int, form: Annotated[ReportForm, Form()]
) -> Response:
    """Say that the prompt is a bad one, and go on with the next."""
    same_person(actor, form.user_id)
    one_at_a_time(session, actor)
    assignment = queries.get_assignment_for(session, actor, assignment_id)
    service.report(session, actor, assignment_id, reason=ReportReason(form.reason), note=form.note)
    taken = following.next_prompt(session, actor, assignment.project_id, category_id=form.of)
    response = on_to(request, assignment.project_id, taken, of=form.of)
    say(request, response, "Reported. The reviewers see what you said.")
    return response


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
        return _refused(request, session, actor, assignment_id, late, form, unsaved=True)


def _refused(
    request: Request,
    session: Session,
    actor: Actor,
    assignment_id: int,
    error: Conflict | Invalid | Refused,
    form: DraftForm,
    *,
    unsaved: bool = False,
) -> Response:
    """The page again with what was refused and why. It is returned, not raised: what was saved stays saved."""
    assignment = queries.get_assignment_for(session, actor, assignment_id)
    sent = form if unsaved else None
    page = show_page(session, actor, assignment, refusal=error, unsaved=sent, came=Came(of=form.of))
    return _drawn(request, session, actor, assignment, page, status=error.status)


def _drawn(
    request: Request, session: Session, actor: Actor, assignment: Assignment, page: ShowPage, *, status: int = 200
) -> Response:
    """The page with what later rooms know of the draft beside it."""
    beside = request.app.state.beside_draft(session, actor, assignment)
    return render(request, replace(page, beside=beside), template="writing/show.html", status=status)
