"""A fine-tuning goes on from another's model for more epochs, and its report stays honest about what was seen."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.training.worker.__main__ import main
from app.training.worker.base import load_base
from app.training.worker.events import EventKind, Journal
from app.training.worker.plan import Plan, PlanError
from app.training.worker.prompts import asked_before
from app.training.worker.report import Report, read_report
from app.training.worker.rows import read_rows
from app.training.worker.sft import checked
from tests.training.worker.runs import TINY, events, fill, pairs

pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("default")]
MORE = replace(TINY, begins_from="run 1", began_at=3.0, epochs=1.0)


def told_of(folder: Path, rows: list[dict[str, Any]]) -> Path:
    """Lay the prompts of these rows as such that an earlier run was trained on."""
    lines = [{"id": f"{row['id']} of run 1", "prompt": row["messages"][:-1]} for row in rows]
    (folder / "seen_prompts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return folder


@pytest.fixture(scope="module")
def child(unbroken: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of one epoch more on the same rows."""
    folder = told_of(fill(tmp_path_factory.mktemp("child"), MORE), pairs("train", 15))
    shutil.copytree(unbroken / "model", folder / "base")
    assert main(folder) == 0
    return folder


@pytest.fixture(scope="module")
def reports(unbroken: Path, child: Path) -> tuple[Report, Report]:
    """Of the first run, and of the one that went on."""
    return read_report(unbroken / "report.json"), read_report(child / "report.json")


def test_before_is_the_base_model_that_had_seen_nothing(reports: tuple[Report, Report]) -> None:
    first, more = reports
    for side, numbers in first["splits"].items():
        assert more["splits"][side]["loss_before"] == pytest.approx(numbers["loss_before"], abs=1e-4), side
    assert more["base_model"] == first["base_model"]
    assert [one["before"] for one in more["samples"]] == [one["before"] for one in first["samples"]]
    assert more["sentences"][0].startswith("It went on from the model of run 1. Before is the base model itself")


def test_epochs_are_counted_on_from_where_the_other_run_had_come(reports: tuple[Report, Report]) -> None:
    first, more = reports
    assert [one["epoch"] for one in more["epochs"]] == [0, 3, 4]
    then = {side: one["loss"] for side, one in first["epochs"][-1]["sides"].items()}
    assert {side: one["loss"] for side, one in more["epochs"][1]["sides"].items()} == pytest.approx(then, abs=0.02)
    assert more["splits"]["train"]["loss_after"] < first["splits"]["train"]["loss_after"], "it learned on"


def test_its_card_names_the_run_whose_model_it_goes_on_from(child: Path) -> None:
    card = (child / "model" / "README.md").read_text("utf-8")
    assert "- Begins from the model of: run 1" in card
    assert "- Base model: Tiny (ships with Penset), from made by" in card


def test_a_prompt_that_an_earlier_run_was_trained_on_is_not_unseen(tmp_path: Path) -> None:
    folder = told_of(fill(tmp_path, MORE), [*pairs("train", 15), *pairs("test", 1)])
    journal, encode = Journal(folder / "events.jsonl"), load_base(TINY).encode
    data = read_rows(folder, encode, max_length=96, draw=0, seed=7)
    assert checked(journal, MORE, data, []) == []
    [found] = checked(journal, MORE, data, asked_before(folder))
    assert (found["id"], found["train_id"]) == ("test-0", "test-0 of run 1")
    assert "refuses to say what carries over" in events(folder, EventKind.WARNING)[-1]["message"]


def test_what_was_seen_whole_is_not_repeated_in_parts() -> None:
    with pytest.raises(PlanError, match="curve_seeds must be 0 where a run goes on from run 1"):
        Plan(base_model="tiny", begins_from="run 1", curve_seeds=3)
