"""The process that does the jobs, beside those that answer people."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest


@pytest.mark.parametrize(("asked", "niceness"), [({}, 15), ({"PENSET_WORKER_NICENESS": "0"}, 0)])
def test_a_worker_steps_back_as_far_as_is_set(
    own_database: str, tmp_path: Path, asked: dict[str, str], niceness: int
) -> None:
    surroundings = os.environ | asked | {"PENSET_DATA": str(tmp_path), "PENSET_DATABASE_URL": own_database}
    log = tmp_path / "worker.log"
    log.touch()
    command = [sys.executable, "-m", "app.cli", "worker", "--queue", "default"]
    with log.open("ab") as out:
        worker = subprocess.Popen(command, stdout=out, stderr=out, env=surroundings, start_new_session=True)
    try:
        wait_until_it_takes_jobs(worker, log)
        ours = os.getpriority(os.PRIO_PROCESS, 0)  # 0, unless the tests themselves were begun by `nice`
        assert os.getpriority(os.PRIO_PROCESS, worker.pid) == max(niceness, ours)
        group = Path(f"/proc/{worker.pid}/autogroup")
        if group.exists():  # Linux makes a group of each session: within it alone nice would say nothing
            assert group.read_text().endswith(f" nice {niceness}\n")
    finally:
        worker.terminate()
        worker.wait(60)


def wait_until_it_takes_jobs(worker: subprocess.Popen[bytes], log: Path) -> None:
    """Until it has said so; at most a minute."""
    deadline = time.monotonic() + 60
    while "worker_started" not in (said := log.read_text()):
        assert worker.poll() is None, said
        assert time.monotonic() < deadline, said
        time.sleep(0.02)
