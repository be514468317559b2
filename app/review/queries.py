"""What an actor can see of reviews and of what waits for one. Nothing here writes."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.writing.models import Submission, SubmissionStatus

COUNT_LIMIT = 100


def count_waiting(session: Session, actor: Actor, project_id: int) -> int:
    """How many submissions of others wait for a decision, counted up to 100; 0 for who does not review."""
    if not actor.reviews(project_id):
        return 0
    waiting = select(Submission.id).where(
        Submission.project_id == project_id,
        Submission.status == SubmissionStatus.SUBMITTED,
        Submission.author_id != actor.user_id,
    )
    return session.scalar(select(func.count()).select_from(waiting.limit(COUNT_LIMIT).subquery())) or 0
