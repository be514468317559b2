"""What pairs and rankings have in common: opinions are counted, can be taken back for a while, and come too late."""

from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict
from app.core.leases import free, give_back_all, held_by
from app.preferences.models import Comparison, ComparisonPair, ComparisonSet, Purpose, SetState
from app.preferences.ranking.models import Ordering, Ranking
from app.projects.queries import get_project_for

Unit = type[ComparisonPair] | type[Ranking]
OPEN, DONE = "open", "done"  # of pairs and rankings alike


def count_opinion(session: Session, actor: Actor, unit: Unit, row_id: int, opinions: int) -> None:
    """Add to the opinions of a pair or ranking and give it back; with the last one wanted it is done."""
    mine = or_(held_by(unit, actor.user_id), free(unit))
    there = and_(unit.id == row_id, unit.state == OPEN, mine)
    now = unit.opinions + opinions
    counted = {
        "opinions": now,
        "state": case((now >= unit.wanted, DONE), else_=OPEN),
        "lease_holder_id": None,
        "lease_expires_at": None,
    }
    change_one(session, update(unit).where(there).values(counted), otherwise=late())


def reopen(session: Session, actor: Actor, unit: Unit, row_id: int, project_id: int, opinions: int) -> None:
    """Take opinions from a pair or ranking, which is its judge's again unless somebody else works on it."""
    minutes = get_project_for(session, actor, project_id).lease_minutes
    there = and_(unit.id == row_id, unit.state.in_((OPEN, DONE)))
    is_free = free(unit)
    until = func.now() + timedelta(minutes=minutes)
    counted = {
        "opinions": unit.opinions - opinions,
        "state": OPEN,
        "lease_holder_id": case((is_free, actor.user_id), else_=unit.lease_holder_id),
        "lease_expires_at": case((is_free, until), else_=unit.lease_expires_at),
    }
    change_one(session, update(unit).where(there).values(counted), otherwise=closed())


def check_version(row: Comparison | Ordering, version: int | None) -> None:
    """Conflict where a page or program was drawn before a word was taken back; `version`: how often it was by then.
    None asks for no check."""
    if version is not None and version != row.undone:
        raise Conflict(
            "preferences.other_version",
            "You took your word back meanwhile, elsewhere; nothing was changed. Load the page to see what stands.",
        )


def take_back(
    session: Session, actor: Actor, row: Comparison | Ordering, unit: Unit, row_id: int, *, opinions: int, seconds: int
) -> None:
    """Let a word count no longer, for so many seconds after it was said: what it is about lies before its judge again,
    and what lay there waits. Conflict once it is too late, or the set was closed."""
    assert row.answered_at, "only a word that was said is taken back"
    check_undo(session, row.set_id, row.answered_at, seconds=seconds)
    clear_desk(session, actor, row.project_id)
    if row.purpose is Purpose.PLAIN:
        reopen(session, actor, unit, row_id, row.project_id, opinions)
    row.offered_at = clock(session)
    row.answered_at, row.seconds, row.undone = None, None, row.undone + 1
    if isinstance(row, Ordering):
        row.said, row.places = None, []
    else:
        row.choice, row.strength, row.reasons = None, None, []


def check_undo(session: Session, set_id: int, answered_at: datetime, *, seconds: int) -> None:
    """Conflict once a word is older than so many seconds, or its set was closed."""
    if answered_at + timedelta(seconds=seconds) <= clock(session):
        raise Conflict("preferences.too_late_to_undo", "This judgement counts now: it can no longer be taken back.")
    if session.scalar(select(ComparisonSet.state).where(ComparisonSet.id == set_id)) is not SetState.OPEN:
        raise closed()


def clear_desk(session: Session, actor: Actor, project_id: int) -> None:
    """Give back what lies before this person, pair or ranking."""
    for unit in (ComparisonPair, Ranking):
        give_back_all(session, unit, holder_id=actor.user_id, project_id=project_id)


def late() -> Conflict:
    """What whoever judges too late is told."""
    return Conflict(
        "preferences.too_late",
        "Your time for this ran out and somebody else has it, or it waits no longer: your word was not counted.",
    )


def closed() -> Conflict:
    """What whoever takes a word back is told where the set was closed."""
    return Conflict("preferences.set_closed", "The set was closed meanwhile: what you said stands.")


def clock(session: Session) -> datetime:
    """The clock of the database, also within a long transaction."""
    read: datetime = session.scalars(select(func.clock_timestamp())).one()
    return read


def note(session: Session, actor: Actor, action: str, subject: str, row: Comparison | Ordering) -> None:
    """Who did what. Neither what was said nor where a response comes from stands in the log."""
    record(session, action, subject, row.id, actor_id=actor.user_id, origin=actor.origin, project_id=row.project_id)
