"""Can a writer put right what they have handed in? Until a reviewer has begun with it. Verbs write, never commit.

The submission stays as it is, on its writer's own desk by the lease that reviewers take it by; handing in again makes
its next revision, and handing in unchanged, or a week without it, gives it back to the queue as it was.
"""

from datetime import timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict
from app.core.leases import free, live
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.writing.edits import lock_work
from app.writing.models import Assignment, AssignmentStatus, Submission, SubmissionStatus
from app.writing.policy import can_recall, can_write
from app.writing.queries import get_assignment_for, get_submission_for

AWAY = timedelta(days=7)
LATE = Conflict(
    "writing.under_review",
    "Somebody has begun to review this, or has decided on it. It can be withdrawn, but no longer changed unasked.",
)


def recall(session: Session, actor: Actor, submission_id: int) -> Assignment:
    """Open the draft of a submission that nobody has begun to review; reviewers are not given it meanwhile.

    Twice is once. Conflict where a reviewer has it before them, has given an opinion, or has decided.
    """
    submission = get_submission_for(session, actor, submission_id)
    can_recall(actor, submission).require()
    can_write(actor, get_project_for(session, actor, submission.project_id)).require()
    lock_work(session, submission_id)
    taken = update(Submission).where(Submission.id == submission_id, nobody_judges(), or_(_theirs(), free(Submission)))
    taken = taken.values(lease_holder_id=Submission.author_id, lease_expires_at=func.now() + AWAY)
    change_one(session, taken.execution_options(synchronize_session=False), otherwise=LATE)
    assert submission.assignment_id is not None
    assignment = get_assignment_for(session, actor, submission.assignment_id)
    assignment.status = AssignmentStatus.DRAFTING
    record(
        session, "writing.recalled", "submission", submission_id,
        actor_id=actor.user_id, origin=actor.origin, project_id=submission.project_id,
    )  # fmt: skip
    session.flush()
    return assignment


def may_be_recalled(session: Session, actor: Actor, project: Project, submission: Submission) -> bool:
    """Whether `recall` would do it now."""
    if not (can_recall(actor, submission) and can_write(actor, project)):
        return False
    unread = select(Submission.id).where(
        Submission.id == submission.id, nobody_judges(), or_(_theirs(), free(Submission))
    )
    return session.scalar(unread) is not None


def put_back(session: Session, assignment: Assignment, submission: Submission) -> None:
    """Give what was recalled and not changed back to the queue, where it keeps its place; or to who took it since."""
    this = Submission.id == submission.id
    waiting = select(Submission.id).where(this, Submission.status == SubmissionStatus.SUBMITTED)
    if session.scalar(waiting) is None:
        return
    theirs = update(Submission).where(this, _theirs())
    freed = theirs.values(lease_holder_id=None, lease_expires_at=None)
    session.execute(freed.execution_options(synchronize_session=False))
    assignment.status = AssignmentStatus.HANDED_IN
    session.flush()


def is_recalled(session: Session, submission_id: int) -> bool:
    """Whether its writer is putting it right at this time."""
    still = select(Submission.id).where(Submission.id == submission_id, nobody_judges(), _theirs(), live(Submission))
    return session.scalar(still) is not None


def nobody_judges() -> ColumnElement[bool]:
    """Submissions that wait, and of whose newest revision nobody has said anything yet."""
    return (
        (Submission.status == SubmissionStatus.SUBMITTED)
        & Submission.disputed_at.is_(None)
        & (func.cardinality(Submission.judged_by) == 0)
    )


def _theirs() -> ColumnElement[bool]:
    return Submission.lease_holder_id == Submission.author_id
