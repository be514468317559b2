"""What an actor can see of prompts. Nothing here writes."""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.prompts.models import Prompt, PromptStatus

COUNT_LIMIT = 100


def visible_to(actor: Actor) -> Select[Prompt]:
    """Prompts of the actor's own projects: the one place that says what may be seen."""
    return select(Prompt).where(Prompt.project_id.in_(actor.roles))


def count_waiting(session: Session, actor: Actor, project_id: int) -> int:
    """How many proposed prompts wait in a project, counted up to 100: the rail needs no more."""
    waiting = visible_to(actor).where(Prompt.project_id == project_id, Prompt.status == PromptStatus.PROPOSED)
    return session.scalar(select(func.count()).select_from(waiting.limit(COUNT_LIMIT).subquery())) or 0
