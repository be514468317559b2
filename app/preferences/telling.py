"""To whom are the figures of a set told? Not to who still judges in it (S47).

A figure that changes with each word of one person tells them where the answers lay that they have just judged, and what
others prefer they had better not know. A count of pairs that stands still tells that the last one was a check.
"""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.preferences import queries
from app.preferences.figures import Figures
from app.preferences.models import Choice, Comparison, ComparisonPair, ComparisonSet, SetState
from app.preferences.queries import PERSON
from app.preferences.ranking import queue
from app.preferences.ranking.models import Ordered, Ordering, Ranking

YOURS = "You still judge in this set."
UNTIL = (
    "Figures that change with each of your words would tell you where an answer comes from. They are shown to you once "
    "nothing of it waits for you any more, or the set is closed."
)


def figures_for(session: Session, actor: Actor, made: ComparisonSet) -> tuple[Figures | None, str]:
    """The figures of a set, or none with the reason why they are withheld from this person."""
    if still_judges(session, actor, made):
        return None, f"{YOURS} {UNTIL}"
    return cast(Figures | None, made.figures), ""


def still_judges(session: Session, actor: Actor, made: ComparisonSet) -> bool:
    """Whether this person has judged something of a set and can still be given more of it."""
    return bool(judging_in(session, actor, made.project_id, [made.id]))


def judging_in(session: Session, actor: Actor, project_id: int, set_ids: Sequence[int]) -> set[int]:
    """In which of these sets of a project they do."""
    found = still_judged().where(ComparisonSet.id.in_(set_ids))
    return set(session.scalars(found, {"person": actor.user_id, "project": project_id}))


def still_judged() -> Select[int]:
    """Ids of the open sets in which a `person` in a `project` has judged something and can still be given more.

    Checks do not count: they are met again, and change no figure of a source.
    """
    said = (
        select(Comparison.id).where(
            Comparison.set_id == ComparisonSet.id, Comparison.person_id == PERSON, Comparison.choice != Choice.SKIPPED
        ),
        select(Ordering.id).where(
            Ordering.set_id == ComparisonSet.id, Ordering.person_id == PERSON, Ordering.said != Ordered.SKIPPED
        ),
    )
    waits = (
        queries.waiting().where(ComparisonPair.set_id == ComparisonSet.id),
        queue.waiting().where(Ranking.set_id == ComparisonSet.id),
    )
    there = (
        or_(*(one.order_by(None).correlate(ComparisonSet).offset(0).exists() for one in each)) for each in (said, waits)
    )
    return select(ComparisonSet.id).where(ComparisonSet.state == SetState.OPEN, *there)
