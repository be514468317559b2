"""A save while somebody types, in one guarded statement: what nearly every save is, the turns of a response alone.

Where the guard does not let it through nothing is written, and `drafts.save_draft` goes the long way and says why.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, DateTime, bindparam, column, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.hot import ask_one
from app.prompts import slots
from app.writing.assignments import lock_assignment
from app.writing.drafts import keep_holding
from app.writing.holding import hold_of
from app.writing.turns import Messages, wrong_turns

# Assignment and draft are locked and read as they are after the wait, as `lock_assignment` does it.
GUARDED = text(f"""
WITH mine AS (
    SELECT a.id, a.slot_id, a.writer_id AS holder_id, p.lease_minutes
    FROM assignments a JOIN drafts d ON d.assignment_id = a.id JOIN projects p ON p.id = a.project_id
    WHERE a.id = :assignment AND a.writer_id = :person AND a.project_id = ANY(:member_of)
        AND a.status = 'drafting' AND NOT a.is_pair AND d.revision = :revision
    FOR UPDATE OF a, d
), saved AS (
    UPDATE drafts SET messages = :messages, revision = revision + 1, caret = :caret, saved_at = now()
    FROM mine WHERE assignment_id = mine.id RETURNING revision, saved_at
), renewed AS ({slots.renewing("mine")})
SELECT saved.revision, saved.saved_at, (SELECT lease_expires_at FROM renewed) AS lease_expires_at FROM saved
""")  # noqa: S608 - every part is a constant
SAVED = GUARDED.bindparams(bindparam("messages", type_=JSONB)).columns(
    column("revision", BigInteger), column("saved_at", DateTime), column("lease_expires_at", DateTime)
)


@dataclass(frozen=True)
class Saved:
    """The revision that is stored now, and the place of it."""

    revision: int
    saved_at: datetime
    held: bool
    lease_expires_at: datetime | None


def quick_save(
    session: Session, actor: Actor, assignment_id: int, *, messages: Messages, revision: int, caret: int | None
) -> Saved | None:
    """Save over revision `revision` of the actor's own response and hold its prompt on. None: nothing was done."""
    if wrong_turns(messages):
        return None
    mine = {"assignment": assignment_id, "person": actor.user_id, "member_of": list(actor.roles)}
    values = {**mine, "revision": revision, "messages": messages, "caret": caret}
    saved = ask_one(session, SAVED, values, alone=True)
    if saved is None:
        return None
    if saved.lease_expires_at is not None:
        return Saved(saved.revision, saved.saved_at, True, saved.lease_expires_at)
    keep_holding(session, actor, lock_assignment(session, actor, assignment_id))
    hold = hold_of(session, actor, assignment_id)
    return Saved(saved.revision, saved.saved_at, hold.held, hold.lease_expires_at)
