"""A run's events become files that TensorBoard itself reads."""

import json
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from app.core.errors import StartRefused
from app.training.tensorboard import newest, write_for_tensorboard
from app.training.worker.events import EventKind
from tests.training.made import event, told


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder with its events."""
    (tmp_path / "run").mkdir()
    lines = "".join(json.dumps(one) + "\n" for one in told(steps=6))
    (tmp_path / "run/events.jsonl").write_text(lines, "utf-8")
    return tmp_path / "run"


def test_tensorboard_shows_every_curve_of_a_run(run: Path, tmp_path: Path) -> None:
    assert write_for_tensorboard(run, tmp_path / "out") == 6 * 4 + 2
    read = EventAccumulator(str(tmp_path / "out"))
    read.Reload()
    shown = {tag: [(one.step, round(one.value, 3)) for one in read.Scalars(tag)] for tag in read.Tags()["scalars"]}
    assert shown["loss/validation"] == [(3, 3.75), (6, 3.6)]
    assert shown["loss/train"][0] == (1, 3.833)
    assert [step for step, _ in shown["learning_rate"]] == [1, 2, 3, 4, 5, 6]
    assert {"machine/tokens_per_second", "machine/memory_bytes"} < shown.keys()


def test_a_step_that_was_walked_again_counts_once(run: Path) -> None:
    twice = [event(EventKind.STEP, step=1, loss=loss, learning_rate=0.1) for loss in (4.0, 3.0)]
    assert newest(twice)[1, "loss/train"][1] == 3.0


def test_a_folder_that_is_no_run_and_an_old_one_are_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match=r"There is no events\.jsonl"):
        write_for_tensorboard(tmp_path, tmp_path / "out")
    with pytest.raises(StartRefused, match="is not empty"):
        write_for_tensorboard(run, run)
