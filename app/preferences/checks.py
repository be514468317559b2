"""Pairs that measure the judging: known ones, and one's own again with the sides swapped. They look like any other."""

import secrets
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
from app.core.database import built_once
from app.preferences.models import Choice, Comparison, ComparisonPair, ComparisonSet, PairState, Purpose, SetState
from app.preferences.queries import PERSON, may_judge, met

REPEAT_AFTER = 10  # of one's own judgements lie between the two, so that nobody remembers


@dataclass(frozen=True)
class Check:
    """A pair to be met for this purpose, and which response lies left."""

    pair: ComparisonPair
    purpose: Purpose
    left_id: int


def next_check(session: Session, actor: Actor, project_id: int) -> Check | None:
    """A known or repeated pair, of `check_every` times once on average; None for a plain one.

    Both are looked for every time, so that the time an answer takes tells nothing.
    """
    values = {"person": actor.user_id, "project": project_id}
    found = [Check(one[0], Purpose.KNOWN, toss(one[0])) for one in session.execute(known(), values)]
    found += [Check(pair, Purpose.REPEAT, _other(pair, left)) for pair, left in session.execute(repeated(), values)]
    if not found:
        return None
    check = secrets.choice(found)
    every = session.get_one(ComparisonSet, check.pair.set_id).check_every
    return check if every and secrets.randbelow(every) == 0 else None


def toss(pair: ComparisonPair) -> int:
    """Which response lies left: by chance."""
    return secrets.choice((pair.first_id, pair.second_id))


def _other(pair: ComparisonPair, left_id: int) -> int:
    return pair.second_id if left_id == pair.first_id else pair.first_id


@built_once
def known() -> Select[ComparisonPair]:
    """A pair whose better side is known, which a `person` in a `project` has not met as such."""
    found = (
        select(ComparisonPair)
        .join(ComparisonSet, ComparisonSet.id == ComparisonPair.set_id)
        .where(ComparisonPair.state == PairState.KNOWN, may_judge(), ~met(Purpose.KNOWN), _is_checked())
    )
    return found.order_by(func.random()).limit(1)  # or everybody would meet the same few


@built_once
def repeated() -> Select[ComparisonPair, int]:
    """The first pair of a `person`'s own that may come again, with what lay left."""
    said, later = aliased(Comparison), aliased(Comparison)
    enough_since = (
        select(later.id)
        .where(
            later.person_id == said.person_id,
            later.project_id == said.project_id,
            later.answered_at > said.answered_at,
            later.choice != Choice.SKIPPED,
            later.ordering_id.is_(None),
        )
        .offset(REPEAT_AFTER - 1)
        .limit(1)
    )
    found = (
        select(ComparisonPair, said.left_id)
        .join(said, said.pair_id == ComparisonPair.id)
        .join(ComparisonSet, ComparisonSet.id == ComparisonPair.set_id)
        .where(
            said.purpose == Purpose.PLAIN,
            said.ordering_id.is_(None),
            said.person_id == PERSON,
            said.choice.in_((Choice.LEFT, Choice.RIGHT, Choice.TIE, Choice.BOTH_BAD)),
            ComparisonPair.state.in_((PairState.OPEN, PairState.DONE)),
            enough_since.correlate(said).exists(),
            may_judge(),
            ~met(Purpose.REPEAT),
            _is_checked(),
        )
    )
    return found.order_by(said.answered_at).limit(1)


def _is_checked() -> ColumnElement[bool]:
    return and_(ComparisonSet.state == SetState.OPEN, ComparisonSet.check_every > 0)
