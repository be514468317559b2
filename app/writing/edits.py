"""What a reviewer does to somebody's work: take their turn at it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.writing.models import Assignment, Submission


def lock_work(session: Session, submission_id: int, *, wait: bool = True) -> bool:
    """Take one's turn at a submission, until the transaction ends: whoever decides, withdraws, mends comes after.

    The assignment is locked, as handing in and deciding do first. False, with `wait` off, where it is somebody's turn.
    """
    work = select(Assignment.id).join(Submission, Submission.assignment_id == Assignment.id)
    locked = work.where(Submission.id == submission_id).with_for_update(of=Assignment, skip_locked=not wait)
    return session.scalar(locked) is not None
