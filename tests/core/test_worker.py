"""The process that does the jobs, beside those that answer people."""

import os
import time
from pathlib import Path

import pytest

from tests.forked import Forked


@pytest.mark.parametrize(("asked", "niceness"), [({}, 15), ({"PENSET_WORKER_NICENESS": "0"}, 0)])
def test_a_worker_steps_back_as_far_as_is_set(
    own_database: str, tmp_path: Path, asked: dict[str, str], niceness: int
) -> None:
    surroundings = os.environ | asked | {"PENSET_DATA": str(tmp_path), "PENSET_DATABASE_URL": own_database}
    log = tmp_path / "worker.log"
    log.touch()
    worker = Forked("app.cli", "worker", "--queue", "default", out=log, variables=surroundings)
    try:
        wait_until_it_takes_jobs(worker, log)
        ours = os.getpriority(os.PRIO_PROCESS, 0)  # 0, unless the tests themselves were begun by `nice`
        assert os.getpriority(os.PRIO_PROCESS, worker.pid) == max(niceness, ours)
    finally:
        worker.terminate()
        worker.wait(60)


def wait_until_it_takes_jobs(worker: Forked, log: Path) -> None:
    """Until it has said so; at most a minute."""
    deadline = time.monotonic() + 60
    while "worker_started" not in (said := log.read_text()):
        assert worker.poll() is None, said
        assert time.monotonic() < deadline, said
        time.sleep(0.02)
