"""The JSON door of writing."""

from typing import Annotated, Any

from fastapi import Body, Depends, Query
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, same_person, with_scope
from app.core.database import DB
from app.core.errors import Conflict
from app.core.lines import page_of_lines
from app.core.paging import CursorBook
from app.core.text import Text, WholeNumber
from app.core.web import api, json_answer
from app.projects.queries import get_project_for
from app.prompts.models import ReportReason
from app.prompts.schemas import ReportIn
from app.writing import queries, service
from app.writing.assignments import one_at_a_time
from app.writing.following import next_prompt
from app.writing.handover import hand_over, work_of
from app.writing.holding import hold_of
from app.writing.listing import list_lines
from app.writing.models import SkipKind, SubmissionStatus
from app.writing.qualifying import standing
from app.writing.quick_save import quick_save
from app.writing.schemas import (
    AssignmentOut,
    AssignmentsOut,
    DraftIn,
    DraftOut,
    HandedInOut,
    HandedOverOut,
    HandInIn,
    HandOverIn,
    Id,
    NextIn,
    PairIn,
    SavedOut,
    SkipIn,
    StandingOut,
    StatusWord,
    SubmissionOut,
    SubmissionsOut,
    WithdrawForIn,
    WorkOut,
)
from app.writing.submissions import hand_in_locked
from app.writing.turns import asking

router = api("writing")
Reader = Annotated[Actor, Depends(with_scope("submissions:read"), scope="function")]


@router.post(
    "/projects/{project_id:id}/assignments",
    name="api.writing.next",
    response_model=AssignmentOut,
    status_code=201,
)
def take_next(
    session: DB,
    actor: CurrentActor,
    project_id: int,
    given: Annotated[NextIn | None, Body()] = None,
) -> Response:
    """Take the next open prompt. Conflict `writing.nothing_open` when there is none for you."""
    wish = given or NextIn()
    assignment = service.take_next(session, actor, project_id, category_id=wish.category_id)
    if assignment is None:
        raise Conflict("writing.nothing_open", "Nothing is open for you here just now.")
    return json_answer(AssignmentOut.of(assignment).model_dump_json(), 201)


@router.get("/projects/{project_id:id}/standing", name="api.writing.standing", response_model=StandingOut)
def your_standing(session: DB, actor: CurrentActor, project_id: int) -> StandingOut:
    """Whether the queue is open to you, or how many of your first responses are approved."""
    return StandingOut.model_validate(standing(session, actor, get_project_for(session, actor, project_id)))


@router.get(
    "/projects/{project_id:id}/members/{user_id:id}/work", name="api.writing.member_work", response_model=WorkOut
)
def member_work(session: DB, actor: CurrentActor, project_id: int, user_id: int) -> WorkOut:
    """What a member has in hand, for administrators of the project: what is asked, never what is drafted."""
    return WorkOut.model_validate(work_of(session, actor, project_id, user_id))


@router.post("/assignments/{assignment_id:id}/hand-over", name="api.writing.hand_over", response_model=HandedOverOut)
def give(session: DB, actor: CurrentActor, assignment_id: int, given: HandOverIn) -> HandedOverOut:
    """Give the prompt of somebody's draft to another member; the draft stays with its writer."""
    return HandedOverOut.model_validate(hand_over(session, actor, assignment_id, to=given.to))


@router.get("/assignments", name="api.writing.index")
def your_drafts(
    session: DB, actor: CurrentActor, project_id: Annotated[WholeNumber | None, Query(ge=1, lt=2**62)] = None
) -> AssignmentsOut:
    """Your open drafts, the one saved last first, at most a hundred; with `project_id`, those of one project."""
    if project_id is not None:
        get_project_for(session, actor, project_id)
    found = queries.list_drafts(session, actor, project_id=project_id)
    return AssignmentsOut(assignments=[AssignmentOut.of(one) for one in found])


@router.get("/assignments/{assignment_id:id}/draft", name="api.writing.draft", response_model=DraftOut)
def draft(session: DB, actor: CurrentActor, assignment_id: int) -> DraftOut:
    """Your own draft as it is stored."""
    return DraftOut.of(queries.get_assignment_for(session, actor, assignment_id))


@router.put("/assignments/{assignment_id:id}/draft", name="api.writing.save_draft", response_model=SavedOut)
def save_draft(session: DB, actor: CurrentActor, assignment_id: int, given: DraftIn) -> Response:
    """Save over the revision that you last saw. Conflict `writing.draft_changed` holds the newer one in `current`.

    `compared` then tells part by part what differs: pieces of what was sent (`here`) and of what is stored (`there`).
    """
    if given.user_id is not None:
        same_person(actor, given.user_id)
    messages = [turn.model_dump() for turn in given.messages]
    what: dict[str, Any] = {"messages": messages, "revision": given.revision, "caret": given.caret}
    plain = given.prompt is None and given.typed is None and "category_id" not in given.model_fields_set
    if plain and (saved := quick_save(session, actor, assignment_id, **what)):
        return json_answer(SavedOut.model_validate(saved).model_dump_json())
    asked = None
    if given.prompt is not None:
        draft = queries.get_assignment_for(session, actor, assignment_id).draft
        asked = asking(draft.prompt_messages, given.prompt, given.system)
    typed = given.typed.model_dump() if given.typed else None
    draft = service.save_draft(session, actor, assignment_id, prompt_messages=asked, typed=typed, **what)
    if "category_id" in given.model_fields_set:
        service.choose_category(session, actor, assignment_id, given.category_id)
    hold = hold_of(session, actor, assignment_id)
    now = SavedOut(
        revision=draft.revision, saved_at=draft.saved_at, held=hold.held, lease_expires_at=hold.lease_expires_at
    )
    return json_answer(now.model_dump_json())


