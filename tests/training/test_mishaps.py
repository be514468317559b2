"""A run that could not begin has failed, says why and what to do, and can be started again. (R32)"""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import InternalError
from sqlalchemy.orm import Session

from app.core.settings import Settings
from app.training.jobs import put_silent_back, train
from tests.cast import Cast
from tests.jobs import do_jobs

OUTSIDE = f"{sys.base_prefix}/bin/python3"  # the interpreter that our environment is made of
WAITING = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'training.train' AND status = 'todo'")


def how_it_ended(cast: Cast, run_id: int) -> tuple[str, str]:
    """Status and reason, which stands on the page, too."""
    told = cast.admin.get(f"/api/v1/runs/{run_id}").json()
    return told["status"], told["failure"]


def starts_again(cast: Cast, session: Session, run_id: int) -> bool:
    """Whether it waits for a trainer again once a person says so on its page."""
    assert f'action="/runs/{run_id}/resume"' in cast.admin.get(f"/runs/{run_id}").text
    assert cast.admin.post(f"/runs/{run_id}/resume").status_code == 303
    return how_it_ended(cast, run_id) == ("queued", "") and session.scalar(WAITING) == 1


def fail(session: Session, run_id: int, problem: type[Exception]) -> None:
    """Do the run's job, which fails: the queue writes that down, and tries no more."""
    with pytest.raises(problem):
        train(run_id)
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed' WHERE status = 'todo'"))
    session.commit()


def test_a_run_whose_job_failed_before_it_began_has_failed_and_can_be_started_again(
    cast: Cast, queued: int, session: Session, connection: Connection
) -> None:
    put_silent_back(timestamp=0)
    assert how_it_ended(cast, queued) == ("queued", ""), "its job still waits"
    with connection.begin_nested() as nested:  # as a standby server answers
        connection.execute(text("SET TRANSACTION READ ONLY"))
        with pytest.raises(InternalError, match="read-only"):
            train(queued)
        nested.rollback()
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed' WHERE task_name = 'training.train'"))
    session.commit()
    put_silent_back(timestamp=0)
    status, failure = how_it_ended(cast, queued)
    assert (status, failure.split(",")[0]) == ("failed", "The trainer could not begin this run")
    assert starts_again(cast, session, queued)


def test_a_run_that_was_to_stop_and_whose_job_is_gone_has_stopped(cast: Cast, queued: int, session: Session) -> None:
    cast.admin.post(f"/runs/{queued}/stop")
    session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'training.train'"))
    session.commit()
    put_silent_back(timestamp=0)
    assert how_it_ended(cast, queued) == ("stopped", "")


@pytest.mark.parametrize(
    ("python", "reason"),
    [
        ("/nowhere/python", "/nowhere/python cannot be started (No such file or directory). Correct PENSET_PYTHON."),
        ("/", "/ cannot be started (Permission denied). Correct PENSET_PYTHON."),
        (OUTSIDE, "has no Penset. Install penset[train] there, or correct PENSET_PYTHON."),
    ],
)
def test_an_interpreter_that_cannot_be_the_worker_is_named(
    cast: Cast, queued: int, session: Session, settings: Settings, python: str, reason: str
) -> None:
    settings.python = python
    do_jobs(session)
    status, failure = how_it_ended(cast, queued)
    assert (status, failure[-len(reason) :]) == ("failed", reason)
    assert starts_again(cast, session, queued)


@pytest.fixture
def full(settings: Settings) -> Iterator[None]:
    """Runs lie on a disk of 16 kB."""
    settings.runs_root.mkdir(parents=True)
    where = str(settings.runs_root)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", where], check=False)
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    yield
    subprocess.run(["umount", where], check=True)


@pytest.mark.usefixtures("full")
def test_a_disk_without_room_for_a_runs_folder_is_named_and_nothing_is_left_on_it(
    cast: Cast, queued: int, session: Session, settings: Settings
) -> None:
    fail(session, queued, OSError)
    assert how_it_ended(cast, queued) == (
        "failed",
        "The trainer's disk is full. Free some space, then let the run go on.",
    )
    assert list(settings.runs_root.iterdir()) == []
    assert starts_again(cast, session, queued)


def test_a_folder_that_cannot_be_made_is_named(cast: Cast, queued: int, session: Session, settings: Settings) -> None:
    settings.runs_root.write_text("no folder", "utf-8")
    fail(session, queued, OSError)
    status, failure = how_it_ended(cast, queued)
    assert (status, failure[:47]) == ("failed", "The trainer's system refused (Not a directory).")
