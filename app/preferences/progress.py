"""How far is a judge today, and how much waits? Told so that no number tells which comparison is a check."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.preferences.models import Choice, Comparison, Purpose
from app.preferences.queries import waiting
from app.preferences.ranking import queue
from app.preferences.ranking.models import Ordered, Ordering

TOLD = 100  # that many or more wait
FEW = 10  # so many wait or fewer: a check that comes when nothing else is left must not stand out


@dataclass(frozen=True)
class Progress:
    """What a person has compared `today` (since midnight, UTC), and how much is `left`: 0, or from FEW to TOLD."""

    today: int
    left: int

    @property
    def rest(self) -> str:
        """How much waits, in words."""
        if self.left >= TOLD:
            return f"{TOLD} or more"
        return str(self.left) if self.left > FEW else "a few"

    @property
    def bar(self) -> int | None:
        """What the day adds up to; None where so little is left that it is not told how much."""
        return self.today + self.left if self.left > FEW else None


def progress_of(session: Session, actor: Actor, project_id: int, *, lies: bool) -> Progress:
    """How far this person is; `lies`: whether a comparison lies before them now.

    A check takes nothing from what waits, so today's checks are taken off as well: what is left falls by one with each
    answer, whatever the pair was laid there for, and it stands still while so few are left that they would show.
    """
    said = (
        _answered(session, actor, project_id, Comparison, Comparison.choice == Choice.SKIPPED),
        _answered(session, actor, project_id, Ordering, Ordering.said == Ordered.SKIPPED),
    )
    today, checks = (sum(each) for each in zip(*said, strict=True))
    there = sum(_waiting(session, actor, project_id, ids, TOLD + checks) for ids in (waiting(), queue.waiting()))
    return Progress(today, max(there - checks, FEW) if there or lies else 0)


def _answered(
    session: Session,
    actor: Actor,
    project_id: int,
    said: type[Comparison] | type[Ordering],
    is_skipped: ColumnElement[bool],
) -> tuple[int, int]:
    """Of today: what this person judged, whatever for, and the checks among all that they judged or left to others."""
    by_itself = Comparison.ordering_id.is_(None) if said is Comparison else true()
    mine = select(func.count().filter(~is_skipped), func.count().filter(said.purpose != Purpose.PLAIN)).where(
        said.person_id == actor.user_id,
        said.project_id == project_id,
        said.answered_at >= func.date_trunc("day", func.clock_timestamp(), "UTC"),
        by_itself,
    )
    judged, checks = session.execute(mine).one()
    return judged, checks


def _waiting(session: Session, actor: Actor, project_id: int, ids: Select[int], most: int) -> int:
    """How many wait for this person, what lies there among them; counted up to `most`."""
    values = {"person": actor.user_id, "project": project_id}
    return session.scalar(select(func.count()).select_from(ids.order_by(None).limit(most).subquery()), values) or 0
