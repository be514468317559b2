"""Prompts whose proposer no longer wants them used: nobody is given them any more. Verbs write, never commit."""

from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlalchemy.orm import Session

from app.core.jobs import enqueue
from app.projects.models import ConsentTakenBack
from app.prompts.models import Prompt, PromptStatus

REASON = "Whoever proposed it has taken their consent back."


def prompts_of(project_id: int, user_id: int) -> Select[int]:
    """What somebody asked in a project in words of their own: not what they imported."""
    asked = select(Prompt.id).where(Prompt.project_id == project_id, Prompt.author_id == user_id)
    return asked.where(~Prompt.imported)


def lost_consent() -> ColumnElement[bool]:
    """Whether a prompt was turned down since its proposer took their consent back.

    What they proposed after all was withdrawn is under another consent.
    """
    theirs = (ConsentTakenBack.project_id == Prompt.project_id, ConsentTakenBack.user_id == Prompt.author_id)
    before = or_(ConsentTakenBack.finished_at.is_(None), Prompt.created_at <= ConsentTakenBack.finished_at)
    taken_back = select(ConsentTakenBack.consent_id).where(*theirs, before).correlate(Prompt).exists()
    return and_(Prompt.status == PromptStatus.REJECTED, ~Prompt.imported, taken_back)


def turn_down(session: Session, project_id: int, user_id: int) -> None:
    """Turn down all that somebody asked, whatever was decided on it before. Again changes nothing."""
    asked = update(Prompt).where(Prompt.id.in_(prompts_of(project_id, user_id)), Prompt.status != PromptStatus.REJECTED)
    turned_down = asked.values(status=PromptStatus.REJECTED, reason=REASON).returning(Prompt.id)
    for prompt_id in session.scalars(turned_down.execution_options(synchronize_session=False)).all():
        enqueue(session, "prompts.remember", prompt_id=prompt_id)
