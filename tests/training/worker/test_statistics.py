"""The numbers of a report: worked by hand, and against a simulation whose truth is known."""

import numpy as np
import pytest

from app.training.worker.report import RowNumbers
from app.training.worker.statistics import Prompts, by_prompt, change, gap


def row(prompt_id: str, tokens: int, before: float, after: float) -> RowNumbers:
    """One measured row; losses are sums."""
    return {
        "split": "test",
        "id": "",
        "prompt_id": prompt_id,
        "category": "",
        "tokens": tokens,
        "loss_before": before,
        "loss_after": after,
    }


def prompts(before: list[float], after: list[float], tokens: list[float]) -> Prompts:
    """Sums by prompt."""
    return Prompts(np.array(before), np.array(after), np.array(tokens))


def test_a_change_is_a_ratio_of_sums_not_a_mean_of_ratios() -> None:
    # (10 + 20) nats on (2 + 10) tokens before: 2.5. (4 + 2) after: 0.5. A mean of ratios would say -2.4.
    assert change(prompts([10, 20], [4, 2], [2, 10]))["value"] == pytest.approx(-2.0)


def test_the_gap_is_what_the_unseen_gained_less_than_the_seen() -> None:
    # Seen: 3.0 -> 0.5 a token, a gain of 2.5. Unseen: 3.0 -> 2.0, a gain of 1.0. Memorised: 1.5.
    seen, unseen = prompts([6, 6], [1, 1], [2, 2]), prompts([12, 6], [8, 4], [4, 2])
    assert gap(seen, unseen)["value"] == pytest.approx(1.5)


def test_two_responses_to_one_prompt_are_one_draw() -> None:
    summed = by_prompt([row("b", 1, 1.0, 0.5), row("a", 2, 4.0, 2.0), row("a", 3, 5.0, 1.0)])
    assert summed.tokens.tolist() == [5, 1]
    assert summed.before.tolist() == [9.0, 1.0]
    assert summed.after.tolist() == [3.0, 0.5]


@pytest.mark.parametrize("count", [1, 4])
def test_too_few_prompts_get_no_interval(count: int) -> None:
    estimate = change(prompts([2.0] * count, [1.0] * count, [1.0] * count))
    assert estimate == {"value": -1.0, "low": None, "high": None}


@pytest.mark.parametrize("after", [1.0, 2.0])
def test_where_all_prompts_say_the_same_the_interval_is_that_point(after: float) -> None:
    estimate = change(prompts([2.0] * 9, [after] * 9, [1.0] * 9))
    assert estimate == {"value": after - 2, "low": after - 2, "high": after - 2}


def test_the_same_numbers_get_the_same_interval() -> None:
    before, after, tokens, _ = drawn(np.random.default_rng(3), 20)
    assert change(Prompts(before, after, tokens)) == change(Prompts(before, after, tokens))


def drawn(rng: np.random.Generator, count: int, gain: float = 1.0) -> tuple[np.ndarray, ...]:
    """Prompts of a world in which a token gains `gain` on average, long responses less than short ones."""
    tokens = rng.integers(5, 120, count).astype(float)
    before = tokens * rng.normal(4.0, 0.5, count)
    after = before - tokens * rng.normal(gain, 0.6, count) - rng.normal(0, 2.0, count)
    return before, after, tokens, before - after


def test_the_interval_of_a_change_holds_the_truth_19_times_in_20() -> None:
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(500):
        before, after, tokens, _ = drawn(rng, 60)
        found = change(Prompts(before, after, tokens))
        assert found["low"] is not None
        assert found["high"] is not None
        held += found["low"] <= -1.0 <= found["high"]
    assert 0.93 <= held / 500 <= 0.97


def test_the_interval_of_a_gap_holds_the_truth_19_times_in_20() -> None:
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(500):
        seen, unseen = (Prompts(*drawn(rng, 60, gain)[:3]) for gain in (1.5, 1.0))
        found = gap(seen, unseen)
        assert found["low"] is not None
        assert found["high"] is not None
        held += found["low"] <= 0.5 <= found["high"]
    assert 0.93 <= held / 500 <= 0.97
