"""Talking to PostgreSQL: the base of all tables, the engine, the request's one transaction."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from enum import StrEnum
from functools import wraps
from threading import RLock
from typing import Annotated, Any, ParamSpec, TypeVar, cast

import anyio
import anyio.to_thread
import psycopg
from fastapi import Depends, Request
from psycopg.pq import ExecStatus
from sqlalchemy import (
    BigInteger,
    DateTime,
    Engine,
    MetaData,
    Table,
    Text,
    Update,
    create_engine,
    event,
    literal,
    make_url,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session, make_transient_to_detached, sessionmaker
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeDecorator

from app.core.errors import DomainError, Unavailable
from app.core.settings import Settings

APP_ROLE = "penset_app"
RESTED_SECONDS = 1.0
E = TypeVar("E", bound=StrEnum)
Row = TypeVar("Row", bound="Base")
P = ParamSpec("P")
DIALECT = make_url("postgresql+psycopg://").get_dialect()()
S = TypeVar("S", bound=Executable)


class Words(TypeDecorator[E]):
    """A StrEnum stored as its word; the column's CHECK constraint names the words."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[E]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: E | None, dialect: Any) -> str | None:
        """The word that is stored."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Any) -> E | None:
        """The member that a stored word means."""
        return None if value is None else self.words(value)


def one_of(column: str, words: type[StrEnum]) -> str:
    """The CHECK that keeps a column to the words of an enum."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return f"{column} IN ({listed})"


class Base(DeclarativeBase):
    """Every table. Times carry a zone; constraints have names that a migration can speak of."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: DateTime(timezone=True),
        str: Text,
        int: BigInteger,
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
    }


def rows_of(model: type[Any]) -> Table:
    """A model's table, for statements of hot paths: they are built once and run without the ORM."""
    table: Table = model.__table__
    return table


class Terse(psycopg.Cursor[Any]):
    """A cursor that says of a result's columns what SQLAlchemy asks for after each statement: names and types.

    psycopg makes an object of each column and looks its type up, which took a tenth of a request with wide rows.
    """

    @property
    def description(self) -> list[Any] | None:
        """A tuple of seven for each column, as PEP 249 has it; None for a statement that gives no rows."""
        result = self.pgresult
        if result is None or result.status not in (ExecStatus.TUPLES_OK, ExecStatus.SINGLE_TUPLE):
            return None
        named = (((result.fname(at) or b"").decode(), result.ftype(at)) for at in range(result.nfields))
        return [(name, kind, None, None, None, None, None) for name, kind in named]


def built_once(build: Callable[P, S]) -> Callable[P, S]:
    """`functools.cache` for a function that makes a statement: built, and put into SQL once, before others have it.

    Two threads that put the same new statement into SQL at once disturb each other: SQLAlchemy keeps in it what it
    finds on the way, and an alias was taken for its table, from then on. After the first time nothing more is kept.
    """
    made: dict[Any, S] = {}
    lock = RLock()

    @wraps(build)
    def once(*args: P.args, **kwargs: P.kwargs) -> S:
        key = (args, tuple(sorted(kwargs.items())))
        if key not in made:
            with lock:
                if key not in made:
                    statement = build(*args, **kwargs)
                    cast(ClauseElement, statement).compile(dialect=DIALECT)
                    made[key] = statement
        return made[key]

    return once


def make_engine(url: str, settings: Settings, *, pool_size: int | None = None) -> Engine:
    """An engine whose connections act as the role without the right to change history, with time limits set."""
    options = (
        f"-c statement_timeout={settings.statement_timeout_ms} -c lock_timeout={settings.lock_timeout_ms} "
        f"-c idle_in_transaction_session_timeout={settings.idle_transaction_timeout_ms} -c timezone=UTC"
    )
    engine = create_engine(
        sqlalchemy_url(url),
        pool_size=pool_size or settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.turn_seconds,
        hide_parameters=True,
        connect_args={
            "options": options,
            "connect_timeout": 10,
            "application_name": "penset",
            "cursor_factory": Terse,
        },
    )
    event.listen(engine, "connect", _act_as_app)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _ask_whether_alive)
    return engine


def sqlalchemy_url(url: str) -> str:
    """The URL with psycopg 3 named as its driver, however the operator wrote it."""
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def _act_as_app(connection: Any, record: Any) -> None:
    """Give up the owner's rights on this connection, where the installation has the lesser role."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_has_role(current_user, oid, 'member') FROM pg_roles WHERE rolname = %s", (APP_ROLE,))
        if (row := cursor.fetchone()) and row[0]:
            cursor.execute(f"SET ROLE {APP_ROLE}")
    connection.commit()


def _note_use(connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _ask_whether_alive(connection: Any, record: Any, proxy: Any) -> None:
    """Ask a connection that rested whether its server is still there; the pool replaces it where not.

    One that was used a moment ago is not asked: the question costs as much as a statement of the request.
    """
    if time.monotonic() - record.info.get("used", 0) < RESTED_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.OperationalError as error:
        raise DisconnectionError from error


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """What opens a transaction: `with sessions.begin() as session`."""
    return sessionmaker(engine, expire_on_commit=False)


class Turn:
    """Wait in the event loop, not in a thread, until a connection is free. Unavailable after the set time."""

    def __init__(self, request: Request) -> None:
        self.turns: asyncio.Semaphore = request.app.state.turns
        self.seconds: float = request.app.state.settings.turn_seconds

    async def __aenter__(self) -> None:
        if not self.turns.locked():  # which is nearly always so, and then no clock is set
            await self.turns.acquire()
            return
        try:
            async with asyncio.timeout(self.seconds):
                await self.turns.acquire()
        except TimeoutError:
            busy = "Penset is busy. Nothing was changed; please try again in a moment."
            raise Unavailable("core.busy", busy) from None

    async def __aexit__(self, *why: object) -> None:
        self.turns.release()


async def request_session(request: Request) -> AsyncIterator[Session]:
    """The request's one transaction, committed before the answer leaves. It waits for its turn first.

    To begin it costs no thread: the connection is taken by the first statement. To end it has a thread of its own, so
    that it never waits for one of those that wait for its connection.
    """
    async with Turn(request):
        transaction = request.app.state.sessions.begin()
        session: Session = transaction.__enter__()
        request.state.session = session
        try:
            yield session
        except BaseException as why:
            await _in_a_thread(transaction.__exit__, type(why), why, why.__traceback__)
            raise
        await _in_a_thread(transaction.__exit__, None, None, None)
        request.state.committed = True


async def _in_a_thread(end: Callable[..., Any], *how: Any) -> None:
    await anyio.to_thread.run_sync(end, *how, limiter=anyio.CapacityLimiter(1))


DB = Annotated[Session, Depends(request_session, scope="function")]


def as_written(session: Session, row: Row) -> Row:
    """A row that a statement of ours has just written, in the session as if it had been read: nothing is sent."""
    make_transient_to_detached(row)
    session.add(row)
    return row


def change_one(session: Session, statement: Update, *, otherwise: DomainError) -> None:
    """Run a guarded UPDATE. Raise `otherwise` unless it touched exactly one row."""
    if len(session.execute(statement.returning(literal(1))).all()) != 1:
        raise otherwise


def set_statement_timeout(session: Session, milliseconds: int) -> None:
    """For this transaction only: background work may take longer than a request."""
    session.execute(text("SELECT set_config('statement_timeout', :ms, true)"), {"ms": str(milliseconds)})
