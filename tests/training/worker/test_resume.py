"""Whatever stops a run, it goes on from its last whole checkpoint as if nothing had been."""

import shutil
from pathlib import Path

import pytest

from app.training.worker.__main__ import main
from app.training.worker.checkpoints import newest_whole
from app.training.worker.events import EventKind
from app.training.worker.failures import RunStopped
from app.training.worker.report import read_report
from app.training.worker.sft import run
from tests.training.worker.runs import (
    TINY,
    Interrupted,
    events,
    fill,
    run_until_killed,
    run_until_killed_at,
    train_losses,
)

pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that somebody stopped at step 6."""
    folder = fill(tmp_path_factory.mktemp("stopped"), TINY)
    journal = Interrupted(folder / "events.jsonl", 6, (folder / "stop").touch)
    with pytest.raises(RunStopped) as asked:
        run(folder, journal)
    assert asked.value.step == 7  # the file was seen at the end of the next step
    return folder


def again(stopped: Path, tmp_path: Path) -> Path:
    """A copy of the stopped run, free to go on."""
    folder = Path(shutil.copytree(stopped, tmp_path / "again"))
    (folder / "stop").unlink()
    return folder


def same_as(folder: Path, unbroken: Path) -> bool:
    """Whether a run ended with the losses and the very model of the undisturbed one."""
    reports = [read_report(f / "report.json") for f in (folder, unbroken)]
    return train_losses(folder) == train_losses(unbroken) and reports[0]["model_sha256"] == reports[1]["model_sha256"]


def test_a_stopped_run_that_goes_on_ends_like_one_never_stopped(  # R30
    stopped: Path, unbroken: Path, tmp_path: Path
) -> None:
    folder = again(stopped, tmp_path)
    plan = (folder / "plan.json").read_bytes()
    (folder / "plan.json").write_bytes(plan.replace(b'"seed": 7', b'"seed": 8'))
    assert main(folder) == 1
    (folder / "plan.json").write_bytes(plan)  # put back, as it was asked for
    assert main(folder) == 0
    assert events(folder, EventKind.STARTED)[-1]["resumed_from"] == 7
    assert same_as(folder, unbroken)
    assert read_report(folder / "report.json")["epochs"] == read_report(unbroken / "report.json")["epochs"]


def test_a_run_whose_journal_is_gone_after_all_its_steps_says_so(unbroken: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(unbroken, tmp_path / "again"))
    (folder / "events.jsonl").unlink()
    assert main(folder) == 1
    assert events(folder)[-1]["code"] == "no_events"
    shutil.copy(unbroken / "events.jsonl", folder)
    assert main(folder) == 0
    assert same_as(folder, unbroken)


def test_a_run_asked_to_stop_before_it_trains_says_so(tmp_path: Path) -> None:
    folder = fill(tmp_path / "run", TINY)
    (folder / "stop").touch()
    assert main(folder) == 3
    assert events(folder)[-1]["kind"] == EventKind.STOPPED
    assert not (folder / "model").exists()


def test_a_killed_run_that_goes_on_ends_like_one_never_killed(unbroken: Path, tmp_path: Path) -> None:  # R30
    folder = fill(tmp_path / "run", TINY)
    run_until_killed(folder, 6)
    assert main(folder) == 0
    assert events(folder, EventKind.STARTED)[-1]["resumed_from"] == 4
    assert same_as(folder, unbroken)


def test_a_run_killed_in_a_checkpoint_then_as_it_hands_its_model_over_then_before_its_report_ends_the_same(  # R30
    unbroken: Path, tmp_path: Path
) -> None:
    folder = fill(tmp_path / "run", TINY)
    run_until_killed_at(folder, "open", "checkpoints/checkpoint-8/trainer_state.json")
    run_until_killed_at(folder, "os.rename", "checkpoints.json.part")
    run_until_killed_at(folder, "os.rename", "model.part")
    assert not (folder / "model").exists()
    run_until_killed_at(folder, "os.rename", "report.json.part")
    assert not (folder / "report.json").exists()
    assert main(folder) == 0
    assert [e["resumed_from"] for e in events(folder, EventKind.STARTED)] == [None, 4, 4, 12, 12]
    assert same_as(folder, unbroken)


@pytest.mark.parametrize("name", ["optimizer.pt", "scheduler.pt", "rng_state.pth", "model.safetensors"])
def test_a_checkpoint_changed_by_one_byte_is_not_loaded(stopped: Path, tmp_path: Path, name: str) -> None:  # R31
    folder, said = again(stopped, tmp_path), list[str]()
    changed = folder / "checkpoints/checkpoint-7" / name
    content = bytearray(changed.read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    assert newest_whole(folder, said.append) == folder / "checkpoints/checkpoint-4"
    assert said == [f"checkpoint-7 is not used: {name} is not as the worker wrote it."]


def test_a_file_put_into_a_checkpoint_keeps_it_from_being_loaded(stopped: Path, tmp_path: Path) -> None:  # R31
    folder, said = again(stopped, tmp_path), list[str]()
    (folder / "checkpoints/checkpoint-7/optimizer.bin").touch()
    assert newest_whole(folder, said.append) == folder / "checkpoints/checkpoint-4"
    assert said == ["checkpoint-7 is not used: optimizer.bin was put there by somebody else."]


def test_a_torn_checkpoint_is_passed_over_and_what_was_put_into_another_is_gone_when_the_run_goes_on(  # R30, R31
    stopped: Path, unbroken: Path, tmp_path: Path
) -> None:
    folder = again(stopped, tmp_path)
    torn = Path(shutil.copytree(folder / "checkpoints/checkpoint-7", folder / "checkpoints/checkpoint-8"))
    (torn / "trainer_state.json").unlink()
    (torn / "optimizer.pt").write_bytes((torn / "optimizer.pt").read_bytes()[:1000])
    (folder / "checkpoints/checkpoint-7/optimizer.bin").touch()
    assert main(folder) == 0
    assert "checkpoint-8 is not used: it was never finished." in [
        e["message"] for e in events(folder, EventKind.WARNING)
    ]
    assert not list(folder.rglob("optimizer.bin"))
    assert events(folder, EventKind.STARTED)[-1]["resumed_from"] == 4
    assert same_as(folder, unbroken)


@pytest.mark.parametrize("name", ["plan.json", "train.jsonl", "validation.jsonl", "test_writers.jsonl"])
def test_a_run_whose_plan_or_rows_were_edited_does_not_go_on(stopped: Path, tmp_path: Path, name: str) -> None:
    folder = again(stopped, tmp_path)
    changed = folder / name
    as_it_was = changed.read_bytes()
    changed.write_bytes(as_it_was.replace(b'"seed": 7', b'"seed": 8').replace(b"cope", b"live"))
    assert changed.read_bytes() != as_it_was
    assert main(folder) == 1
    said = events(folder)[-1]
    assert said["code"] == "inputs_changed"
    assert said["reason"].startswith(f"{name} was changed since this run began")
    assert f"Put {name} back" in said["advice"]
    assert (folder / "checkpoints/checkpoint-7").is_dir()


def test_the_pickle_of_the_trainers_settings_is_never_kept(stopped: Path) -> None:  # R31
    assert not list(stopped.rglob("training_args.bin"))
