"""What a person does with the pair before them: say which is better, leave it to others, take their word back.

A judgement is stored at once and read by nothing until it can no longer be taken back: figures look only at what is
older than that. So an undo undoes, though nothing is held back by a job. All who touch a pair lock its row first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict, Invalid, Place
from app.core.leases import free, give_back_all, held_by
from app.preferences.desk import reasons_of
from app.preferences.models import (
    Choice,
    Comparison,
    ComparisonPair,
    ComparisonSet,
    PairState,
    Purpose,
    SetState,
    Strength,
)
from app.preferences.queries import get_own_comparison, is_withdrawn
from app.projects.queries import get_project_for

DECIDED = (Choice.LEFT, Choice.RIGHT)
NO_OPINION = (Choice.CANNOT_JUDGE, Choice.SKIPPED)


@dataclass(frozen=True)
class Said:
    """Which is better, by how much, and in what."""

    choice: Choice
    strength: Strength | None = None
    reasons: Sequence[str] = ()


def answer(session: Session, actor: Actor, comparison_id: int, said: Said) -> Comparison:
    """Judge the pair. The same said twice is stored once; Conflict for another word, or where it came too late.

    Who cannot judge it, or leaves it to others, gives no opinion: the pair waits for somebody else.
    """
    comparison = get_own_comparison(session, actor, comparison_id)
    check_said(session, comparison, said)
    comparison = _locked(session, actor, comparison)
    if comparison.choice is not None:
        if told(comparison) == (said.choice, said.strength, sorted(said.reasons)):
            return comparison
        raise Conflict("preferences.already_judged", "You have judged this pair already: what you said first stands.")
    if not _stands(session, comparison):
        raise _late()
    if comparison.purpose is Purpose.PLAIN:
        _count(session, actor, comparison, 0 if said.choice in NO_OPINION else 1)
    now = _now(session)
    comparison.choice, comparison.strength, comparison.reasons = said.choice, said.strength, sorted(said.reasons)
    comparison.answered_at, comparison.seconds = now, max(0, int((now - comparison.offered_at).total_seconds()))
    session.flush()
    did = "preferences.skipped" if said.choice is Choice.SKIPPED else "preferences.compared"
    _record(session, actor, did, comparison)
    return comparison


def check_said(session: Session, comparison: Comparison, said: Said) -> None:
    """Invalid for a strength without a better one or where none is asked for, and for reasons that nobody knows."""
    wrong = []
    if said.strength is not None and said.choice not in DECIDED:
        wrong.append(Place("/strength", "is given, but no response is called the better one"))
    if said.strength is not None and not session.get_one(ComparisonSet, comparison.set_id).asks_strength:
        wrong.append(Place("/strength", "is not asked for in this set"))
    known = {key for key, _ in reasons_of(session, comparison.project_id)}
    if not set(said.reasons) <= known or len(set(said.reasons)) != len(said.reasons):
        wrong.append(Place("/reasons", "holds what is no line of the project's rubric, or one twice"))
    if wrong:
        raise Invalid("preferences.judgement", "This judgement was not accepted; nothing was stored.", *wrong)


def told(comparison: Comparison) -> tuple[Choice | None, Strength | None, list[str]]:
    """What was said of it."""
    return comparison.choice, comparison.strength, sorted(comparison.reasons)


def undo(session: Session, actor: Actor, comparison_id: int, *, seconds: int) -> Comparison:
    """Take one's word back, for so many seconds: the pair lies before its judge again, and what lay there waits.

    Nothing happens where it was taken back before. Conflict once it is too late, or the set was closed.
    """
    comparison = _locked(session, actor, get_own_comparison(session, actor, comparison_id))
    if comparison.choice is None or comparison.answered_at is None:
        return comparison
    if comparison.answered_at + timedelta(seconds=seconds) <= _now(session):
        raise Conflict("preferences.too_late_to_undo", "This judgement counts now: it can no longer be taken back.")
    if session.scalar(select(ComparisonSet.state).where(ComparisonSet.id == comparison.set_id)) is not SetState.OPEN:
        raise _closed()
    give_back_all(session, ComparisonPair, holder_id=actor.user_id, project_id=comparison.project_id)
    if comparison.purpose is Purpose.PLAIN:
        _reopen(session, actor, comparison)
    comparison.choice, comparison.strength, comparison.reasons = None, None, []
    comparison.answered_at, comparison.seconds = None, None
    comparison.undone, comparison.offered_at = comparison.undone + 1, _now(session)
    session.flush()
    _record(session, actor, "preferences.undone", comparison)
    return comparison


def _locked(session: Session, actor: Actor, comparison: Comparison) -> Comparison:
    """The comparison as it is once its pair is locked."""
    session.execute(select(ComparisonPair.id).where(ComparisonPair.id == comparison.pair_id).with_for_update())
    return get_own_comparison(session, actor, comparison.id)


def _stands(session: Session, comparison: Comparison) -> bool:
    """Whether the pair can still be judged, whatever it is judged for: nobody may tell one purpose from another."""
    pair = select(ComparisonPair.id).join(ComparisonSet, ComparisonSet.id == ComparisonPair.set_id)
    there = pair.where(ComparisonPair.id == comparison.pair_id, ComparisonSet.state == SetState.OPEN, ~is_withdrawn())
    return session.scalar(there) is not None


def _late() -> Conflict:
    return Conflict(
        "preferences.too_late",
        "Your time for this pair ran out and somebody else has it, or it waits no longer: your word was not counted.",
    )


def _closed() -> Conflict:
    return Conflict("preferences.set_closed", "The set was closed meanwhile: what you said stands.")


def _count(session: Session, actor: Actor, comparison: Comparison, opinions: int) -> None:
    """Add to the pair's opinions and give it back; with the last one wanted it is done."""
    mine = or_(held_by(ComparisonPair, actor.user_id), free(ComparisonPair))
    there = and_(ComparisonPair.id == comparison.pair_id, ComparisonPair.state == PairState.OPEN, mine)
    now = ComparisonPair.opinions + opinions
    counted = {
        "opinions": now,
        "state": case((now >= ComparisonPair.wanted, PairState.DONE.value), else_=PairState.OPEN.value),
        "lease_holder_id": None,
        "lease_expires_at": None,
    }
    change_one(session, update(ComparisonPair).where(there).values(counted), otherwise=_late())


