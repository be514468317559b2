"""A decision is made: one on each revision, on the newest alone. Who comes too late hears what happened."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.errors import Conflict
from app.review.deciding import told
from app.review.deciding.wishes import Weighed
from app.review.models import Decision, HeldDecision, Review
from app.writing.models import Revision, Submission, SubmissionStatus
from app.writing.service import add_edited_revision, is_recalled, record_decision

TOLD = {
    Decision.APPROVED: "response_approved",
    Decision.CHANGES_REQUESTED: "changes_requested",
    Decision.REJECTED: "response_rejected",
}
DID = {
    Decision.APPROVED: "approved this",
    Decision.CHANGES_REQUESTED: "asked for changes",
    Decision.REJECTED: "rejected this",
}


def make_review(
    session: Session, actor: Actor, weighed: Weighed, *, ratings: Mapping[str, Any], note: str, missed: str
) -> Review:
    """Decide for good. Conflict when it is too late; the same again gives what it gave before."""
    submission, seen, wish = weighed.submission, weighed.seen, weighed.wish
    status = SubmissionStatus(wish.decision.value)
    try:
        if wish.edited is not None:
            seen = add_edited_revision(session, seen, messages=wish.edited, by=actor.user_id)
        record_decision(session, submission.id, revision=seen.number, status=status, decided_by=actor.user_id)
    except Conflict:
        return same_again(session, actor, weighed)
    made = Review(
        project_id=submission.project_id,
        submission_id=submission.id,
        revision_id=seen.id,
        reviewer_id=actor.user_id,
        decision=wish.decision,
        ratings=dict(ratings),
        note=note,
        missed=missed,
    )
    session.add(made)
    session.flush()
    audit(session, actor, f"review.{wish.decision.value}", submission, revision=seen.number)
    told.decided(session, actor, submission, TOLD[wish.decision] if wish.edited is None else "response_edited")
    return made


def still_waits(session: Session, weighed: Weighed) -> bool:
    """Whether the revision that was seen is the newest and undecided, now that it is one's turn."""
    now = select(Submission.status, Submission.current_revision).where(Submission.id == weighed.submission.id)
    return session.execute(now).one() == (SubmissionStatus.SUBMITTED, weighed.seen.number)


def refuse_held(session: Session, actor: Actor, submission_id: int) -> None:
    """Conflict while a decision on it can still be taken back. What that decision says is nobody's business yet."""
    holder = session.scalar(select(HeldDecision.reviewer_id).where(HeldDecision.submission_id == submission_id))
    if holder == actor.user_id:
        raise just_decided()
    if holder is not None:
        raise Conflict(
            "review.being_decided", "Somebody else is deciding on this at this moment. Nothing of yours was stored."
        )


def just_decided() -> Conflict:
    """What a reviewer hears whose own decision on it can still be taken back."""
    return Conflict("review.held", "You have just decided on this. Take that back first; nothing new was stored.")


def refuse_recalled(session: Session, submission_id: int) -> None:
    """Conflict while its author is putting right what they handed in. Ask when it is one's turn, before which they may
    begin with it."""
    if is_recalled(session, submission_id):
        raise Conflict("review.recalled", "Its author is putting it right at this time. Nothing of yours was stored.")


def same_again(session: Session, actor: Actor, weighed: Weighed) -> Review:
    """The actor's own decision, sent a second time: the first one's result. Conflict for everything else."""
    seen, wanted = weighed.seen, weighed.wish
    first = decision_on(session, weighed)
    if first is None:
        raise moved_on(session, weighed.submission.id, seen.number)
    said = (first.reviewer_id, first.decision, first.ratings, first.note, first.missed, first.revision.messages)
    text = wanted.edited or seen.messages
    if said == (actor.user_id, wanted.decision, wanted.ratings, wanted.note, wanted.missed, text):
        return first
    who = "You have" if first.reviewer_id == actor.user_id else f"{first.reviewer.name} has"
    raise Conflict(
        "review.already_decided",
        f"{who} already {DID[first.decision]}. Nothing of yours was stored.",
        decision=first.decision.value,
        decided_by=first.reviewer.name,
    )


def decision_on(session: Session, weighed: Weighed) -> Review | None:
    """The decision on the revision that was seen, or on what a reviewer has made of it."""
    seen, author_id = weighed.seen, weighed.submission.author_id
    edited = and_(Revision.number == seen.number + 1, Revision.author_id != author_id)
    made = select(Review).join(Revision, Revision.id == Review.revision_id)
    made = made.where(Revision.submission_id == seen.submission_id, or_(Revision.id == seen.id, edited))
    return session.scalar(made.options(joinedload(Review.reviewer), contains_eager(Review.revision)))


def moved_on(session: Session, submission_id: int, seen: int) -> Conflict:
    """Why a revision that nobody decided on can no longer be decided on."""
    status, newest = session.execute(
        select(Submission.status, Submission.current_revision).where(Submission.id == submission_id)
    ).one()
    if status is SubmissionStatus.WITHDRAWN:
        return Conflict("review.withdrawn", "Its author has withdrawn this. Nothing of yours was stored.")
    return Conflict(
        "review.newer_revision",
        f"You decided on revision {seen}, and its author has handed in revision {newest} since. "
        "Look at that one; nothing of yours was stored.",
        current_revision=newest,
    )


def audit(session: Session, actor: Actor, action: str, submission: Submission, **details: Any) -> None:
    """Who decided what on which submission, in the transaction of the decision; never what was written."""
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
