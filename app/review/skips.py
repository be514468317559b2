"""Can a reviewer have back what they left to others a moment ago? While nobody else took it."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.database import change_one
from app.core.errors import Conflict
from app.core.leases import free, held_by
from app.core.passing import without_person
from app.projects.queries import get_project_for
from app.review.deciding.held import clear_desk
from app.review.deciding.making import audit
from app.review.models import Decision, HeldDecision, ReviewSkip
from app.review.policy import can_decide
from app.writing.models import Revision, Submission, SubmissionStatus
from app.writing.queries import get_submission_for
from app.writing.service import lock_work

OFFERED = text(f"UPDATE submissions SET never_for = {without_person('never_for', 'person')} WHERE id = :submission")  # noqa: S608


def newest() -> Select[datetime, Decision | None, int, list[dict[str, Any]], int]:
    """What a `person` left to others last and can have back for so many `seconds`: as `queries.newest_held`."""
    time = func.make_interval(0, 0, 0, 0, 0, 0, bindparam("seconds"))
    begun = func.clock_timestamp() - time
    left = func.ceil(func.extract("epoch", ReviewSkip.created_at - begun))
    mine = select(
        (ReviewSkip.created_at + time).label("until"),
        cast(null(), Text).label("decision"),
        ReviewSkip.submission_id,
        Revision.prompt_messages,
        cast(left, BigInteger).label("seconds"),
    )
    mine = mine.join(Submission, Submission.id == ReviewSkip.submission_id)
    newest_of_it = and_(Revision.submission_id == Submission.id, Revision.number == Submission.current_revision)
    mine = mine.join(Revision, newest_of_it).where(
        ReviewSkip.reviewer_id == bindparam("person"),
        ReviewSkip.created_at > begun,
        Submission.project_id == bindparam("project"),
        Submission.status == SubmissionStatus.SUBMITTED,
        free(Submission),
    )
    return mine.order_by(ReviewSkip.created_at.desc()).limit(1)


def was_left(session: Session, actor: Actor, submission_id: int) -> bool:
    """Whether the actor has left it to others, and not decided on it since."""
    skipped = exists().where(ReviewSkip.submission_id == submission_id, ReviewSkip.reviewer_id == actor.user_id)
    decided = exists().where(HeldDecision.submission_id == submission_id, HeldDecision.reviewer_id == actor.user_id)
    return bool(session.scalar(select(and_(skipped, ~decided))))


def undo(session: Session, actor: Actor, submission_id: int, *, seconds: int) -> None:
    """Lay it on the actor's desk again, and give back what they took instead.

    Conflict where the time is over, somebody else has taken it, or it waits no more.
    """
    submission = get_submission_for(session, actor, submission_id)
    lock_work(session, submission_id)
    age = func.extract("epoch", func.clock_timestamp() - ReviewSkip.created_at)
    mine = select(age).where(ReviewSkip.submission_id == submission_id, ReviewSkip.reviewer_id == actor.user_id)
    passed = session.scalar(mine)
    if passed is None or passed >= seconds:
        raise too_late()
    project = get_project_for(session, actor, submission.project_id)
    again = update(Submission).where(
        Submission.id == submission_id,
        Submission.status == SubmissionStatus.SUBMITTED,
        or_(free(Submission), held_by(Submission, actor.user_id)),
    )
    expires = func.now() + func.make_interval(0, 0, 0, 0, 0, project.lease_minutes)
    taken = Conflict("review.taken_meanwhile", "Somebody else has taken this meanwhile, or it waits no more.")
    change_one(session, again.values(lease_holder_id=actor.user_id, lease_expires_at=expires), otherwise=taken)
    take_back(session, actor, submission_id)
    clear_desk(session, actor, project.id, but=submission_id)


def too_late() -> Conflict:
    """What who comes too late to have it back hears."""
    return Conflict("review.skip_stays", "The time to take the skip back is over: this waits for other reviewers.")


def take_back(session: Session, actor: Actor, submission_id: int) -> None:
    """Be offered again what one has left to others, however long ago. Twice is once."""
    submission = get_submission_for(session, actor, submission_id)
    can_decide(actor, submission).require()
    lock_work(session, submission_id)
    mine = delete(ReviewSkip).where(ReviewSkip.submission_id == submission_id, ReviewSkip.reviewer_id == actor.user_id)
    if session.scalar(mine.returning(ReviewSkip.submission_id)) is None:
        return
    session.execute(OFFERED, {"submission": submission_id, "person": actor.user_id})
    audit(session, actor, "review.skip_undone", submission)
