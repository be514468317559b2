"""A job and its cause are one transaction; a job whose worker dies is found and done."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import procrastinate
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.core.jobs import enqueue, surround
from app.core.settings import Settings
from app.core.storage_choice import open_storage
from app.core.tasks import jobs, task
from app.core.worker import connection_info
from tests.conftest import raw
from tests.jobs import work_off

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def sessions(own_sessions: sessionmaker[Session], settings: Settings) -> sessionmaker[Session]:
    """Jobs that work on a database of this test's own."""
    surround(settings, own_sessions, open_storage(None, settings.files_folder))
    return own_sessions


def states(url: str) -> dict[str, int]:
    """How many jobs of these tests are in each state; periodic ones of others are left out."""
    with raw(url) as connection:
        rows = connection.execute(
            "SELECT status::text, count(*) FROM procrastinate_jobs WHERE task_name LIKE 'core.forget%' GROUP BY 1"
        ).fetchall()
    return dict(rows)


def test_a_rolled_back_cause_leaves_no_job(own_database: str, sessions: sessionmaker[Session]) -> None:  # R6
    with sessions() as session:
        enqueue(session, "core.forget_answers", timestamp=0)
        session.rollback()
    assert states(own_database) == {}


def test_a_committed_cause_has_its_job_done(own_database: str, sessions: sessionmaker[Session]) -> None:  # R6
    with sessions.begin() as session:
        enqueue(session, "core.forget_answers", timestamp=0)
    assert states(own_database) == {"todo": 1}
    work_off(own_database).join()
    assert states(own_database) == {"succeeded": 1}


@pytest.fixture
def tries() -> Iterator[list[int]]:
    """The tries of the task `core.forget_in_vain`, which always fails."""
    tried: list[int] = []

    @task("core.forget_in_vain")
    def fail() -> None:
        tried.append(len(tried))
        raise OSError("the disk is gone")

    yield tried
    del jobs.tasks["core.forget_in_vain"]


def test_a_job_that_always_fails_is_tried_after_growing_waits_then_failed_and_others_go_on(
    own_database: str, sessions: sessionmaker[Session], tries: list[int]
) -> None:  # R10
    with sessions.begin() as session:
        enqueue(session, "core.forget_in_vain")
        enqueue(session, "core.forget_answers", timestamp=0)
    waits: list[float] = []
    while not waits or states(own_database) == {"todo": 1, "succeeded": 1}:
        work_off(own_database).join()
        assert len(tries) == len(waits) + 1
        with raw(own_database) as connection:  # it is tried again no earlier; then its time has come
            [(wait,)] = connection.execute(
                "SELECT extract(epoch FROM scheduled_at - now()) FROM procrastinate_jobs "
                "WHERE task_name = 'core.forget_in_vain'"
            ).fetchall()
            waits.append(float(wait))
            connection.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    assert states(own_database) == {"failed": 1, "succeeded": 1}
    assert len(tries) == 1 + 5
    assert all(2 * before < after for before, after in pairwise(waits[:-1])), waits


WORKER_THAT_DIES = """
import os, signal, sys
from app.core.tasks import jobs
from app.core.worker import work
from app.core import sweep
from app.core.logs import set_up_logs

set_up_logs()

@jobs.task(name="core.forget_answers_and_die", queue="default")
def die(timestamp: int) -> None:
    print("begun", flush=True)
    signal.pause()

sys.exit(work(sys.argv[1], wait=True))
"""


def test_a_job_of_a_killed_worker_is_found_and_done_by_the_next(
    own_database: str, sessions: sessionmaker[Session]
) -> None:  # R9
    with sessions.begin() as session:
        enqueue(session, "core.forget_answers_and_die", timestamp=0)
    command = [sys.executable, "-c", WORKER_THAT_DIES, own_database]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT) as child:
        assert child.stdout
        try:
            assert child.stdout.readline() == "begun\n"
        finally:
            os.kill(child.pid, signal.SIGKILL)
    assert states(own_database) == {"doing": 1}
    with raw(own_database) as connection:
        [told] = connection.execute("SELECT named FROM procrastinate_workers").fetchall()
        assert told == (f"penset@{socket.gethostname()}",), "which jobs it took"
    with raw(own_database) as connection:  # the worker's row was pruned, and its last sign of life is long ago
        connection.execute("DELETE FROM procrastinate_workers")
        connection.execute("UPDATE procrastinate_jobs SET task_name = 'core.forget_answers' WHERE status = 'doing'")
    work_off(own_database).join()
    assert states(own_database) == {"succeeded": 1}


def test_the_queue_lives_in_the_same_database(own_database: str) -> None:
    connector = procrastinate.SyncPsycopgConnector(conninfo=connection_info(own_database))
    with procrastinate.App(connector=connector).open() as app:
        assert app.check_connection()


def test_job_tables_are_within_reach_of_the_application_role(
    own_database: str, sessions: sessionmaker[Session]
) -> None:  # S92
    with sessions.begin() as session:
        assert session.scalar(text("SELECT current_user")) == "penset_app"
        assert enqueue(session, "core.forget_answers", timestamp=0) > 0
