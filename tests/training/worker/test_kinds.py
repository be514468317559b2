"""A report's numbers by category: what was trained on, seen and unseen, each with its interval."""

import math
from typing import Any

from app.training.worker.chat import Encoded
from app.training.worker.kinds import by_kind
from app.training.worker.report import RowNumbers
from app.training.worker.rows import Row, Rows


def row(category: str, number: int) -> Row:
    """A row of a file; its texts do not matter here."""
    return Row("train", f"s-{number}", f"p-{number}", category, [], Encoded([], []))


def measured(category: str, number: int, after: float) -> RowNumbers:
    """A measured row of two tokens that began at 4 nats each."""
    return {
        "split": "test", "id": f"s-{number}", "prompt_id": f"p-{number}", "category": category, "tokens": 2,
        "loss_before": 8.0, "loss_after": after,
    }  # fmt: skip


def data(train: list[Row], test: list[Row], held_out: list[Row]) -> Rows:
    """What a run works with."""
    files: Any = {}
    return Rows(train, [], test, {"test_categories": held_out}, files, [])


def test_each_category_stands_with_its_losses_and_its_gap() -> None:
    rows = data([row("Plan", n) for n in range(7)], [row("Plan", n) for n in range(10, 16)], [])
    sides = {
        "train": [measured("Plan", n, 2.0 + n / 10) for n in range(6)],
        "test": [measured("Plan", n, 6.0 + n / 10) for n in range(10, 16)],
        "test_writers": [measured("Plan", 30, 99.0)],
    }
    [plan] = by_kind(rows, sides)
    assert (plan["trained"], plan["unseen_prompts"], plan["seen_prompts"], plan["held_out"]) == (7, 6, 6, False)
    assert plan["unseen"] is not None
    assert plan["unseen"]["low"] is not None
    assert plan["unseen"]["high"] is not None
    assert math.isclose(plan["unseen"]["value"], (6.0 + 1.25) / 2)
    assert plan["unseen"]["low"] < plan["unseen"]["value"] < plan["unseen"]["high"]
    assert plan["gap"] is not None
    assert math.isclose(plan["gap"]["value"], (7.25 - 2.25) / 2)


def test_rows_that_validate_are_unseen_as_well_where_nothing_was_chosen_by_them() -> None:
    rows = data([row("Plan", 1)], [row("Plan", 10)], [])
    sides = {"train": [measured("Plan", 1, 2.0)], "test": [measured("Plan", 10, 6.0)]}
    [plan] = by_kind(rows, sides, [measured("Plan", 20, 4.0)])
    assert (plan["unseen_prompts"], plan["likely_gap"], plan["first"]) == (2, None, None)
    assert plan["unseen"] is not None
    assert plan["unseen"]["value"] == 2.5


def test_what_was_not_measured_is_empty_and_what_is_held_out_says_so() -> None:
    rows = data([row("", 1), row("Plan", 2)], [row("New", 3)], [row("Held", 4)])
    none, held, new, plan = by_kind(rows, {"test": [measured("New", 3, 5.0)]})
    assert [one["category"] for one in (none, held, new, plan)] == ["", "Held", "New", "Plan"]
    assert (held["held_out"], held["unseen"], held["gap"]) == (True, None, None)
    assert (new["trained"], new["unseen"], new["gap"]) == (0, {"value": 2.5, "low": None, "high": None}, None)
    assert (plan["trained"], plan["unseen_prompts"], none["trained"]) == (1, 0, 1)
