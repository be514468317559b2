"""Who did what, which, when, from where: one append-only table, written in the transaction of the act."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Identity, Index, bindparam, func, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.database import Base, rows_of
from app.core.hot import ask


class AuditEntry(Base):
    """One act. `details` holds ids, words of ours and the name of what is no more; nothing else that a person wrote."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index(None, "project_id", "id"),
        Index(None, "actor_id", "id"),
        Index(None, "action", "id"),
        Index(None, "subject", "subject_id", "id"),
        Index(None, "at"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_id: Mapped[int | None]
    action: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[int | None]
    project_id: Mapped[int | None]
    address: Mapped[str | None]
    request_id: Mapped[str | None]
    details: Mapped[dict[str, Any]]


@dataclass(frozen=True)
class Origin:
    """Where an act came from: the network address and the request's id; empty for commands and jobs."""

    address: str | None = None
    request_id: str | None = None


NOWHERE = Origin()


def record(
    session: Session,
    action: str,
    subject: str,
    subject_id: int | None = None,
    *,
    actor_id: int | None,
    origin: Origin = NOWHERE,
    project_id: int | None = None,
    **details: Any,
) -> None:
    """Write one audit row, as in `record(session, "review.approved", "submission", 7, actor_id=3)`."""
    entry = {
        "action": action,
        "subject": subject,
        "subject_id": subject_id,
        "project_id": project_id,
        "actor_id": actor_id,
        "address": origin.address,
        "request_id": origin.request_id,
        "details": details,
    }
    ask(session, ENTERED, entry)


def recording(part: str, action: str, subject: str, *, details: str = "", of: str = "") -> str:
    """The same as a part of a room's statement, about the row of its `part`, whose id, project and one detail it takes.

    The values are those of `recorded_as`. For a hand-in and a decision alone: it saves them a journey.
    """
    said = f"jsonb_build_object('{details}', {part}.{of})" if details else "'{}'"
    return f"""
    INSERT INTO audit_log (action, subject, subject_id, project_id, actor_id, address, request_id, details)
    SELECT '{action}', '{subject}', {part}.id, {part}.project_id, :audited_actor, :audited_address, :audited_request,
        {said} FROM {part}"""  # noqa: S608 - names of ours


def recorded_as(actor_id: int, origin: Origin) -> dict[str, Any]:
    """Who did it and from where, as the values of `recording`."""
    return {"audited_actor": actor_id, "audited_address": origin.address, "audited_request": origin.request_id}


# Built once: every act of anybody is entered.
NAMED = ("action", "subject", "subject_id", "project_id", "actor_id", "address", "request_id", "details")
ROWS = rows_of(AuditEntry)
ENTERED = insert(ROWS).values({name: bindparam(name, type_=ROWS.c[name].type) for name in NAMED}).returning(ROWS.c.id)
