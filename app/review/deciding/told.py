"""Who hears of a decision, a dispute, a comment? Those to whom it is now to be seen, and never who it came from."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Membership, Role
from app.accounts.notices import tell, tell_all
from app.accounts.queries import members
from app.review.models import Comment, Review
from app.writing.models import Submission, SubmissionStatus

DECIDED = (SubmissionStatus.APPROVED, SubmissionStatus.CHANGES_REQUESTED, SubmissionStatus.REJECTED)


def decided(session: Session, actor: Actor, submission: Submission, kind: str) -> None:
    """The writer hears what was decided, once it is carried out."""
    tell(
        session, submission.author_id, kind,
        project_id=submission.project_id, subject="submission", subject_id=submission.id, by=actor.user_id,
    )  # fmt: skip


def disputed(session: Session, submission: Submission, given_by: Sequence[int]) -> None:
    """Whoever may settle it hears of two opinions that differ: reviewers who gave neither and did not write it."""
    others = members(submission.project_id, Role.REVIEWER, Role.ADMIN)
    others = others.where(Membership.user_id.not_in([*given_by, submission.author_id]))
    tell_all(
        session, others, "disputed",
        project_id=submission.project_id, subject="submission", subject_id=submission.id,
    )  # fmt: skip


def commented(session: Session, actor: Actor, submission: Submission) -> None:
    """The other side hears of a comment: of the writer's, who has commented or decided; of theirs, the writer.

    Of what is said before a decision the writer sees nothing yet, and hears of the decision instead.
    """
    where = {"project_id": submission.project_id, "subject_id": submission.id, "by": actor.user_id}
    if actor.user_id == submission.author_id:
        readers = select(Comment.author_id).where(Comment.submission_id == submission.id)
        deciders = select(Review.reviewer_id).where(Review.submission_id == submission.id)
        still_here = members(submission.project_id, Role.REVIEWER, Role.ADMIN)
        heard = still_here.where(Membership.user_id.in_(readers.union(deciders)))
        tell_all(session, heard, "writer_commented", subject="submission", **where)
    elif session.scalar(select(Submission.status).where(Submission.id == submission.id)) in DECIDED:
        tell(session, submission.author_id, "reviewer_commented", subject="submission", **where)
