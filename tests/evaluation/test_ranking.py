"""How well does a reward model know what people prefer? What its report says, and how it looks."""

from typing import cast as cast_to

import pytest
from sqlalchemy.orm import Session

from app.evaluation.ranking import calibration_drawing, parts_table, percent, title_of
from app.training.models import Run
from app.training.worker.report_preferences import RankedPart
from tests.cast import Cast
from tests.evaluation.conftest import Reported
from tests.training.made import a_ranking_report, about, left_model

UNTOLD = (
    "On pairs that it never saw, it puts first what people chose in 72 %; that it knows more than length "
    "cannot be told."
)
FEW = {"value": 0.7, "low": None, "high": None}


def by_model(accuracy: object) -> dict[str, object]:
    """The row of the model itself."""
    return {"by": "model", "says": "this model", "accuracy": accuracy, "pairs": 9, "prompts": 9}


@pytest.mark.parametrize(
    ("values", "title"),
    [
        ({}, "On pairs that it never saw, it puts first what people chose in 72 %: more often than length alone does."),
        (
            {"better_than_length": about(0.1, 0.1)},
            UNTOLD,
        ),
        ({"rows": [by_model(about(0.6))]}, "On pairs that it never saw, it cannot be told from a coin."),
        ({"rows": [by_model(about(0.3))]}, "It puts first what people did not choose."),
        (
            {"rows": [by_model(FEW)]},
            "There were too few held-out prompts to say how well it knows what people prefer.",
        ),
    ],
)
def test_the_first_sentence_claims_what_the_intervals_hold(values: dict[str, object], title: str) -> None:
    assert title_of(a_ranking_report(**values)["ranking"]) == title


def test_without_a_held_out_pair_nothing_is_claimed() -> None:
    assert title_of(None).startswith("There was no held-out pair")
    assert calibration_drawing([]) is None
    assert percent(about(0.5), "+") == "+50 % (+40 to +60)"


def test_the_page_shows_the_model_beside_what_needs_none(cast: Cast, reported: Reported, session: Session) -> None:
    run: Run = reported(**a_ranking_report())
    left_model(session, run.id, "reward")
    page = cast.reviewer.get(f"/runs/{run.id}/report").text
    for row in (
        "this model",
        "the model before this run",
        "the longer response",
        "a coin",
        "this model less length alone",
    ):
        assert f"<bdi>{row}</bdi>" in page
    shares = ("72 % (66 to 78)", "+14 % (+6 to +22)", "90 % (86 to 94)", "70 % (60 to 80)", "57 % (47 to 67)")
    for cell in (*shares, "81 % (79 to 83)", "too few to say"):
        assert cell in page
    assert 'aria-label="How sure it is, and how often it is right: where it gave 95%, it was right in 90%"' in page
    assert f'<a href="/versions/{run.version_id}/pairs/41">c41</a>' in page
    assert "Side by side" not in page
    assert cast.reviewer.get(f"/api/v1/runs/{run.id}/report").json()["ranking"]["loss"]["value"] == 0.55


def test_strengths_are_told_as_people_say_them() -> None:
    part = {"name": "by_far", "accuracy": about(0.5), "pairs": 9, "prompts": 9, "few": False}
    assert parts_table("Strength", [cast_to(RankedPart, part)]).rows[0][0] == "by far"
    assert parts_table("Category", [cast_to(RankedPart, part)]).rows[0][0] == "by_far"


def test_each_part_stands_beside_what_needs_no_model_and_how_sure_it_was() -> None:
    told = parts_table("Category", a_ranking_report()["ranking"]["by_category"])  # type: ignore[index]
    beside = ("Length alone", "A coin", "How sure it was")
    assert told.head == ("Category", "Put in people's order, 95 %", *beside, "Pairs", "Prompts")
    assert told.rows[1] == ("Plan", *["too few to say"] * 4, "6", "3")
    part = {"name": "Plan", "accuracy": about(0.5), "pairs": 9, "prompts": 9, "few": False}
    before = parts_table("Category", [cast_to(RankedPart, part)])
    assert before.rows == (("Plan", "50 % (40 to 60)", "9", "9"),)
    assert len(before.head) == 4
