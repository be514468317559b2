"""Background work: a queue in the same PostgreSQL, filled in the transaction of the cause."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any

import procrastinate
from procrastinate import RetryStrategy
from procrastinate.manager import JobManager
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.core.database import set_statement_timeout
from app.core.logs import logger
from app.core.settings import Settings
from app.core.storage import Storage

log = logger("penset.jobs")
ROOMS_WITH_JOBS = (
    "app.core.sweep",
    "app.accounts.jobs",
    "app.prompts.jobs",
    "app.writing.jobs",
    "app.review.jobs",
    "app.datasets.jobs",
    "app.training.jobs",
    "app.preferences.jobs",
)
RETRIES = RetryStrategy(max_attempts=5, exponential_wait=4)
JOB_STATEMENT_MS = 15 * 60 * 1000

# The connector is only a placeholder: enqueuing passes the caller's own connection, and a worker opens its own.
jobs = procrastinate.App(connector=procrastinate.PsycopgConnector(), import_paths=ROOMS_WITH_JOBS)
# A worker's connector is asynchronous while it works, and would take the caller's connection for such a one.
putting = JobManager(procrastinate.SyncPsycopgConnector())


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


def task(
    name: str, *, queue: str = "default", retry: bool = True
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a job under a stable name. Its function takes ids, opens `job_session()`, calls a verb."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def told(*args: Any, **arguments: Any) -> None:
            try:
                function(*args, **arguments)
            except Exception as why:  # the edge of the job: said once here, then the queue's own business
                log.exception("job_failed", task=name, kind=type(why).__name__, **arguments)
                raise

        jobs.task(name=name, queue=queue, retry=RETRIES if retry else False)(told)
        return function

    return register


@contextmanager
def job_session() -> Iterator[Session]:
    """One transaction of a job, with more time a statement than a request has."""
    with surroundings.sessions.begin() as session:
        set_statement_timeout(session, JOB_STATEMENT_MS)
        yield session


def enqueue(
    session: Session, name: str, *, lock: str | None = None, at: datetime | None = None, **arguments: Any
) -> int:
    """Put a job into the queue, in the caller's transaction: rolled back together, committed together.

    With `at` it is not begun before that time.
    """
    connection = session.connection().connection.driver_connection
    asked = jobs.configure_task(name, lock=lock, schedule_at=at, connection=connection)
    asked.job_manager = putting
    return asked.defer(**arguments)


def queue_depth(session: Session) -> dict[str, int]:
    """How many jobs are in each state."""
    rows = session.execute(text("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status"))
    return dict(rows.all())
