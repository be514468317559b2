"""Traits and recital over prompts: which are counted, and how sure one is of them."""

from typing import Any

import pytest

from app.training.worker.behaviour import behaviour
from app.training.worker.recital import recital
from app.training.worker.report import Judged, Sample
from app.training.worker.shares import change_of, share

LIMIT = 48


def judged(**values: Any) -> Judged:
    """What was said of one answer."""
    return {
        "tokens": 20, "ended": True, "usual_length": True, "repeats_prompt": False, "follows_format": None,
        "chrf": 10.0, "verbatim_tokens": 2,
    } | values  # type: ignore[return-value] # fmt: skip


def sample(split: str = "test", before: Any = None, after: Any = None, human: Any = None, **values: Any) -> Sample:
    """One prompt with what was said of the three answers."""
    said = {"before": judged(**before or {}), "after": judged(**after or {}), "human": judged(**human or {})}
    return {
        "split": split, "id": "r", "prompt_id": "p", "category": "", "messages": [], "human": "Go slowly.",
        "before": "", "before_ended": True, "after": "I go slowly.", "after_ended": True, "judged": said,
    } | values  # type: ignore[return-value] # fmt: skip


def test_each_trait_is_a_share_before_and_after_with_its_intervals() -> None:
    ended = [sample(before={"ended": False}) for _ in range(9)] + [sample()]
    found = behaviour(ended)[0]
    assert (found["name"], found["prompts"], found["people"]) == ("ended", 10, None)
    assert (found["before"]["value"], found["after"]["value"]) == (0.1, 1.0)
    # Wilson's interval of 1 in 10, worked by hand: (0.1 + z²/20 ± z √(0.009 + z²/400)) / (1 + z²/10), z = 1.959964
    assert found["before"]["low"] == pytest.approx(0.0179, abs=1e-4)
    assert found["before"]["high"] == pytest.approx(0.4042, abs=1e-4)
    assert found["change"]["value"] == pytest.approx(0.9)
    assert found["change"]["low"]


def test_none_and_all_have_an_interval_too() -> None:
    assert share([0.0] * 10)["high"] == pytest.approx(0.2775, abs=1e-4)  # z² / (10 + z²)
    assert share([1.0] * 10)["low"] == pytest.approx(1 - 0.2775, abs=1e-4)
    assert share([1.0] * 4) == {"value": 1.0, "low": None, "high": None}


def test_that_no_prompt_of_few_changed_is_no_proof_that_none_would() -> None:
    """Wilson's interval of 10 of 10 leaves out up to z² / (10 + z²); a change of all had twice that to differ by."""
    ends, goes_on = [1.0] * 10, [0.0] * 10
    assert change_of(ends, ends) == pytest.approx({"value": 0.0, "low": -0.2775, "high": 0.2775}, abs=1e-4)
    assert change_of(goes_on, ends) == pytest.approx({"value": 1.0, "low": 1 - 2 * 0.2775, "high": 1.0}, abs=1e-4)
    assert change_of([7.0] * 10, [9.0] * 10) == {"value": 2.0, "low": 2.0, "high": 2.0}, "no share"
    assert change_of(ends[:4], ends[:4]) == {"value": 0.0, "low": None, "high": None}


def test_a_trait_counts_only_prompts_that_give_it_an_occasion() -> None:
    asked = {"follows_format": True}
    rows = [sample(before={"follows_format": False}, after=asked, human=asked), sample(), sample()]
    by_name = {one["name"]: one for one in behaviour(rows)}
    assert by_name["follows_format"]["prompts"] == 1
    assert by_name["ended"]["prompts"] == 3
    assert "follows_format" not in {one["name"] for one in behaviour(rows[1:])}


def test_without_answers_there_is_no_trait_and_no_recital() -> None:
    assert behaviour([]) == []
    assert recital([], LIMIT) is None
    assert recital([sample("test")], LIMIT) is None


@pytest.mark.parametrize(
    ("run", "length", "recited"),
    [(50, 400, True), (49, 400, False), (20, 20, True), (19, 20, False)],
)
def test_fifty_tokens_or_the_whole_of_a_shorter_response_are_recited(run: int, length: int, recited: bool) -> None:
    rows = [sample("train", after={"verbatim_tokens": run}, human={"tokens": length})]
    found = recital(rows, max_new_tokens=512)
    assert found
    assert (found["after"]["value"], found["rows"][0]["recited"]) == (float(recited), recited)


def test_an_answer_cut_at_its_limit_recites_when_all_of_it_is_the_response() -> None:
    found = recital([sample("train", after={"verbatim_tokens": LIMIT}, human={"tokens": 400})], LIMIT)
    assert found
    assert (found["after"]["value"], found["verbatim_after"]["value"]) == (1.0, 1.0)


def test_a_response_of_a_word_is_no_recital_and_unseen_prompts_are_the_floor() -> None:
    rows = [
        sample("train", after={"verbatim_tokens": 20}), sample("train", human={"tokens": 2}),
        sample("test", after={"verbatim_tokens": 20}), sample("test"),
    ]  # fmt: skip
    found = recital(rows, LIMIT)
    assert found
    assert (found["prompts"], found["unseen_prompts"]) == (1, 2)
    assert found["unseen_after"]
    assert found["unseen_after"]["value"] == 0.5
    assert found["rows"][0]["text"] == "o slowly."
