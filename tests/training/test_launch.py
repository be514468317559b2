"""A run's process: it knows one folder and no secret, ends when told, and never works beside another."""

import errno
import os
import resource
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from app.training import launch
from app.training.worker.events import Event, EventKind
from tests.training.worker.runs import TINY, fill

pytestmark = pytest.mark.training


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run that would go on for hours."""
    return fill(tmp_path, replace(TINY, epochs=5000.0))


def first_step(worker: launch.Worker) -> None:
    """Wait until the worker has made a step."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        assert worker.child.poll() is None, launch.last_words(worker.folder)
        if any(event["kind"] == EventKind.STEP for event in worker.events()):
            return
        with suppress(subprocess.TimeoutExpired):
            worker.child.wait(0.1)
    raise AssertionError(f"no step within 300 s: {launch.last_words(worker.folder)}")


def alive(group: int) -> list[int]:
    """The processes of a group that still run."""
    return [
        process.pid
        for process in psutil.process_iter()
        if process.status() != psutil.STATUS_ZOMBIE and os.getpgid(process.pid) == group
    ]


def test_the_worker_sees_no_secret_is_limited_and_ends_within_ten_seconds(  # S87, R32
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENSET_DATABASE_URL", "postgresql://penset:marker-secret@nowhere/penset")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "marker-secret")
    worker = launch.start(folder, memory_mb=8192, hours=2)
    first_step(worker)
    assert resource.prlimit(worker.child.pid, resource.RLIMIT_DATA) == (8192 << 20, 8192 << 20)
    hours_of_processors = 2 * 3600 * (os.cpu_count() or 1)
    assert resource.prlimit(worker.child.pid, resource.RLIMIT_CPU) == (hours_of_processors, hours_of_processors)
    environment = Path(f"/proc/{worker.child.pid}/environ").read_bytes()
    assert b"marker-secret" not in environment
    assert os.getpgid(worker.child.pid) == worker.child.pid != os.getpgid(0)
    assert Path(f"/proc/{worker.child.pid}/cwd").resolve() == folder.resolve()

    begun = time.monotonic()
    with pytest.raises(launch.CannotWork, match=r"stopped after 1e-06 hours, the most that PENSET_TRAINING_HOURS lets"):
        launch.watch(worker, lambda events: False, hours=1e-6)
    assert time.monotonic() - begun < 15  # 10 s, and a machine that others use
    assert alive(worker.child.pid) == []


@dataclass
class Elsewhere(launch.Working):
    """A worker that has told this, and is ended with this code once it was asked to stop."""

    code: int
    told: list[Event]

    def poll(self) -> int | None:
        return None if self.asked_at is None else self.code

    def events(self) -> list[Event]:
        return self.told

    def press(self, seconds: float) -> None: ...

    def end(self) -> None: ...


def test_the_hours_are_the_reason_whatever_code_a_worker_ends_with_unless_it_told_another(tmp_path: Path) -> None:
    failed: Event = {"kind": EventKind.FAILED, "code": "disk_full"}
    with pytest.raises(launch.CannotWork, match="stopped after 1e-06 hours"):
        launch.watch(Elsewhere(tmp_path, 0, 143, []), lambda events: False, hours=1e-6)
    for code, told in ((143, [failed]), (0, [])):
        assert launch.watch(Elsewhere(tmp_path, 0, code, told), lambda events: False, hours=1e-6) == code


def test_where_the_system_lets_nobody_limit_a_run_it_goes_on_and_can_be_ended(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise PermissionError(errno.EPERM, "as in a sandbox")

    monkeypatch.setattr(resource, "prlimit", refuses)
    worker = launch.start(folder, memory_mb=8192)
    worker.end()
    assert worker.child.wait(60) == -signal.SIGKILL
    assert (folder / "worker.lock").read_text() == str(worker.child.pid)


def test_a_trackers_own_settings_are_passed_on_only_where_runs_are_tracked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_TRACKING_URI", "WANDB_API_KEY", "PENSET_SECRET"):
        monkeypatch.setenv(name, "marker")
    assert "marker" not in launch.environment(None).values()
    told = launch.environment("mlflow")
    assert {name for name, value in told.items() if value == "marker"} == {"MLFLOW_TRACKING_URI"}


def test_a_worker_left_by_a_dead_trainer_is_ended_before_another_begins(folder: Path) -> None:  # R30
    left = launch.start(folder)
    newcomer = launch.start(folder)
    try:
        for what in (resource.RLIMIT_DATA, resource.RLIMIT_CPU):
            assert resource.prlimit(newcomer.child.pid, what) == resource.getrlimit(what), "nobody set a limit"
        assert left.child.wait(20) == -signal.SIGKILL
        assert newcomer.child.poll() is None
    finally:
        newcomer.signal(signal.SIGKILL)
        newcomer.child.wait()


def test_a_folder_is_prepared_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "run"

    def breaks(part: Path) -> None:
        (part / "train.jsonl").write_text("{}", "utf-8")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        launch.prepare(target, breaks)
    assert not target.exists()
    launch.prepare(target, lambda part: None)
    (target / "checkpoints").mkdir()
    launch.prepare(target, breaks)
    assert (target / "checkpoints").exists()


def test_a_worker_that_cannot_begin_says_why(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text('{"base_model": "tiny", "sead": 1}', "utf-8")
    told: list[Event] = []
    worker = launch.start(tmp_path)
    assert launch.watch(worker, lambda events: told.extend(events) is not None) == 1  # type: ignore[func-returns-value]
    assert "'sead' is not a setting of a run" in told[-1]["reason"]
