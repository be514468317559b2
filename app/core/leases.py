"""Who works on what now: claim, renew, give back. The same for prompts, submissions and comparisons.

A row that can be leased carries two columns. A lease that has run out is still its holder's until somebody else
needs the row, so a writer who comes back late loses nothing that nobody took.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Interval, Select, Table, Update, and_, bindparam, func, or_, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.database import built_once, rows_of

HOLDER = bindparam("lease_holder", type_=BigInteger)
EXPIRES = func.now() + bindparam("lease_term", type_=Interval)


class Leased:
    """Two columns for a table whose rows are worked on by one person at a time."""

    lease_holder_id: Mapped[int | None] = mapped_column()
    lease_expires_at: Mapped[datetime | None] = mapped_column()


def free(table: type[Leased]) -> ColumnElement[bool]:
    """Nobody holds the row, or the holder's time has run out. Database time, never the web process's clock."""
    return or_(table.lease_holder_id.is_(None), table.lease_expires_at < func.now())


def held_by(table: type[Leased], holder_id: int) -> ColumnElement[bool]:
    """The row is this person's, also when the time has run out but nobody took it."""
    return table.lease_holder_id == holder_id


def claiming(table: type[Any], candidates: Select[Any], *, before: Select[Any] | None = None) -> Update:
    """Lease the first free row of `candidates` (a SELECT of ids, in the room's own order), as a statement.

    `before`: a SELECT of one id that `first_free` has found; `candidates` are asked only where it finds none. A room
    builds the statement once, adds what it returns, and runs it with `lease_values` and the values of its candidates.
    """
    first: ColumnElement[Any] = first_free(table, candidates).scalar_subquery()
    if before is not None:
        first = func.coalesce(before.scalar_subquery(), first)
    rows = rows_of(table)
    return update(rows).where(rows.c.id == first).values(lease_holder_id=HOLDER, lease_expires_at=EXPIRES)


def first_free(table: type[Any], candidates: Select[Any]) -> Select[Any]:
    """The first free row of `candidates`, locked. Rows that others are claiming at this very moment are skipped, never
    waited for."""
    return candidates.where(free(table)).limit(1).with_for_update(skip_locked=True, of=table)


def lease_values(holder_id: int, minutes: int) -> dict[str, Any]:
    """What a statement of leasing wants to be told."""
    return {"lease_holder": holder_id, "lease_term": timedelta(minutes=minutes)}


def renew(session: Session, table: type[Leased], row_id: int, *, holder_id: int, minutes: int) -> bool:
    """Prolong the holder's lease. False when somebody else has taken the row since."""
    return session.scalar(_renewed(rows_of(table)), {"row": row_id, **lease_values(holder_id, minutes)}) is not None


def give_back(session: Session, table: type[Leased], row_id: int, *, holder_id: int) -> bool:
    """End the holder's lease so that the row is free at once. False when it was not theirs."""
    return session.scalar(_given_back(rows_of(table)), {"row": row_id, "lease_holder": holder_id}) is not None


@built_once
def _renewed(rows: Table) -> Update:
    return _own(rows, lease_expires_at=EXPIRES)


@built_once
def _given_back(rows: Table) -> Update:
    return _own(rows, lease_holder_id=None, lease_expires_at=None)


def _own(rows: Table, **values: Any) -> Update:
    own = update(rows).where(rows.c.id == bindparam("row"), rows.c.lease_holder_id == HOLDER)
    return own.values(values).returning(rows.c.id)


def give_back_all(session: Session, table: type[Any], *, holder_id: int, project_id: int | None = None) -> int:
    """End every lease of one person on this table, or those in one project. How many there were."""
    theirs = held_by(table, holder_id) if project_id is None else _in_project(table, holder_id, project_id)
    statement = (
        update(table)
        .where(theirs)
        .values(lease_holder_id=None, lease_expires_at=None)
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(statement).all())


def give_back_everywhere(session: Session, *, holder_id: int, project_id: int | None = None) -> int:
    """End every lease of one person, in every table whose rows can be leased, or in one project. How many there were.

    Every such table names the project of its rows.
    """
    return sum(
        give_back_all(session, table, holder_id=holder_id, project_id=project_id) for table in Leased.__subclasses__()
    )


def give_back_of_others(session: Session, *, holder_id: int, project_id: int) -> int:
    """End the leases of one person in a project on what others wrote: they may judge it no longer. How many there were.

    That is in the tables whose rows name an author. What they wrote and hold themselves stays theirs.
    """
    judged = [table for table in Leased.__subclasses__() if hasattr(table, "author_id")]
    return sum(_given_back_of_others(session, table, holder_id, project_id) for table in judged)


def _given_back_of_others(session: Session, table: type[Any], holder_id: int, project_id: int) -> int:
    theirs = and_(_in_project(table, holder_id, project_id), table.author_id != holder_id)
    freed = update(table).where(theirs).values(lease_holder_id=None, lease_expires_at=None).returning(table.id)
    return len(session.execute(freed.execution_options(synchronize_session=False)).all())


def _in_project(table: type[Any], holder_id: int, project_id: int) -> ColumnElement[bool]:
    return and_(held_by(table, holder_id), table.project_id == project_id)


def live(table: type[Leased]) -> ColumnElement[bool]:
    """Somebody holds the row and still has time."""
    return and_(table.lease_holder_id.is_not(None), table.lease_expires_at >= func.now())
