"""Which prompt is whose turn first, where a project's writers follow an order? Verbs write, never commit.

The order stands beside the slots and not in them: a new one locks no row that somebody is claiming at that moment.
"""

from collections.abc import Sequence

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.prompts.models import Prompt, PromptStatus, PromptTurn, Slot
from app.prompts.queries import visible_to

TURNS = 0x7042  # the advisory lock under which two new orders of one project follow each other
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(:of, hashint8(:project))")


def list_unanswered(session: Session, project_id: int, limit: int, after: int = 0) -> Sequence[Prompt]:
    """Open prompts to which nobody has handed in a response, with their categories, the oldest first. For jobs.

    Those only that are younger than the prompt `after`.
    """
    slots = select(Slot.prompt_id).where(Slot.project_id == project_id).group_by(Slot.prompt_id)
    unanswered = slots.having(func.count(Slot.filled_at) == 0)
    found = select(Prompt).where(Prompt.id.in_(unanswered), Prompt.id > after, Prompt.status == PromptStatus.APPROVED)
    found = found.options(joinedload(Prompt.category)).order_by(Prompt.id).limit(limit)
    return session.scalars(found).all()


def list_unanswered_of(session: Session, actor: Actor, prompt_ids: Sequence[int]) -> Sequence[Prompt]:
    """Of these prompts those that the actor may see, that are open and to which nobody has handed in a response."""
    answered = select(Slot.id).where(Slot.prompt_id == Prompt.id, Slot.filled_at.is_not(None))
    found = visible_to(actor).where(Prompt.id.in_(prompt_ids), Prompt.status == PromptStatus.APPROVED)
    found = found.where(~answered.exists()).options(joinedload(Prompt.category)).order_by(Prompt.id)
    return session.scalars(found).all()


def set_turns(session: Session, project_id: int, prompt_ids: Sequence[int]) -> None:
    """From now on these prompts of the project come in this order, before all others; what is not of it is left out."""
    session.execute(ONE_AT_A_TIME, {"of": TURNS, "project": project_id})
    own = select(Prompt.id).where(Prompt.project_id == project_id, Prompt.id.in_(prompt_ids))
    held = set(session.scalars(own))
    session.execute(delete(PromptTurn).where(PromptTurn.project_id == project_id))
    ordered = [one for one in dict.fromkeys(prompt_ids) if one in held]
    if ordered:
        rows = [{"project_id": project_id, "place": n, "prompt_id": one} for n, one in enumerate(ordered, 1)]
        session.execute(insert(PromptTurn), rows)


def has_turns(session: Session, project_id: int) -> bool:
    """Whether there is an order that this project's writers could follow."""
    return session.scalar(select(PromptTurn.place).where(PromptTurn.project_id == project_id).limit(1)) is not None
