"""A disk that fills up in the middle of a run: the run says so, and goes on when there is room."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.training.worker.__main__ import main
from app.training.worker.events import EventKind
from tests.training.worker.runs import TINY, events, fill

pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("default")]


def mount(*arguments: str) -> bool:
    """Whether this machine let us."""
    return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 14 MB: less than two checkpoints of the tiny model."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=14m", "tmpfs", str(disk)):
        pytest.skip("mounting a small disk needs root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_fails_the_run_with_the_reason_and_room_lets_it_go_on(small_disk: Path) -> None:  # R32
    folder = fill(small_disk / "run", replace(TINY, max_steps=4, checkpoint_steps=0))
    assert main(folder) == 1
    failed = events(folder, EventKind.FAILED)[-1]
    assert (failed["code"], failed["reason"]) == ("disk_full", "The disk is full.")
    assert not (folder / "model").exists()
    assert mount("-o", "remount,size=100m", str(small_disk))
    assert main(folder) == 0
