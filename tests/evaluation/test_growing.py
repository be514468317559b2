"""Is more writing worth it? Words that claim no more than their interval, and a picture of the same."""

from typing import Any

import pytest

from app.evaluation.growing import growth_drawing, growth_finding, growth_note, growth_table
from app.training.worker.estimate import Estimate
from tests.cast import Cast
from tests.evaluation.conftest import Reported
from tests.training.made import about, by_size


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            about(-0.15),
            "More writing is worth it: 260 rows instead of 130 are expected to change the unseen loss by -0.15",
        ),
        (about(0.3), "More of the same is not expected to help"),
        (about(-0.15, 0.2), "Whether more writing is worth it cannot be told from chance"),
    ],
)
def test_the_finding_claims_no_more_than_its_interval(change: Estimate, said: str) -> None:
    found = growth_finding(by_size(change))  # type: ignore[arg-type]
    assert found.startswith(said)
    assert "The last doubling, from 65 to 130 rows, changed it by -0.20 (-0.30 to -0.10)." in found


def test_what_was_not_measured_is_drawn_dashed_and_said_to_be_expected() -> None:
    found = by_size(about(-0.15))
    drawing, table = growth_drawing(found), growth_table(found)  # type: ignore[arg-type]
    assert "expected at 260 rows: 3.35" in drawing.label
    assert "line line-accent line-dash" in {stroke.kind for stroke in drawing.strokes}
    assert {"33", "65", "130", "260"} <= {label.text for label in drawing.labels}
    assert table.rows[-1] == ("260, expected", "3.350 (3.150 to 3.550)", "–")
    assert "17 prompts never seen" in growth_note(found)  # type: ignore[arg-type]


def test_a_report_shows_the_curve_or_how_to_ask_for_it(cast: Cast, reported: Reported) -> None:
    run = reported()
    page = cast.reviewer.get(f"/runs/{run.id}/report").text
    assert "More writing is worth it: 260 rows" in page
    assert "What lies past the last size was not measured" in page


@pytest.mark.parametrize(
    ("seeds", "said"),
    [
        (1, "A single training shows hardly how far other seeds would lead, so the interval is too narrow: ask for 3."),
        (2, "2 trainings show hardly how far other seeds would lead"),
        (3, "Of 3 seeds the interval is rather too narrow: with 3, at least 85 of 100 such intervals held the truth"),
    ],
)
def test_what_few_seeds_leave_open_is_said(seeds: int, said: str) -> None:
    found = by_size(about(-0.15))
    for one in found["sizes"]:
        one["seeds"] = one["seeds"][:seeds]
    assert said in growth_note(found)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("plan", "said", "can_be_asked"),
    [
        ({}, "This run did not ask.", True),
        ({"curve_seeds": 3}, "It was asked for, and there is none: it takes 8 rows to train on, 5 prompts", False),
        ({"begins_from": "run 4"}, "This run goes on from run 4, to which no part of the rows is new.", False),
    ],
)
def test_a_report_without_the_curve_says_why_and_how_to_ask_for_it(
    cast: Cast, reported: Reported, plan: dict[str, Any], said: str, can_be_asked: bool
) -> None:
    run = reported(by_size=None, plan={"max_new_tokens": 48} | plan)
    page = cast.reviewer.get(f"/runs/{run.id}/report").text
    assert said in page
    assert (f"/train?like={run.id}" in page) is can_be_asked
