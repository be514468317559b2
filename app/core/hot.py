"""The statements of what people wait for all day, run by psycopg alone in the session's own transaction.

Running one through SQLAlchemy takes three times what psycopg takes, and making objects of its rows as much again; a
save, a hand-in and a list consist of little else (decisions 0037, 0047). What each of them asks goes this way, and
nothing besides: elsewhere nobody feels the difference, and the ORM says more. Statements stay SQLAlchemy's, built once.
Nothing is flushed before one, and its rows have what the database gives: words, where the ORM would give a StrEnum.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Self
from weakref import WeakKeyDictionary

import psycopg
from psycopg.rows import namedtuple_row
from psycopg.sql import Literal
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_state, manager_of_class, set_committed_value
from sqlalchemy.sql.base import Executable

from app.core.database import DIALECT, Base, Row


@dataclass(frozen=True)
class Ready:
    """A statement as psycopg takes it: its SQL, whose values it has by number, the names of these in their order, and
    which of them are sent as other words than they are given in.

    By number, since psycopg takes those as they come. It looks for names in the SQL, anew each time where that is long.
    """

    sql: str
    names: tuple[str, ...]
    into_words: Mapping[str, Any]

    @classmethod
    def of(cls, statement: Any) -> Self:
        """Put into SQL, once. What the statement itself brings is written out, so that one plan can serve all runs.

        Where a limit or a state is a parameter, PostgreSQL makes a plan for each run, which takes longer than the run.
        """
        compiled = statement.compile(dialect=DIALECT)
        into_words = compiled._bind_processors  # noqa: SLF001 - JSON and our enums; SQLAlchemy has no other name for it
        words = in_words(into_words, {name: one for name, one in compiled.params.items() if one is not None})
        written = {name: Literal(one).as_string() for name, one in words.items()}
        names: dict[str, int] = {}

        def as_sent(found: re.Match[str]) -> str:
            if (name := found[1]) is None:
                return "%"
            return written.get(name) or f"${names.setdefault(name, len(names) + 1)}"

        return cls(PARAMETER.sub(as_sent, str(compiled)), tuple(names), into_words)


def in_words(into_words: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the driver takes them."""
    return {name: into_words[name](one) if name in into_words else one for name, one in values.items()}


PARAMETER = re.compile(r"%\((\w+)\)s|%%")
READY: WeakKeyDictionary[Executable, Ready] = WeakKeyDictionary()


def ask(
    session: Session, statement: Executable, values: Mapping[str, Any], *, alone: bool = False, anew: bool = False
) -> list[Any]:
    """The rows of a statement that gives rows, each a named tuple. It fails as it would by SQLAlchemy.

    `alone`: where no statement has begun the session's transaction, this one does not either, and is one by itself:
    what it wrote is stored when it is done. That saves two journeys, of which each costs as much as many a statement.
    For who asks, which only reads, and for what is all that a request writes.

    `anew`: planned for these values, each time. Else PostgreSQL may take one plan for all, which is no good where the
    values say how many rows there are, as the words of a search do.
    """
    ready = READY.get(statement) or READY.setdefault(statement, Ready.of(statement))
    words, connection = in_words(ready.into_words, values), session.connection()
    sent = [words[name] for name in ready.names]
    cursor = cursor_for(connection, ready.sql)
    heard = connection.dispatch
    for listener in heard.before_cursor_execute:
        listener(connection, cursor, ready.sql, sent, None, False)
    driver = cursor.connection
    driver._autocommit = alone  # noqa: SLF001 - by its public name psycopg asks first whether a transaction has begun
    try:
        rows: list[Any] = cursor.execute(ready.sql, sent, prepare=False if anew else None).fetchall()
    except psycopg.Error as error:
        raise failed(connection, error) from error
    finally:
        driver._autocommit = False  # noqa: SLF001
    for listener in heard.after_cursor_execute:
        listener(connection, cursor, ready.sql, sent, None, False)
    return rows


def ask_one(session: Session, statement: Executable, values: Mapping[str, Any], *, alone: bool = False) -> Any:
    """The only row of a statement, or None where it gives none."""
    rows = ask(session, statement, values, alone=alone)
    assert len(rows) < 2, "a statement that gives one row at most"
    return rows[0] if rows else None


def cursor_for(connection: Connection, sql: str) -> psycopg.Cursor[Any]:
    """The cursor that each connection has for this statement: it remembers how its values are sent and read.

    One that ran another statement in between asks for each value and each column anew.
    """
    cursors: dict[str, psycopg.Cursor[Any]] = connection.info.setdefault("hot", {})
    if (cursor := cursors.get(sql)) is None:
        ours: Any = connection.connection.driver_connection
        cursor = cursors[sql] = psycopg.RawCursor(ours, row_factory=namedtuple_row)
    return cursor


def failed(connection: Connection, error: psycopg.Error) -> BaseException:
    """SQLAlchemy's word for a failure. Where the connection is lost, so are those that were made before: its pool hears
    of it."""
    said: Any = error  # SQLAlchemy names the drivers' errors by a protocol
    lost = connection.dialect.is_disconnect(said, connection.connection.dbapi_connection, None)
    if lost:
        connection.engine.pool._invalidate(connection.connection, error)  # noqa: SLF001 (as Connection itself does)
        connection.invalidate(error)
    told: BaseException = DBAPIError.instance(
        None, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=lost, dialect=connection.dialect
    )
    return told


def as_read(session: Session, model: type[Row], key: int, **values: Any) -> Row:
    """The row of this key as the ORM has one that it has just read, with these columns; it reads others when asked.

    It is made and entered as SQLAlchemy's own loading does it. To make one, let it go and add it again, which is what
    its API offers, takes four times as long, for eleven rows a hand-in.
    """
    identity = (model, (key,), None)
    known: Row | None = session.identity_map.get(identity)
    if known is not None:
        for name, value in values.items():
            set_committed_value(known, name, value)
        return known
    row: Row = manager_of_class(model).new_instance()
    vars(row).update(values)
    state = instance_state(row)
    state.key, state.session_id = identity, session.hash_key
    state.expired_attributes.update(columns_besides(model, *values))
    session.identity_map.add(state)
    return row


@cache
def columns_besides(model: type[Base], *named: str) -> frozenset[str]:
    """The columns of a table but for these, by the names of their attributes."""
    return frozenset(attribute.key for attribute in inspect(model).column_attrs).difference(named)
