"""What an actor can see of what people wrote. Nothing here writes."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.writing.models import Assignment, AssignmentStatus

COUNT_LIMIT = 100


def count_drafts(session: Session, actor: Actor, project_id: int) -> int:
    """How many drafts of the actor's own are open in a project, counted up to 100."""
    mine = select(Assignment.id).where(
        Assignment.writer_id == actor.user_id,
        Assignment.project_id == project_id,
        Assignment.status == AssignmentStatus.DRAFTING,
    )
    return session.scalar(select(func.count()).select_from(mine.limit(COUNT_LIMIT).subquery())) or 0
