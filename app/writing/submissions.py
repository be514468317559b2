"""Handing in, taking back, and what a decision does to the work it is about. Verbs write, never commit."""

from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.database import built_once, change_one
from app.core.errors import Conflict
from app.core.jobs import enqueue
from app.projects.consents import require_accepted, require_consent
from app.projects.models import Project
from app.projects.service import count_approved
from app.prompts import slots
from app.prompts.messages import check_messages
from app.prompts.service import propose_pair
from app.writing import entering
from app.writing.assignments import begin_pair, hold_slot, one_at_a_time
from app.writing.drafts import check_open, draft_changed, save_draft
from app.writing.hints import draft_of, require_no_blocking
from app.writing.models import Assignment, AssignmentStatus, Submission, SubmissionStatus
from app.writing.policy import can_withdraw, can_write
from app.writing.qualifying import qualify_if_enough, require_place
from app.writing.queries import Locked, get_submission_for, lock_to_hand_in, submission_of
from app.writing.recalling import put_back
from app.writing.turns import Messages, check_answer, check_question

UNDECIDED = (SubmissionStatus.SUBMITTED, SubmissionStatus.CHANGES_REQUESTED)
WITHDRAWABLE = (*UNDECIDED, SubmissionStatus.APPROVED)
LATE = "Somebody has already decided on this, or it has changed since."


def hand_in(session: Session, actor: Actor, assignment_id: int, *, draft_revision: int) -> Submission:
    """Hand in the draft as it stands at `draft_revision`: a new submission, or the next revision of one to be mended.

    It comes with its revisions. The same draft revision handed in twice gives the same submission. Conflict where the
    draft has moved on, or where others have filled every slot of the prompt meanwhile; the draft stays.
    """
    return hand_in_locked(session, actor, lock_to_hand_in(session, actor, assignment_id), draft_revision=draft_revision)


def hand_in_locked(session: Session, actor: Actor, locked: Locked, *, draft_revision: int) -> Submission:
    """The same for whoever has called `lock_to_hand_in`: while they hold it, nothing of it is read again."""
    assignment, submission = locked.assignment, locked.submission
    draft = assignment.draft
    if draft.revision != draft_revision:
        raise draft_changed(assignment)
    if submission and was_handed_in(locked, draft_revision):
        if assignment.status is AssignmentStatus.DRAFTING:
            put_back(session, assignment, submission)
        return submission
    check_open(assignment)
    project = assignment.project
    can_write(actor, project).require()
    require_accepted(session, actor, project)  # whether anything is being withdrawn, its rows' statement sees
    check_answer(draft.messages, least=project.min_characters, most=project.max_characters)
    if assignment.is_pair:
        check_question(draft.prompt_messages)
    require_no_blocking(session, actor, draft_of(project, assignment, submission))
    late = Conflict("writing.already_decided", LATE)
    if submission is None:
        require_place(session, actor, project, begins=False)
        submission = _enter(session, actor, assignment, project, late=late)
    else:
        mended = entering.enter_again(session, actor, assignment, submission)
        if mended is None:
            require_consent(session, actor, project)
            raise late
        submission = mended
    return submission


def was_handed_in(locked: Locked, draft_revision: int) -> bool:
    """Whether it was handed in as it stands, and is sent once more."""
    submission = locked.submission
    return submission is not None and submission.revisions[-1].draft_revision == draft_revision


def write_pair(
    session: Session,
    actor: Actor,
    project_id: int,
    *,
    prompt_messages: Messages,
    messages: Messages,
    category_id: int | None = None,
) -> Submission:
    """Hand in a prompt and the response to it at once, without a draft that was there before."""
    check_messages(prompt_messages, at="/prompt_messages")
    one_at_a_time(session, actor)
    assignment = begin_pair(session, actor, project_id, category_id=category_id)
    draft = save_draft(session, actor, assignment.id, prompt_messages=prompt_messages, messages=messages, revision=0)
    return hand_in(session, actor, assignment.id, draft_revision=draft.revision)


def withdraw(session: Session, actor: Actor, submission_id: int) -> Submission:
    """Take back what the actor handed in and nobody has rejected; its place opens to others.

    What was approved leaves every later version. Versions that hold it stay as they are, and say which rows to drop.
    """
    submission = get_submission_for(session, actor, submission_id)
    can_withdraw(actor, submission).require()
    if submission.assignment_id is None:
        return _take_out(session, actor, submission)
    return take_back(session, actor, submission, "writing.withdrawn")


def take_back(session: Session, actor: Actor, submission: Submission, action: str) -> Submission:
    """The same for whoever may: the place opens, and the act is entered under this name."""
    assignment = _lock(session, submission.id)
    was = submission.status
    taken_back = update(Submission).where(Submission.id == submission.id, Submission.status == was)
    if was not in WITHDRAWABLE:
        raise Conflict("writing.already_decided", "This can no longer be withdrawn: somebody has decided on it.")
    taken_back = taken_back.values(status=SubmissionStatus.WITHDRAWN, lease_holder_id=None, lease_expires_at=None)
    change_one(session, taken_back, otherwise=Conflict("writing.already_decided", LATE))
    assignment.status = AssignmentStatus.HANDED_IN
    if was is SubmissionStatus.APPROVED and submission.category_id is not None:
        count_approved(session, submission.category_id, more=-1)
    if was is not SubmissionStatus.APPROVED or not assignment.is_pair:
        _open_place(session, assignment, submission, by=actor.user_id)
    _note(session, action, submission, actor)
    enqueue(session, "writing.remember", submission_id=submission.id)
    session.flush()
    return submission


