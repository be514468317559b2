"""Several processes share a run, started by the real torchrun: what they learn is what one would have learned."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from app.training.worker.__main__ import main
from app.training.worker.events import EventKind
from app.training.worker.report import read_report
from tests.training.worker.runs import TINY, by_two, events, fill, train_losses

pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("default")]
PATIENCE = 120


def second_process(of: subprocess.Popen[bytes]) -> psutil.Process:
    """The process of rank 1, once it is there."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for each in of_the_runs():
            with suppress(psutil.Error):  # it has just ended, or is only beginning
                if each.environ().get("RANK") == "1":
                    return each
        assert of.poll() is None
        time.sleep(0.1)
    raise AssertionError("no second process")


def of_the_runs() -> Iterator[psutil.Process]:
    """What is started or forked for runs by the process that has the libraries."""
    for server in psutil.Process().children():
        with suppress(psutil.ZombieProcess):  # a child of this process that has ended, and was not asked how
            if "tests.quick_python" in server.cmdline():
                yield from server.children(recursive=True)


def listened_at(worker: subprocess.Popen[bytes]) -> set[str]:
    """The addresses at which a run and its processes listened, up to their end."""
    seen: set[str] = set()
    while worker.poll() is None:
        for each in of_the_runs():
            with suppress(psutil.Error):
                seen |= {line.laddr.ip for line in each.net_connections("inet") if line.status == psutil.CONN_LISTEN}
        time.sleep(0.5)
    return seen


def test_two_processes_that_stop_and_go_on_learn_what_one_learns(
    unbroken: Path, tmp_path: Path, loaded_python: str
) -> None:
    folder = fill(tmp_path / "run", TINY)
    (folder / "before.json").write_bytes((unbroken / "before.json").read_bytes())
    (folder / "stop").touch()
    assert by_two(folder, loaded_python).wait() == 3
    assert [event["step"] for event in events(folder, EventKind.CHECKPOINT)] == [1]
    (folder / "stop").unlink()
    again = by_two(folder, loaded_python)
    assert listened_at(again) == {"127.0.0.1"}  # nobody on the network can speak to them
    assert again.wait() == 0

    started = events(folder, EventKind.STARTED)[-1]
    assert started["resumed_from"] == 1
    assert started["machine"].endswith(", 2 processes")
    told = [event["step"] for event in events(folder, EventKind.STEP)]
    assert told == sorted(set(told)), "one process tells"
    one, two = train_losses(unbroken), train_losses(folder)
    assert two.keys() == one.keys()
    assert [two[step] for step in (1, 2, 3)] == pytest.approx([one[step] for step in (1, 2, 3)], abs=1e-4)
    # 15 rows do not fill 4 steps of 4: of two processes, the last step learns a row of the epoch's beginning again.
    losses = [read_report(each / "report.json")["splits"]["test"]["loss_after"] for each in (unbroken, folder)]
    assert losses[1] == pytest.approx(losses[0], abs=0.05)


def test_a_run_that_loses_one_of_its_processes_fails_and_says_which(tmp_path: Path, loaded_python: str) -> None:
    folder = fill(tmp_path / "run", TINY)
    worker = by_two(folder, loaded_python)
    second_process(worker).kill()
    assert worker.wait() == 1
    said = events(folder)[-1]
    assert said["code"] == "process_lost"
    assert said["reason"] == "Process 2 of the 2 of this run was ended by SIGKILL."


def test_rows_that_cannot_be_shared_equally_are_refused(tmp_path: Path) -> None:
    folder = fill(tmp_path / "run", TINY)
    assert main(folder, processes=3) == 1
    assert events(folder)[-1]["reason"] == "4 rows a step cannot be shared equally by 3 processes."
