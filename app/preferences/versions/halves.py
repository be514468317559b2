"""Whose opinions make a version? Everybody's, or those of one half of the people: so two models can learn apart."""

from sqlalchemy import Integer, Select, cast, func, select

from app.accounts.models import Membership
from app.preferences.models import Choice, Comparison, Purpose
from app.preferences.versions.rule import People

REST: dict[People, int] = {"one_half": 1, "other_half": 0}  # of a person's place, counted from 1, divided by two


def half_of(project_id: int, people: People) -> Select[int]:
    """The people of one half: every second one, in the order in which they first said something in the project.

    So the halves are as large as can be, and nobody moves from one to the other: who says their first word later comes
    behind all whose word is older, whenever a pair was laid before them. A word that can still be taken back is younger
    than any that counts, so an undo moves nobody either. Who put responses in order has said what follows of each pair.
    """
    first = func.min(Comparison.answered_at)
    place = cast(func.row_number().over(order_by=(first, Comparison.person_id)), Integer)
    judges = (
        select(Comparison.person_id, (place % 2).label("rest"))
        .where(
            Comparison.project_id == project_id,
            Comparison.choice.not_in((Choice.SKIPPED, Choice.CANNOT_JUDGE)),
            Comparison.purpose == Purpose.PLAIN,
        )
        .group_by(Comparison.person_id)
        .subquery()
    )
    return select(judges.c.person_id).where(judges.c.rest == REST[people])


def pseudonyms(project_id: int) -> Select[int, str]:
    """Under which name each member of a project is published."""
    return select(Membership.user_id, Membership.pseudonym).where(Membership.project_id == project_id)