def _take_out(session: Session, actor: Actor, submission: Submission) -> Submission:
    """What was imported has no writer and no place: it leaves every later version, and does not come in again."""
    there = update(Submission).where(Submission.id == submission.id, Submission.status == SubmissionStatus.APPROVED)
    gone = Conflict("writing.already_decided", "Somebody has taken this out already.")
    change_one(session, there.values(status=SubmissionStatus.WITHDRAWN), otherwise=gone)
    _note(session, "writing.withdrawn", submission, actor)
    enqueue(session, "writing.remember", submission_id=submission.id)
    return submission


def record_decision(
    session: Session, submission_id: int, *, revision: int, status: SubmissionStatus, decided_by: int
) -> None:
    """Carry out a review's decision on revision `revision`. Conflict where it is not the newest, or was decided.

    Approved: the prompt counts one response more. Changes requested: the draft opens again. Rejected: the place in
    the prompt opens to others. Only the room `review` calls this, and audits it.
    """
    assignment = _lock(session, submission_id)
    newest = update(Submission).where(
        Submission.id == submission_id,
        Submission.status == SubmissionStatus.SUBMITTED,
        Submission.current_revision == revision,
    )
    decided = newest.values(status=status, decided_at=func.now(), lease_holder_id=None, lease_expires_at=None)
    change_one(session, decided, otherwise=Conflict("writing.already_decided", LATE))
    submission = submission_of(session, assignment.id)
    assert submission is not None
    if status is not SubmissionStatus.CHANGES_REQUESTED:
        assignment.status = AssignmentStatus.HANDED_IN  # also where its writer recalled it and forgot it
    if status is SubmissionStatus.APPROVED:
        _keep_place(session, assignment, submission, by=decided_by)
        if submission.category_id is not None:
            count_approved(session, submission.category_id)
        qualify_if_enough(session, submission)
    elif status is SubmissionStatus.REJECTED:
        _open_place(session, assignment, submission, by=decided_by)
        enqueue(session, "writing.remember", submission_id=submission.id)
    else:
        assignment.status = AssignmentStatus.DRAFTING
    session.flush()


def _enter(session: Session, actor: Actor, assignment: Assignment, project: Project, *, late: Conflict) -> Submission:
    """Take the place of a response in the prompt, another than the one that was lost; a pair brings its own prompt."""
    if assignment.is_pair:
        made = propose_pair(
            session,
            actor,
            project.id,
            messages=assignment.draft.prompt_messages,
            category_id=assignment.category_id,
        )
        assignment.prompt_id = made.id
        session.flush()
    entered = entering.enter(session, actor, assignment)
    if entered is None:
        require_consent(session, actor, project)
        if not assignment.is_pair and not hold_slot(session, actor, assignment, project):
            sentence = "Others have handed in every response that is wanted for this prompt. Your draft is kept."
            raise Conflict("writing.no_slot", sentence)
        entered = entering.enter(session, actor, assignment)
    if entered is None:  # the slot is held: while we waited for the lock, it was handed in and came back to be mended
        raise late
    return entered


def _lock(session: Session, submission_id: int) -> Assignment:
    """Lock the assignment before its submission, as handing in does: whoever decides, withdraws, mends takes turns."""
    return session.scalars(_locked(), {"submission": submission_id}).one()


@built_once
def _locked() -> Select[Assignment]:
    of_it = select(Assignment).join(Submission, Submission.assignment_id == Assignment.id)
    locked = of_it.where(Submission.id == bindparam("submission")).with_for_update(of=Assignment)
    return locked.execution_options(populate_existing=True)


def _keep_place(session: Session, assignment: Assignment, submission: Submission, *, by: int) -> None:
    if assignment.is_pair:
        asked = submission.revisions[-1].prompt_messages
        slots.settle_pair(session, submission.prompt_id, approved=True, by=by, messages=asked)
    else:
        slots.complete_if_answered(session, submission.prompt_id)


def _open_place(session: Session, assignment: Assignment, submission: Submission, *, by: int) -> None:
    if assignment.is_pair:
        asked = submission.revisions[-1].prompt_messages
        slots.settle_pair(session, submission.prompt_id, approved=False, by=by, messages=asked)
    elif assignment.slot_id is not None:
        slots.reopen(session, assignment.slot_id)


def _note(session: Session, action: str, submission: Submission, actor: Actor, **details: int) -> None:
    record(
        session,
        action,
        "submission",
        submission.id,
        actor_id=actor.user_id,
        origin=actor.origin,
        project_id=submission.project_id,
        **details,
    )
