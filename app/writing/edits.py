"""What a reviewer does to somebody's work: take their turn at it, and put a few words right."""

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import Session

from app.core.database import built_once, change_one
from app.core.errors import Conflict
from app.core.jobs import enqueue
from app.writing.models import Assignment, Revision, Submission, SubmissionStatus
from app.writing.turns import Messages


def lock_work(session: Session, submission_id: int, *, wait: bool = True) -> bool:
    """Take one's turn at a submission, until the transaction ends: whoever decides, withdraws, mends comes after.

    The assignment is locked, as handing in and deciding do first. False, with `wait` off, where it is somebody's turn.
    """
    return session.scalar(_locked(wait), {"submission": submission_id}) is not None


@built_once
def _locked(wait: bool) -> Select[int]:
    work = select(Assignment.id).join(Submission, Submission.assignment_id == Assignment.id)
    work = work.where(Submission.id == bindparam("submission"))
    return work.with_for_update(of=Assignment, skip_locked=not wait)


def add_edited_revision(session: Session, seen: Revision, *, messages: Messages, by: int) -> Revision:
    """The revision after `seen`, written by a reviewer, to the same prompt and under the same guidelines.

    Conflict where `seen` is no longer the newest, or was decided on. The writer's draft stays as it is.
    """
    newest = update(Submission).where(
        Submission.id == seen.submission_id,
        Submission.status == SubmissionStatus.SUBMITTED,
        Submission.current_revision == seen.number,
    )
    followed = newest.values(current_revision=seen.number + 1)
    late = Conflict("writing.already_decided", "Somebody has already decided on this, or it has changed since.")
    change_one(session, followed, otherwise=late)
    made = Revision(
        submission_id=seen.submission_id,
        number=seen.number + 1,
        author_id=by,
        prompt_messages=seen.prompt_messages,
        messages=messages,
        guidelines_id=seen.guidelines_id,
        draft_revision=seen.draft_revision,
    )
    session.add(made)
    session.flush()
    enqueue(session, "writing.remember", submission_id=seen.submission_id)
    return made
