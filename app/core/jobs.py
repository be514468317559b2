"""Background work: a queue in the same PostgreSQL, filled in the transaction of the cause."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, sessionmaker

from app.core.database import set_statement_timeout
from app.core.hot import ask_one
from app.core.settings import Settings
from app.core.storage import Storage

JOB_STATEMENT_MS = 15 * 60 * 1000

# The queue of each task that does not wait in the default one: so enqueuing loads no task, and not the library.
QUEUES = {"training.train": "training", "preferences.generate": "training"}
# Procrastinate's own statement for one job, without what its Python does around it.
PUT = text("""
SELECT unnest(procrastinate_defer_jobs_v1(ARRAY[
    ROW(:queue, :task, 0, :lock, NULL, :args, CAST(:at AS timestamptz))::procrastinate_job_to_defer_v1])) AS id
""").bindparams(bindparam("args", type_=JSONB))


class Surroundings:
    """What a job needs and cannot be told in its arguments: settings, sessions, storage. Set once a process."""

    settings: Settings
    sessions: sessionmaker[Session]
    storage: Storage


surroundings = Surroundings()
leaving = threading.Event()  # set when this process was told to end: long jobs look at it and stop at a safe point


def surround(settings: Settings, sessions: sessionmaker[Session], storage: Storage) -> None:
    """Tell this process's jobs where they are."""
    surroundings.settings, surroundings.sessions, surroundings.storage = settings, sessions, storage


@contextmanager
def job_session() -> Iterator[Session]:
    """One transaction of a job, with more time a statement than a request has."""
    with surroundings.sessions.begin() as session:
        set_statement_timeout(session, JOB_STATEMENT_MS)
        yield session


@contextmanager
def snapshot_session() -> Iterator[Session]:
    """The same where all statements see the database as it was at the first one, whatever is written meanwhile.

    A statement that writes over what was written since fails with a serialization failure: begin again then.
    """
    with surroundings.sessions.begin() as session:
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        set_statement_timeout(session, JOB_STATEMENT_MS)
        yield session


def enqueue(
    session: Session, name: str, *, lock: str | None = None, at: datetime | None = None, **arguments: Any
) -> int:
    """Put a job into the queue, in the caller's transaction: rolled back together, committed together.

    With `at` it is not begun before that time.
    """
    values = {"queue": QUEUES.get(name, "default"), "task": name, "lock": lock, "at": at, "args": arguments}
    put: int = ask_one(session, PUT, values).id
    return put


def enqueuing(name: str, argument: str, value: str, *, at: str = "NULL") -> str:
    """The same as an expression in a room's statement: a job with one argument, which has this value there.

    For a hand-in and a decision alone, as `audit.recording`: it saves them a journey. The task has the default queue
    and no lock; `at` is the time there before which it is not begun.
    """
    return f"""procrastinate_defer_jobs_v1(ARRAY[ROW(
        'default', '{name}', 0, NULL, NULL, jsonb_build_object('{argument}', {value}), {at}
    )::procrastinate_job_to_defer_v1])"""
