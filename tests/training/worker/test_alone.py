"""One worker works in a run's folder; a second one, by hand or by a cluster, changes nothing there."""

import fcntl
from pathlib import Path
from threading import Thread

import pytest

from app.training.worker import alone
from app.training.worker.__main__ import BUSY, main
from tests.training.worker.runs import TINY, fill


def test_a_second_worker_ends_and_leaves_the_folder_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(alone, "PATIENCE", 0)
    folder = fill(tmp_path / "run", TINY)
    with alone.alone_in(folder):
        (folder / "events.jsonl").write_text('{"kind": "step"}\nhalf a line of the oth', "utf-8")
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert main(folder) == BUSY
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert capfd.readouterr().err == alone.SAID + "\n"


def test_who_comes_while_the_one_before_is_ending_waits_for_it(tmp_path: Path) -> None:
    came: list[bool] = []

    def come() -> None:
        with alone.alone_in(tmp_path):
            came.append(True)

    with (tmp_path / alone.LOCK).open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = Thread(target=come)
        waiting.start()
        assert not came
    waiting.join()
    assert came == [True]


def test_a_file_system_without_locks_keeps_nobody_from_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with alone.alone_in(tmp_path):
        assert (tmp_path / alone.LOCK).exists()
