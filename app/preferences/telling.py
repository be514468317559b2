"""To whom are the figures of a set told? Not to who still judges in it (S47).

A figure that changes with each word of one person tells them where the answers lay that they have just judged, and what
others prefer they had better not know.
"""

from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.preferences import queries
from app.preferences.figures import Figures
from app.preferences.models import Choice, Comparison, ComparisonPair, ComparisonSet, SetState
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
    """Whether this person has judged something of a set and can still be given more of it. Checks do not count: they
    are met again, and change no figure of a source."""
    if made.state is not SetState.OPEN:
        return False
    person = {"person": actor.user_id, "project": made.project_id}
    judged = (
        select(Comparison.id).where(
            Comparison.set_id == made.id, Comparison.person_id == actor.user_id, Comparison.choice != Choice.SKIPPED
        ),
        select(Ordering.id).where(
            Ordering.set_id == made.id, Ordering.person_id == actor.user_id, Ordering.said != Ordered.SKIPPED
        ),
    )
    waits = (
        queries.waiting().where(ComparisonPair.set_id == made.id),
        queue.waiting().where(Ranking.set_id == made.id),
    )
    return all(any(session.scalar(one.limit(1), person) is not None for one in each) for each in (judged, waits))
