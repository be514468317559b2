"""Reward models, DPO, RLOO and GRPO are killed, stopped, repeated, tracked and shared as fine-tuning is."""

import shutil
from pathlib import Path
from typing import cast

import pytest
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from app.training.methods import MethodName
from app.training.tensorboard import write_for_tensorboard
from app.training.worker.__main__ import main
from app.training.worker.base_folder import weights_sha256
from app.training.worker.events import LIVE, EventKind
from app.training.worker.report import Report, read_report
from tests.training.worker.preference_runs import in_short
from tests.training.worker.runs import by_two, events, run_until_killed, train_losses

pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("default")]
TOLD = {"reward": "accuracy", "dpo": "rewards/margins", "rloo": "kl", "grpo": "kl"}  # beside the loss, as TRL calls it


@pytest.fixture(scope="module", params=TOLD)
def method(request: pytest.FixtureRequest) -> MethodName:
    """One method after the other."""
    return cast("MethodName", request.param)


@pytest.fixture(scope="module")
def whole(method: MethodName, reference: Path, reward_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nobody disturbed; a tracker heard it."""
    folder = in_short(method, tmp_path_factory.mktemp(method) / "run", reference, reward_model)
    assert main(folder, track="tensorboard") == 0
    return folder


def told(folder: Path) -> Report:
    """The run's report."""
    return read_report(folder / "report.json")


def test_a_run_that_was_killed_and_then_stopped_ends_like_one_left_alone(  # R30
    method: MethodName, whole: Path, reference: Path, reward_model: Path, tmp_path: Path
) -> None:
    folder = in_short(method, tmp_path / "run", reference, reward_model)
    run_until_killed(folder, 5)
    (folder / "stop").touch()
    assert main(folder) == 3
    (folder / "stop").unlink()
    assert main(folder) == 0
    assert [one["resumed_from"] for one in events(folder, EventKind.STARTED)] == [None, 4, 5]
    assert train_losses(folder) == train_losses(whole)
    one, other = told(folder), told(whole)
    assert one["model_sha256"] == other["model_sha256"]
    assert (one["ranking"], one["policy"]) == (other["ranking"], other["policy"])


@pytest.mark.parametrize("method", ["reward", "rloo"], indirect=True, scope="module")
def test_another_seed_is_another_run(
    method: MethodName, whole: Path, reference: Path, reward_model: Path, tmp_path: Path
) -> None:
    folder = in_short(method, tmp_path / "run", reference, reward_model, seed=4)
    assert main(folder) == 0
    assert train_losses(folder) != train_losses(whole)
    assert told(folder)["model_sha256"] != told(whole)["model_sha256"]


def test_a_tracker_is_told_each_loss_and_what_else_the_steps_tell(
    method: MethodName, whole: Path, reward_model: Path
) -> None:
    [written] = whole.rglob("events.out.tfevents.*")
    assert not list(reward_model.rglob("events.out.tfevents.*"))  # off by default
    read = EventAccumulator(str(written.parent))
    read.Reload()
    assert [one.value for one in read.Scalars("train/loss")] == pytest.approx(list(train_losses(whole).values()))
    assert len(read.Scalars(f"train/{TOLD[method]}")) == len(train_losses(whole)) == 6


def test_what_the_steps_tell_is_exported_for_tensorboard(method: MethodName, whole: Path, tmp_path: Path) -> None:
    write_for_tensorboard(whole, tmp_path / "out")
    read = EventAccumulator(str(tmp_path / "out"))
    read.Reload()
    steps = [dict(step) for step in events(whole, EventKind.STEP)]
    for name in LIVE[method]:
        shown = [one.value for one in read.Scalars(f"steps/{name}")]
        assert shown == pytest.approx([step[name] for step in steps])


def test_the_card_names_what_the_model_was_made_from(method: MethodName, whole: Path) -> None:
    card, report = (whole / "model/README.md").read_text("utf-8"), told(whole)
    assert f'tags: ["penset", "{method}", "full"]' in card
    assert 'datasets: ["Choices, version 1"]' in card
    assert "- Begins from the model of: run 1" in card
    assert ("- Follows the reward model of: run 2" in card) == (method in ("rloo", "grpo"))
    assert report["model_sha256"] == weights_sha256(whole / "model")
    assert f"- Weights of this model: {report['model_sha256']}" in card
    assert f"weights {weights_sha256(whole / 'base')}" in card
    assert report["sentences"][0] in card


@pytest.mark.parametrize("method", ["reward", "dpo"], indirect=True, scope="module")
def test_two_processes_that_stop_and_go_on_learn_what_one_learns(
    method: MethodName, whole: Path, reference: Path, reward_model: Path, tmp_path: Path, loaded_python: str
) -> None:
    folder = in_short(method, tmp_path / "run", reference, reward_model)
    for measured in whole.glob("[br]ef*.json"):  # or it would stop before it learns
        shutil.copy(measured, folder)
    (folder / "stop").touch()
    assert by_two(folder, loaded_python).wait() == 3
    assert [event["step"] for event in events(folder, EventKind.CHECKPOINT)] == [1]
    (folder / "stop").unlink()
    assert by_two(folder, loaded_python).wait() == 0
    started = events(folder, EventKind.STARTED)[-1]
    assert (started["resumed_from"], started["machine"].rpartition(", ")[2]) == (1, "2 processes")
    assert train_losses(folder) == pytest.approx(train_losses(whole), abs=1e-4)
    one, two = (load_file(each / "model/model.safetensors") for each in (whole, folder))
    assert max(float((one[name] - two[name]).abs().max()) for name in one) < 1e-2


@pytest.mark.parametrize("method", ["rloo", "grpo"], indirect=True, scope="module")
def test_what_learns_from_its_own_responses_is_made_by_one_process(
    method: MethodName, reference: Path, reward_model: Path, tmp_path: Path
) -> None:
    folder = in_short(method, tmp_path / "run", reference, reward_model)
    assert main(folder, processes=2) == 1
    said = events(folder)[-1]
    assert said["reason"] == (
        f"A run of the method {method} is made by one process alone: what it learns from is drawn as it learns, and of "
        "several each would draw something else."
    )
