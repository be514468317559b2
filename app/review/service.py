"""What can be done with what waits for a decision: take, approve, ask for changes, reject, leave to others."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.errors import Conflict
from app.core.leases import claim, give_back, renew
from app.projects.queries import get_project_for
from app.review.models import Decision, HeldDecision, Review, ReviewSkip
from app.review.order import choices
from app.review.policy import can_decide, can_review
from app.review.queries import on_desk
from app.review.wishes import Weighed, Wish, weigh
from app.writing.models import Revision, Submission, SubmissionStatus
from app.writing.queries import get_submission_for
from app.writing.service import add_edited_revision, lock_work, record_decision

DID = {
    Decision.APPROVED: "approved this",
    Decision.CHANGES_REQUESTED: "asked for changes",
    Decision.REJECTED: "rejected this",
}


def take_next(session: Session, actor: Actor, project_id: int, *, category_id: int | None = None) -> Submission | None:
    """Lease what comes first by the project's rule, or go on with what the reviewer holds. None when nothing is left.

    Who asks for another category than that of the one they hold gives it back first.
    """
    project = get_project_for(session, actor, project_id)
    can_review(actor, project_id).require()
    mine = on_desk(session, actor, project_id)
    if mine and category_id in (None, mine.category_id):
        renew(session, Submission, mine.id, holder_id=actor.user_id, minutes=project.lease_minutes)
        return get_submission_for(session, actor, mine.id)
    if mine:
        give_back(session, Submission, mine.id, holder_id=actor.user_id)
    for waiting in choices(session, actor, project, category_id):
        taken = claim(session, Submission, waiting, holder_id=actor.user_id, minutes=project.lease_minutes)
        if taken:
            return get_submission_for(session, actor, taken)
    return None


def approve(
    session: Session, actor: Actor, submission_id: int, *, revision: int, ratings: Mapping[str, Any], note: str = ""
) -> Review:
    """Accept the revision that was seen: it may stand in a dataset. Every criterion of its rubric is rated."""
    return decide(session, actor, submission_id, Decision.APPROVED, revision=revision, ratings=ratings, note=note)


def ask_for_changes(
    session: Session, actor: Actor, submission_id: int, *, revision: int, ratings: Mapping[str, Any], note: str
) -> Review:
    """Send it back to its author, who may hand in a new revision. The note says what to change."""
    return decide(
        session, actor, submission_id, Decision.CHANGES_REQUESTED, revision=revision, ratings=ratings, note=note
    )


def reject(
    session: Session, actor: Actor, submission_id: int, *, revision: int, ratings: Mapping[str, Any], note: str
) -> Review:
    """Turn it down for good: the prompt waits for another writer. The note says why."""
    return decide(session, actor, submission_id, Decision.REJECTED, revision=revision, ratings=ratings, note=note)


def decide(
    session: Session,
    actor: Actor,
    submission_id: int,
    decision: Decision,
    *,
    revision: int,
    ratings: Mapping[str, Any],
    note: str,
) -> Review:
    """One decision on one revision, at once. Conflict, naming who was first, when it is no longer what they saw."""
    weighed = weigh(session, actor, submission_id, Wish(decision, revision, ratings, note))
    lock_work(session, submission_id)
    refuse_held(session, actor, submission_id)
    return carry_out(session, actor, weighed)


def carry_out(session: Session, actor: Actor, weighed: Weighed) -> Review:
    """Do what was wished and weighed. Conflict when it is too late; the same again gives what it gave before."""
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
        ratings=dict(wish.ratings),
        note=wish.note,
    )
    session.add(made)
    session.flush()
    audit(session, actor, f"review.{wish.decision.value}", submission, revision=seen.number)
    return made


def refuse_held(session: Session, actor: Actor, submission_id: int) -> None:
    """Conflict while a decision on it can still be taken back. What that decision says is nobody's business yet."""
    holder = session.scalar(select(HeldDecision.reviewer_id).where(HeldDecision.submission_id == submission_id))
    if holder == actor.user_id:
        raise Conflict("review.held", "You have just decided on this. Take that back first; nothing new was stored.")
    if holder is not None:
        raise Conflict(
            "review.being_decided", "Somebody else is deciding on this at this moment. Nothing of yours was stored."
        )


def same_again(session: Session, actor: Actor, weighed: Weighed) -> Review:
    """The actor's own decision, sent a second time: the first one's result. Conflict for everything else."""
    seen, wanted = weighed.seen, weighed.wish
    first = decision_on(session, weighed)
    if first is None:
        raise moved_on(session, weighed.submission.id, seen.number)
    said = (first.reviewer_id, first.decision, first.ratings, first.note, first.revision.messages)
    if said == (actor.user_id, wanted.decision, wanted.ratings, wanted.note, wanted.edited or seen.messages):
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


def skip(session: Session, actor: Actor, submission_id: int) -> None:
    """Leave a submission to the other reviewers: it is free at once and not offered to this one again."""
    submission = get_submission_for(session, actor, submission_id)
    can_decide(actor, submission).require()
    lock_work(session, submission_id)
    refuse_held(session, actor, submission_id)
    left = insert(ReviewSkip).values(submission_id=submission_id, reviewer_id=actor.user_id)
    session.execute(left.on_conflict_do_nothing())
    give_back(session, Submission, submission_id, holder_id=actor.user_id)
    audit(session, actor, "review.skipped", submission)


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
