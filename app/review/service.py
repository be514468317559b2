"""What can be done with what waits for a decision: take, approve, ask for changes, reject, leave to others."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.errors import Conflict, Invalid, Place
from app.core.leases import claim, give_back, renew
from app.core.text import is_blank
from app.projects.queries import get_project_for
from app.review.models import Decision, Review, ReviewSkip
from app.review.policy import can_decide, can_review
from app.review.queries import held, oldest_first
from app.review.ratings import check_ratings
from app.writing.models import Revision, Submission, SubmissionStatus
from app.writing.queries import get_submission_for
from app.writing.service import record_decision

DID = {
    Decision.APPROVED: "approved this",
    Decision.CHANGES_REQUESTED: "asked for changes",
    Decision.REJECTED: "rejected this",
}


def take_next(session: Session, actor: Actor, project_id: int, *, category_id: int | None = None) -> Submission | None:
    """Lease what waits longest, or go on with what the reviewer holds. None when nothing is left for them.

    Who asks for another category than that of the one they hold gives it back first.
    """
    project = get_project_for(session, actor, project_id)
    can_review(actor, project_id).require()
    mine = held(session, actor, project_id)
    if mine and category_id in (None, mine.category_id):
        renew(session, Submission, mine.id, holder_id=actor.user_id, minutes=project.lease_minutes)
        return get_submission_for(session, actor, mine.id)
    if mine:
        give_back(session, Submission, mine.id, holder_id=actor.user_id)
    waiting = oldest_first(actor, project_id, category_id)
    taken = claim(session, Submission, waiting, holder_id=actor.user_id, minutes=project.lease_minutes)
    return get_submission_for(session, actor, taken) if taken else None


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
    """One decision on one revision. Conflict, naming who was first, when it is no longer what this reviewer saw."""
    submission = get_submission_for(session, actor, submission_id)
    can_decide(actor, submission).require()
    seen = revision_seen(submission, revision)
    rated = check_ratings(seen.guidelines.rubric, ratings, complete=decision is Decision.APPROVED)
    check_note(decision, note)
    status = SubmissionStatus(decision.value)
    try:
        record_decision(session, submission_id, revision=revision, status=status, decided_by=actor.user_id)
    except Conflict:
        return same_again(session, actor, submission_id, seen, Review(decision=decision, ratings=rated, note=note))
    made = Review(
        project_id=submission.project_id,
        submission_id=submission_id,
        revision_id=seen.id,
        reviewer_id=actor.user_id,
        decision=decision,
        ratings=rated,
        note=note,
    )
    session.add(made)
    session.flush()
    audit(session, actor, f"review.{decision.value}", submission, revision=revision)
    return made


def revision_seen(submission: Submission, number: int) -> Revision:
    """The revision of that number. Invalid where there is none."""
    for revision in submission.revisions:
        if revision.number == number:
            return revision
    raise Invalid("review.no_revision", "There is no such revision.", Place("/revision", "is not one of its revisions"))


def check_note(decision: Decision, note: str) -> None:
    """Invalid where the author would be sent away without a word."""
    if decision is not Decision.APPROVED and is_blank(note):
        raise Invalid(
            "review.note_missing",
            "Write to the author what to change, or why it is rejected; nothing was stored.",
            Place("/note", "is empty"),
        )


def same_again(session: Session, actor: Actor, submission_id: int, seen: Revision, wanted: Review) -> Review:
    """The actor's own decision, sent a second time: the first one's result. Conflict for everything else."""
    first = session.scalar(select(Review).where(Review.revision_id == seen.id).options(joinedload(Review.reviewer)))
    if first is None:
        raise moved_on(session, submission_id, seen.number)
    said = (first.reviewer_id, first.decision, first.ratings, first.note)
    if said == (actor.user_id, wanted.decision, wanted.ratings, wanted.note):
        return first
    who = "You have" if first.reviewer_id == actor.user_id else f"{first.reviewer.name} has"
    raise Conflict(
        "review.already_decided",
        f"{who} already {DID[first.decision]}. Nothing of yours was stored.",
        decision=first.decision.value,
        decided_by=first.reviewer.name,
    )


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
