"""A report whose test prompts stand among the training rows refuses, and names them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.training.worker.__main__ import main
from app.training.worker.chat import Encoded
from app.training.worker.contamination import near_duplicates
from app.training.worker.events import EventKind
from app.training.worker.report import read_report
from app.training.worker.rows import Row
from tests.training.worker.runs import TINY, events, fill, pairs


def row(split: str, row_id: str, *asked: str, role: str = "user") -> Row:
    """A row that asks this."""
    messages = [{"role": role, "content": text} for text in asked] + [{"role": "assistant", "content": "Yes."}]
    return Row(split, row_id, row_id, "", messages, Encoded([], []))


def test_the_most_alike_training_row_is_named() -> None:
    train = [
        row("train", "far", "How do I bake bread?"), row("train", "near", "Please, what is the capital of France"),
        row("train", "same", "What is the capital  of FRANCE?!"),
    ]  # fmt: skip
    test = [row("test", "one", "What is the capital of France?"), row("test_writers", "two", "Who painted Guernica?")]
    assert near_duplicates(train, test) == [{"split": "test", "id": "one", "train_id": "same", "percent": 100}]
    [found] = near_duplicates(train[:2], test)
    assert (found["train_id"], 65 <= found["percent"] < 100) == ("near", True)


def test_two_unseen_rows_that_are_alike_or_two_trained_on_are_no_contamination() -> None:
    asked = "What is the capital of France?"
    other = "How do I bake bread?"
    assert near_duplicates([row("train", "a", other), row("train", "b", other)], [row("test", "c", asked)] * 2) == []
    assert near_duplicates([], []) == []


def test_all_turns_of_the_user_are_what_a_prompt_asks_and_what_a_system_says_is_not() -> None:
    train = [
        row("train", "a", "You are kind.", role="system"),
        row("train", "b", "Hello there!", "Who is Marie Curie?"),
    ]
    assert near_duplicates(train, [row("test", "c", "You are kind.")]) == []
    assert near_duplicates(train, [row("test", "d", "Hello there!", "Who is Marie Curie?")])[0]["train_id"] == "b"


@pytest.mark.training
@pytest.mark.filterwarnings("default")
def test_a_run_says_so_before_it_trains_and_its_report_tells_nothing_of_unseen_prompts(tmp_path: Path) -> None:
    leaked = json.loads(json.dumps(pairs("test", 1)[0]))
    leaked |= {"id": "leaked"}
    folder = fill(tmp_path / "run", replace(TINY, max_steps=1), [*pairs("train", 6), leaked])
    assert main(folder) == 0
    [warning] = events(folder, EventKind.WARNING)
    assert "test-0 is like leaked (100 %)" in warning["message"]
    report = read_report(folder / "report.json")
    assert report["contaminated"] == [{"split": "test", "id": "test-0", "train_id": "leaked", "percent": 100}]
    assert report["kinds"] == []
    assert (report["splits"], report["gap"], report["gaps"], report["epochs"], report["categories"]) == (
        {}, None, {}, [], [],
    )  # fmt: skip
    assert report["behaviour"] == []
    assert report["recital"]
    assert (report["recital"]["unseen_prompts"], report["recital"]["unseen_after"]) == (0, None)
    assert [one["unseen_loss"] for kind in (EventKind.BEFORE, EventKind.AFTER) for one in events(folder, kind)] == [
        None, None,
    ]  # fmt: skip
    assert report["sentences"] == [warning["message"]]
