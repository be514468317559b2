"""Is more writing worth it? Words that claim no more than their interval, and a picture of the same."""

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


def test_a_run_that_did_not_ask_says_how_to(cast: Cast, reported: Reported) -> None:
    run = reported(by_size=None)
    assert f"/train?like={run.id}" in cast.reviewer.get(f"/runs/{run.id}/report").text
