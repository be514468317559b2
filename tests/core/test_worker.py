"""The process that does the jobs, beside those that answer people."""

import os
import time
from pathlib import Path

import psutil
import pytest

from tests.browser.site import free_port
from tests.forked import Forked


@pytest.mark.parametrize(("asked", "niceness"), [({}, 15), ({"PENSET_WORKER_NICENESS": "0"}, 0)])
def test_a_worker_steps_back_as_far_as_is_set(
    own_database: str, tmp_path: Path, asked: dict[str, str], niceness: int
) -> None:
    surroundings = os.environ | asked | {"PENSET_DATA": str(tmp_path), "PENSET_DATABASE_URL": own_database}
    log = tmp_path / "worker.log"
    worker = Forked("app.cli", "worker", "--queue", "default", out=log, variables=surroundings)
    try:
        wait_until_said(worker, log, "worker_started")
        ours = os.getpriority(os.PRIO_PROCESS, 0)  # 0, unless the tests themselves were begun by `nice`
        assert os.getpriority(os.PRIO_PROCESS, worker.pid) == max(niceness, ours)
    finally:
        worker.terminate()
        worker.wait(60)


def test_workers_beside_the_site_are_of_its_session_within_which_it_counts_and_no_key_of_its_terminal_ends_them(
    own_database: str, tmp_path: Path
) -> None:
    surroundings = os.environ | {"PENSET_DATA": str(tmp_path), "PENSET_DATABASE_URL": own_database}
    log = tmp_path / "site.log"
    site = Forked("app.cli", "serve", "--port", str(free_port()), out=log, variables=surroundings)
    try:
        wait_until_said(site, log, "worker_started")
        beside = [one.pid for one in psutil.Process(site.pid).children()]
        assert len(beside) == 2
        assert {os.getsid(one) for one in beside} == {os.getsid(site.pid)}
        assert {os.getpgid(one) for one in beside} == set(beside)
    finally:
        site.terminate()
        site.wait(60)


def wait_until_said(process: Forked, log: Path, word: str) -> None:
    """Until it, or what it began, has said so; at most a minute."""
    log.touch()
    deadline = time.monotonic() + 60
    while word not in (said := log.read_text()):
        assert process.poll() is None, said
        assert time.monotonic() < deadline, said
        time.sleep(0.02)
