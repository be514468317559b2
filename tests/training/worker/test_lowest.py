"""A run that is told so keeps its model of the lowest validation loss, ends early, and says what that does not mean."""

from pathlib import Path

import pytest

from app.training.worker.__main__ import main
from app.training.worker.events import EventKind
from app.training.worker.report import Report, read_report
from tests.training.worker.runs import EAGER, events, fill

pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def report(eager: Path) -> Report:
    return read_report(eager / "report.json")


def test_it_ends_when_no_loss_was_lower_for_as_long_as_it_has_patience(eager: Path, report: Report) -> None:
    measured = [(event["step"], event["validation_loss"] or 0.0) for event in events(eager, EventKind.EVALUATION)]
    lowest = min(measured, key=lambda one: one[1])
    assert measured[-3] == lowest  # the lowest, and two that were not lower
    assert measured[-1][0] < events(eager, EventKind.STARTED)[0]["total_steps"]
    kept = report["kept"]
    assert kept
    assert (kept["step"], kept["validation_loss"]) == lowest
    assert (kept["last_step"], kept["last_validation_loss"]) == measured[-1]


def test_the_model_is_the_one_of_that_step(eager: Path, report: Report) -> None:
    [after] = events(eager, EventKind.AFTER)
    assert report["kept"]
    assert after["validation_loss"] == pytest.approx(report["kept"]["validation_loss"], rel=0.01)  # stored in bfloat16
    assert (after["validation_loss"] or 0.0) < report["kept"]["last_validation_loss"]
    assert report["epochs"][-1]["step"] == report["kept"]["step"]


def test_the_choice_is_never_silent(eager: Path, report: Report) -> None:
    said = report["sentences"][0]
    assert said.startswith(f"This is the model of step {report['kept']['step'] if report['kept'] else None}, where")
    assert "The choice is by loss alone: InstructGPT overfitted" in said
    assert said in [event["message"] for event in events(eager, EventKind.WARNING)]


def test_a_run_that_was_over_when_it_was_killed_learns_no_more(eager: Path, report: Report) -> None:
    steps = len(events(eager, EventKind.STEP))
    assert main(eager) == 0
    assert len(events(eager, EventKind.STEP)) == steps
    again = read_report(eager / "report.json")
    assert (again["model_sha256"], again["kept"]) == (report["model_sha256"], report["kept"])


def test_without_validation_rows_there_is_nothing_to_choose_by(tmp_path: Path) -> None:
    folder = fill(tmp_path / "run", EAGER)
    (folder / "validation.jsonl").write_text("")
    assert main(folder) == 1
    assert events(folder)[-1]["code"] == "no_validation"
