"""Does a writer still have the place of their draft in the prompt, and for how long? A save prolongs it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.database import built_once
from app.projects.models import Project
from app.prompts.models import Slot
from app.writing.models import Assignment, Submission

EARLY = 300  # seconds before a place lapses in which its writer is told, or a quarter of a short lease


@dataclass(frozen=True)
class Hold:
    """`held`: the place is the writer's. `lease_expires_at`: when it can be given to others, None where it cannot.

    `seconds_left` until then by the database's clock, below 0 where the time has run out and nobody has come; `early`:
    how many of them before the end are worth a word.
    """

    held: bool
    lease_expires_at: datetime | None = None
    seconds_left: int | None = None
    early: int = EARLY


def hold_of(session: Session, actor: Actor, assignment_id: int) -> Hold:
    """What the actor has of the place of their assignment. A pair needs none, and what was handed in has its own."""
    found = session.execute(_hold(), {"assignment": assignment_id, "person": actor.user_id}).one()
    if found.for_good:
        return Hold(held=True)
    if found.lease_expires_at is None:
        return Hold(held=False)
    left = int((found.lease_expires_at - found.now).total_seconds())
    return Hold(True, found.lease_expires_at, left, min(EARLY, found.lease_minutes * 15))


@built_once
def _hold() -> Select[bool, datetime | None, datetime, int]:
    handed_in = select(Submission.id).where(Submission.assignment_id == Assignment.id).exists()
    mine = and_(Slot.id == Assignment.slot_id, Slot.lease_holder_id == bindparam("person"))
    return (
        select(
            or_(Assignment.is_pair, handed_in).label("for_good"),
            Slot.lease_expires_at,
            func.now().label("now"),
            Project.lease_minutes,
        )
        .join(Project, Project.id == Assignment.project_id)
        .outerjoin(Slot, mine)
        .where(Assignment.id == bindparam("assignment"))
    )
