"""Who nearly always chose the same side? A fact for administrators, who see who works on what; no verdict, and told to
nobody else: figures say how many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Numeric, Select, case, cast, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import User
from app.preferences.figures import HABIT, MANY, Figures
from app.preferences.models import Choice, Comparison, ComparisonPair, ComparisonSet, Purpose
from app.preferences.policy import can_see_who_judged
from app.preferences.queries import is_gone


@dataclass(frozen=True)
class Habit:
    """One person's choices in a set: how many, and how many of these were what lay left, or further up. A ranking is
    one choice."""

    person_id: int
    name: str
    left: int
    choices: int


def habits_of(
    session: Session, actor: Actor, made: ComparisonSet, figures: Figures | None, *, seconds: int
) -> Sequence[Habit]:
    """Whom `one_sided` of these figures counts, the most choices first, for an actor who may see who judged.

    Nothing where figures are withheld. `seconds`: as long a word can be taken back, as the figures had it.
    """
    if not figures or not figures["one_sided"] or not can_see_who_judged(actor, made.project_id):
        return []
    by_person = _choices(made, seconds=seconds).subquery()
    left, choices = (cast(func.sum(one), Numeric(20, 6)) for one in (by_person.c.left, by_person.c.weight))
    most = func.greatest(left, choices - left)
    found = (
        select(User.id, User.name, left, choices)
        .join(by_person, by_person.c.person_id == User.id)
        .group_by(User.id)
        .having(choices >= MANY, most >= HABIT * choices)
        .order_by(choices.desc(), User.id)
    )
    return [Habit(person_id, name, round(of), round(many)) for person_id, name, of, many in session.execute(found)]


def _choices(made: ComparisonSet, *, seconds: int) -> Select[int, int, int]:
    """Each comparison of a set in which somebody chose, as `fitting.judgements_of` counts it: each pair of an order
    weighs one over their number, known pairs apart."""
    assert made.figured_at is not None, "there are figures"
    until = made.figured_at - timedelta(seconds=seconds)
    counted = case((Comparison.purpose != Purpose.KNOWN, 1))
    of_order = func.greatest(1, func.count(counted).over(partition_by=Comparison.ordering_id))
    weight = case((Comparison.ordering_id.is_(None), 1.0), else_=1.0 / of_order)
    said = (
        select(Comparison.person_id, Comparison.choice, weight.label("weight"))
        .join(ComparisonPair, ComparisonPair.id == Comparison.pair_id)
        .where(
            Comparison.set_id == made.id,
            Comparison.answered_at <= until,
            ~is_gone(),
        )
        .subquery()
    )
    lies_left = case((said.c.choice == Choice.LEFT, said.c.weight), else_=0.0)
    chose = or_(said.c.choice == Choice.LEFT, said.c.choice == Choice.RIGHT)
    return select(said.c.person_id, lies_left.label("left"), said.c.weight).where(chose)