@router.post(
    "/assignments/{assignment_id:id}/hand-in",
    name="api.writing.hand_in",
    response_model=HandedInOut,
    status_code=201,
)
def hand_in(session: DB, actor: CurrentActor, assignment_id: int, given: HandInIn) -> Response:
    """Hand the draft in. The same draft revision handed in twice is one revision of one submission."""
    if given.next:
        one_at_a_time(session, actor)
    locked = queries.lock_to_hand_in(session, actor, assignment_id)
    out = HandedInOut.of(hand_in_locked(session, actor, locked, draft_revision=given.draft_revision))
    if given.next:
        project_id, begun = locked.assignment.project_id, locked.begun_in_vain
        taken = next_prompt(session, actor, project_id, category_id=given.category_id, begun=begun)
        out.next = AssignmentOut.of(taken) if taken else None
    return json_answer(out.model_dump_json(), 201)


@router.post("/assignments/{assignment_id:id}/skip", name="api.writing.skip", status_code=204)
def skip(session: DB, actor: CurrentActor, assignment_id: int, given: SkipIn) -> None:
    """Give the prompt back to others, and say why."""
    service.skip(session, actor, assignment_id, reason=given.reason, kind=SkipKind(given.kind))


@router.post("/assignments/{assignment_id:id}/undo-skip", name="api.writing.undo_skip", response_model=AssignmentOut)
def undo_skip(session: DB, actor: CurrentActor, assignment_id: int) -> AssignmentOut:
    """Take back the prompt that was skipped a moment ago."""
    one_at_a_time(session, actor)
    taken = service.undo_skip(session, actor, assignment_id)
    return AssignmentOut.of(queries.get_assignment_for(session, actor, taken.id))


@router.post("/assignments/{assignment_id:id}/report", name="api.writing.report", status_code=204)
def report(session: DB, actor: CurrentActor, assignment_id: int, given: ReportIn) -> None:
    """Say that the prompt is a bad one, and give it back. The third open report takes it off the offer."""
    service.report(session, actor, assignment_id, reason=ReportReason(given.reason), note=given.note)


@router.post(
    "/projects/{project_id:id}/pairs", name="api.writing.write_pair", response_model=SubmissionOut, status_code=201
)
def write_pair(session: DB, actor: CurrentActor, project_id: int, given: PairIn) -> SubmissionOut:
    """Hand in a prompt and the response to it in one request; one review decides on both."""
    handed_in = service.write_pair(
        session,
        actor,
        project_id,
        prompt_messages=[turn.model_dump() for turn in given.prompt_messages],
        messages=[turn.model_dump() for turn in given.messages],
        category_id=given.category_id,
    )
    return SubmissionOut.of(queries.get_submission_for(session, actor, handed_in.id))


@router.get("/submissions", name="api.writing.submissions", response_model=SubmissionsOut)
def submissions(
    session: DB,
    actor: Reader,
    settings: AppSettings,
    project_id: Id | None = None,
    status: StatusWord | None = None,
    writer: Annotated[Text, Query(max_length=100)] = "",
    cursor: str | None = None,
) -> Response:
    """What you handed in, and all of the projects in which you review; newest first. `writer` is a pseudonym."""
    book = CursorBook(settings.signing_keys, "submissions", actor.user_id, [project_id, status, writer])
    only = SubmissionStatus(status) if status else None
    before = book.read(cursor)
    lines = list_lines(session, actor, project_id=project_id, status=only, writer=writer, before=before)
    return page_of_lines("submissions", book.page(lines, position=lambda one: one.id))


@router.get("/submissions/{submission_id:id}", name="api.writing.submission", response_model=SubmissionOut)
def submission(session: DB, actor: Reader, submission_id: int) -> SubmissionOut:
    """One submission with every revision."""
    return SubmissionOut.of(queries.get_submission_for(session, actor, submission_id))


@router.post("/submissions/{submission_id:id}/withdraw", name="api.writing.withdraw", response_model=SubmissionOut)
def withdraw(session: DB, actor: CurrentActor, submission_id: int) -> SubmissionOut:
    """Take back what you handed in and nobody has rejected."""
    service.withdraw(session, actor, submission_id)
    return SubmissionOut.of(queries.get_submission_for(session, actor, submission_id))


@router.post(
    "/submissions/{submission_id:id}/withdraw-for", name="api.writing.withdraw_for", response_model=SubmissionOut
)
def withdraw_for(session: DB, actor: CurrentActor, submission_id: int, given: WithdrawForIn) -> SubmissionOut:
    """Withdraw what a member handed in, as an administrator of the project; they are told, with the reason."""
    service.withdraw_for(session, actor, submission_id, reason=given.reason)
    return SubmissionOut.of(queries.get_submission_for(session, actor, submission_id))
