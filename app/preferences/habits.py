"""Who nearly always chose the same side? A fact for administrators, who see who works on what; no verdict, and told to
nobody else: figures say how many."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import User
from app.preferences.figures import Figures
from app.preferences.models import ComparisonSet
from app.preferences.policy import can_see_who_judged


@dataclass(frozen=True)
class Habit:
    """One person's choices in a set: how many, and how many of these were what lay left, or further up. A ranking is
    one choice."""

    person_id: int
    name: str
    left: int
    choices: int


def habits_of(session: Session, actor: Actor, made: ComparisonSet, figures: Figures | None) -> Sequence[Habit]:
    """Whom `one_sided` of these figures counts, the most choices first, for an actor who may see who judged.

    Nothing where figures are withheld.
    """
    if not figures or not made.habits or not can_see_who_judged(actor, made.project_id):
        return []
    people = select(User.id, User.name).where(User.id.in_([one["person_id"] for one in made.habits]))
    names = {row.id: row.name for row in session.execute(people)}
    return [Habit(name=names[one["person_id"]], **one) for one in made.habits]
