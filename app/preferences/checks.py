"""Pairs that measure the judging: known ones, and one's own again with the sides swapped. They look like any other."""

import secrets
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
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
    known, repeated = session.execute(KNOWN, values).all(), session.execute(REPEAT, values).all()
    found = [Check(one[0], Purpose.KNOWN, toss(one[0])) for one in known]
    found += [Check(pair, Purpose.REPEAT, _other(pair, left_id)) for pair, left_id in repeated]
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


_said = aliased(Comparison)
_later = aliased(Comparison)
_is_checked = and_(ComparisonSet.state == SetState.OPEN, ComparisonSet.check_every > 0)

KNOWN = (
    select(ComparisonPair)
    .join(ComparisonSet, ComparisonSet.id == ComparisonPair.set_id)
    .where(ComparisonPair.state == PairState.KNOWN, may_judge(), ~met(Purpose.KNOWN), _is_checked)
    .order_by(func.random())  # or everybody would meet the same few
    .limit(1)
)
_enough_since = (
    select(_later.id)
    .where(
        _later.person_id == _said.person_id,
        _later.project_id == _said.project_id,
        _later.answered_at > _said.answered_at,
        _later.choice != Choice.SKIPPED,
        _later.ordering_id.is_(None),
    )
    .offset(REPEAT_AFTER - 1)
    .limit(1)
    .correlate(_said)
    .exists()
)
REPEAT = (
    select(ComparisonPair, _said.left_id)
    .join(_said, _said.pair_id == ComparisonPair.id)
    .join(ComparisonSet, ComparisonSet.id == ComparisonPair.set_id)
    .where(
        _said.purpose == Purpose.PLAIN,
        _said.ordering_id.is_(None),
        _said.person_id == PERSON,
        _said.choice.in_((Choice.LEFT, Choice.RIGHT, Choice.TIE, Choice.BOTH_BAD)),
        ComparisonPair.state.in_((PairState.OPEN, PairState.DONE)),
        _enough_since,
        may_judge(),
        ~met(Purpose.REPEAT),
        _is_checked,
    )
    .order_by(_said.answered_at)
    .limit(1)
)
