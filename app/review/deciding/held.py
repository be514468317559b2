"""Decisions that can be taken back: held for some seconds in which nothing has happened, then carried out.

All who touch a submission take their turn by `lock_work`, so that of an undo and its decision's end one comes first.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, func, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import User
from app.accounts.sign_ins import actor_for
from app.core.audit import record
from app.core.errors import Conflict, DomainError
from app.core.jobs import enqueue
from app.core.leases import give_back, held_by, renew
from app.projects.queries import get_project_for
from app.review.deciding import opinions
from app.review.deciding.making import audit, refuse_held, refuse_recalled, still_waits
from app.review.deciding.wishes import Weighed, Wish, weigh
from app.review.models import HeldDecision, Opinion, Review
from app.review.policy import can_decide
from app.writing.models import Revision, Submission, SubmissionStatus
from app.writing.queries import get_submission_for
from app.writing.service import lock_work

AT_ONCE = 20  # of one's own decisions that a reviewer's next request carries out, should no worker have done so
SWEPT = 500
KEPT = timedelta(days=7)


def decide(session: Session, actor: Actor, submission_id: int, wish: Wish, *, seconds: int) -> Review | Opinion | None:
    """Hold a decision for so many seconds, in which `undo` takes it back; with 0 it is carried out, and is returned.

    The same wish sent twice is held once. Conflict, as in `service.decide`, when somebody was faster.
    """
    weighed = weigh(session, actor, submission_id, wish)
    lock_work(session, submission_id)
    if is_held(session, actor, weighed):
        return None
    refuse_held(session, actor, submission_id)
    refuse_recalled(session, submission_id)
    if seconds == 0:
        return opinions.decide(session, actor, weighed)
    if not still_waits(session, weighed) or opinions.has_given(session, actor, weighed):
        return opinions.decide(session, actor, weighed)
    hold(session, actor, weighed, seconds)
    return None


def is_held(session: Session, actor: Actor, weighed: Weighed) -> bool:
    """Whether this very wish of this very reviewer is held already."""
    wish = weighed.wish
    held = session.get(HeldDecision, weighed.submission.id, populate_existing=True)
    if held is None:
        return False
    said = (held.reviewer_id, held.revision_id, held.decision, held.ratings, held.note, held.missed)
    wanted = (actor.user_id, weighed.seen.id, wish.decision, wish.ratings, wish.note, wish.missed)
    return said == wanted and held.edited_messages == wish.edited


def hold(session: Session, actor: Actor, weighed: Weighed, seconds: int) -> None:
    """Store the decision with the job that carries it out. The reviewer's lease outlasts it, also where no worker comes
    for days: whatever else finds it free would let the decision come to nothing."""
    submission, wish = weighed.submission, weighed.wish
    project = get_project_for(session, actor, submission.project_id)
    settles_at = session.scalars(select(func.clock_timestamp() + timedelta(seconds=seconds))).one()
    held = HeldDecision(
        submission_id=submission.id,
        revision_id=weighed.seen.id,
        reviewer_id=actor.user_id,
        decision=wish.decision,
        ratings=dict(wish.ratings),
        note=wish.note,
        missed=wish.missed,
        edited_messages=wish.edited,
        settles_at=settles_at,
    )
    session.add(held)
    lease = {
        "lease_holder_id": actor.user_id,
        "lease_expires_at": settles_at + KEPT + timedelta(minutes=project.lease_minutes),
    }
    session.execute(update(Submission).where(Submission.id == submission.id).values(lease))
    session.flush()
    enqueue(session, "review.settle", at=settles_at, submission_id=submission.id)
    audit(session, actor, "review.held", submission, revision=weighed.seen.number)


def undo(session: Session, actor: Actor, submission_id: int) -> Wish | None:
    """Take one's held decision back: the submission is on the reviewer's desk again, and what they had there is free.

    What was decided, rated and noted; None where it was taken back before. Conflict where it has been carried out.
    """
    submission = get_submission_for(session, actor, submission_id)
    can_decide(actor, submission).require()
    lock_work(session, submission_id)
    held = session.get(HeldDecision, submission_id, populate_existing=True)
    if held is None or held.reviewer_id != actor.user_id:
        check_on_desk(session, actor, submission_id)
        return None
    if session.scalar(select(Submission.status).where(Submission.id == submission_id)) is SubmissionStatus.WITHDRAWN:
        raise Conflict("review.nothing_to_undo", "Its author has withdrawn this, so your decision was not carried out.")
    wish = wish_of(session, held)
    session.delete(held)
    session.flush()
    project = get_project_for(session, actor, submission.project_id)
    clear_desk(session, actor, project.id, but=submission_id)
    renew(session, Submission, submission_id, holder_id=actor.user_id, minutes=project.lease_minutes)
    audit(session, actor, "review.undone", submission)
    return wish


def check_on_desk(session: Session, actor: Actor, submission_id: int) -> None:
    """Conflict unless the submission is on the reviewer's desk, as it is after an undo that was sent twice."""
    on_desk = select(Submission.id).where(
        Submission.id == submission_id,
        Submission.status == SubmissionStatus.SUBMITTED,
        held_by(Submission, actor.user_id),
    )
    if session.scalar(on_desk) is None:
        raise carried_out()