def _reopen(session: Session, actor: Actor, comparison: Comparison) -> None:
    """Take the opinion from the pair, which is its judge's again unless somebody else works on it."""
    minutes = get_project_for(session, actor, comparison.project_id).lease_minutes
    there = and_(ComparisonPair.id == comparison.pair_id, ComparisonPair.state.in_((PairState.OPEN, PairState.DONE)))
    is_free = free(ComparisonPair)
    until = func.now() + timedelta(minutes=minutes)
    counted = {
        "opinions": ComparisonPair.opinions - (0 if comparison.choice in NO_OPINION else 1),
        "state": PairState.OPEN.value,
        "lease_holder_id": case((is_free, actor.user_id), else_=ComparisonPair.lease_holder_id),
        "lease_expires_at": case((is_free, until), else_=ComparisonPair.lease_expires_at),
    }
    change_one(session, update(ComparisonPair).where(there).values(counted), otherwise=_closed())


def _now(session: Session) -> datetime:
    """The clock of the database, also within a long transaction."""
    read: datetime = session.scalars(select(func.clock_timestamp())).one()
    return read


def _record(session: Session, actor: Actor, action: str, comparison: Comparison) -> None:
    """Who did what. Neither what was said nor where a response comes from stands in the log."""
    record(
        session, action, "comparison", comparison.id,
        actor_id=actor.user_id, origin=actor.origin, project_id=comparison.project_id,
    )  # fmt: skip
