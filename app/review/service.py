"""What can be done with what waits for a decision: take, approve, ask for changes, reject, leave to others."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.leases import give_back, renew
from app.core.passing import with_person
from app.projects.queries import get_project_for
from app.review.deciding import opinions
from app.review.deciding.making import audit, refuse_held, refuse_recalled
from app.review.deciding.order import claim_first
from app.review.deciding.wishes import Wish, weigh
from app.review.models import Decision, Opinion, Review, ReviewSkip
from app.review.narrowing import ALL, Narrowed
from app.review.policy import can_decide, can_review
from app.review.queries import on_desk
from app.writing.models import Submission
from app.writing.queries import get_submission_for
from app.writing.service import lock_work
from app.writing.turns import Messages

LEFT = text(f"UPDATE submissions SET never_for = {with_person('never_for', 'person')} WHERE id = :submission")  # noqa: S608


def take_next(session: Session, actor: Actor, project_id: int, part: Narrowed = ALL) -> Submission | None:
    """Lease what comes first by the project's rule, or go on with what the reviewer holds. None when nothing is left.

    Who asks for another part of the queue than the one that they hold is of gives that back first.
    """
    project = get_project_for(session, actor, project_id)
    can_review(actor, project_id).require()
    mine = on_desk(session, actor, project_id)
    if mine and part.holds(mine):
        renew(session, Submission, mine.id, holder_id=actor.user_id, minutes=project.lease_minutes)
        return get_submission_for(session, actor, mine.id)
    if mine:
        give_back(session, Submission, mine.id, holder_id=actor.user_id)
    taken = claim_first(session, actor, project, part)
    return get_submission_for(session, actor, taken) if taken else None


def approve(
    session: Session, actor: Actor, submission_id: int, *, revision: int, ratings: Mapping[str, Any], note: str = ""
) -> Review | Opinion:
    """Accept the revision that was seen: it may stand in a dataset. Every criterion of its rubric is rated."""
    return decide(session, actor, submission_id, Decision.APPROVED, revision=revision, ratings=ratings, note=note)


def ask_for_changes(
    session: Session, actor: Actor, submission_id: int, *, revision: int, ratings: Mapping[str, Any], note: str
) -> Review | Opinion:
    """Send it back to its author, who may hand in a new revision. The note says what to change."""
    return decide(
        session, actor, submission_id, Decision.CHANGES_REQUESTED, revision=revision, ratings=ratings, note=note
    )


def reject(
    session: Session, actor: Actor, submission_id: int, *, revision: int, ratings: Mapping[str, Any], note: str
) -> Review | Opinion:
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
    missed: str = "",
    edited: Messages | None = None,
) -> Review | Opinion:
    """One decision on one revision, at once, or an opinion where two are asked for.

    Conflict, naming who was first, when it is no longer what the reviewer saw.
    """
    wish = Wish(decision, revision, ratings, note, edited, missed)
    return carry_out(session, actor, submission_id, wish)


def carry_out(session: Session, actor: Actor, submission_id: int, wish: Wish) -> Review | Opinion:
    """The same for a wish."""
    weighed = weigh(session, actor, submission_id, wish)
    lock_work(session, submission_id)
    refuse_held(session, actor, submission_id)
    refuse_recalled(session, submission_id)
    return opinions.decide(session, actor, weighed)


def skip(session: Session, actor: Actor, submission_id: int) -> None:
    """Leave a submission to the other reviewers: it is free at once and not offered to this one again."""
    submission = get_submission_for(session, actor, submission_id)
    can_decide(actor, submission).require()
    lock_work(session, submission_id)
    refuse_held(session, actor, submission_id)
    skipped = {"submission_id": submission_id, "reviewer_id": actor.user_id, "created_at": func.clock_timestamp()}
    left = insert(ReviewSkip).values(skipped)
    session.execute(left.on_conflict_do_nothing())
    session.execute(LEFT, {"submission": submission_id, "person": actor.user_id})
    give_back(session, Submission, submission_id, holder_id=actor.user_id)
    audit(session, actor, "review.skipped", submission)