def carried_out() -> Conflict:
    """What who comes too late with an undo hears."""
    return Conflict("review.too_late_to_undo", "Your decision has been carried out: it can no longer be taken back.")


def clear_desk(session: Session, actor: Actor, project_id: int, *, but: int = 0) -> None:
    """Give back what the reviewer holds in a project, save one submission and what they have decided on."""
    decided = exists().where(HeldDecision.submission_id == Submission.id)
    others = and_(Submission.project_id == project_id, Submission.id != but, held_by(Submission, actor.user_id))
    others = and_(others, Submission.author_id != actor.user_id)  # what they recalled themselves lies on no desk
    freed = update(Submission).where(others, ~decided).values(lease_holder_id=None, lease_expires_at=None)
    session.execute(freed.execution_options(synchronize_session=False))


def settle(session: Session, submission_id: int, *, wait: bool = True) -> bool:
    """Carry out a held decision whose time has come. False where there is none, or with `wait` off others are at it.

    What can no longer be carried out is dropped: the author has withdrawn it, or the reviewer may no longer decide.
    """
    if not lock_work(session, submission_id, wait=wait):
        return False
    due = select(HeldDecision).where(HeldDecision.submission_id == submission_id, is_due())
    held = session.scalar(due.execution_options(populate_existing=True))
    if held is None:
        return False
    session.delete(held)
    session.flush()
    person = session.get_one(User, held.reviewer_id)
    actor = actor_for(session, person)
    try:
        with session.begin_nested():
            opinions.decide(session, actor, weigh(session, actor, submission_id, wish_of(session, held), taken=True))
    except DomainError as why:
        drop(session, actor, submission_id, why)
    return True


def is_due() -> ColumnElement[bool]:
    """Held decisions whose time has come, by the clock of the database, also within a long transaction."""
    return HeldDecision.settles_at <= func.clock_timestamp()


def wish_of(session: Session, held: HeldDecision) -> Wish:
    """What the reviewer wanted."""
    number = session.scalars(select(Revision.number).where(Revision.id == held.revision_id)).one()
    return Wish(held.decision, number, held.ratings, held.note, held.edited_messages, held.missed)


def drop(session: Session, actor: Actor, submission_id: int, why: DomainError) -> None:
    """Let go of a decision that came to nothing, and say so in the audit log."""
    give_back(session, Submission, submission_id, holder_id=actor.user_id)
    project_id = session.scalar(select(Submission.project_id).where(Submission.id == submission_id))
    record(
        session,
        "review.dropped",
        "submission",
        submission_id,
        actor_id=actor.user_id,
        project_id=project_id,
        code=why.code,
    )


def settle_own(session: Session, actor: Actor) -> None:
    """Carry out what this reviewer decided and no worker has come to. What somebody is at right now is theirs."""
    mine = select(HeldDecision.submission_id).where(HeldDecision.reviewer_id == actor.user_id, is_due())
    for submission_id in session.scalars(mine.order_by(HeldDecision.settles_at).limit(AT_ONCE)).all():
        settle(session, submission_id, wait=False)


def list_due(session: Session) -> Sequence[int]:
    """Submissions whose held decision should have been carried out: their jobs were lost, or come late."""
    due = select(HeldDecision.submission_id).where(is_due())
    return session.scalars(due.order_by(HeldDecision.settles_at).limit(SWEPT)).all()
