"""Each category's likely gap: few prompts lean on all categories, many speak for themselves, and intervals hold."""

import numpy as np
import pytest

from app.training.worker.law import part_taken
from app.training.worker.likely import Measured, draws, likely_gaps
from app.training.worker.statistics import Prompts

RNG = np.random.default_rng(11)


def prompts(count: int, change: float) -> Prompts:
    """So many prompts of ten tokens each, whose loss a token changed by about so much."""
    tokens = np.full(count, 10.0)
    return Prompts(tokens * 4, tokens * (4 + change) + RNG.normal(0, 10, count), tokens)


def category(unseen: int, gap: float, trained: int = 20) -> Measured:
    """A category with so many unseen prompts, whose gap is about so large."""
    return Measured(prompts(40, -2), prompts(unseen, gap - 2), trained)


def test_a_category_of_one_prompt_leans_on_the_others_and_one_of_many_speaks_for_itself() -> None:
    others = {f"c{n}": category(40, 1.0) for n in range(8)}
    one = category(1, 4.0)
    found = likely_gaps(others | {"few": one, "many": category(400, 4.0)})
    assert found["many"].gap["value"] == pytest.approx(4.0, abs=0.6)
    few, many = (found[name].gap for name in ("few", "many"))
    assert few["low"] is not None
    assert few["high"] is not None
    assert many["low"] is not None
    assert many["high"] is not None
    alone = [(side.after - side.before).sum() / side.tokens.sum() for side in (one.unseen, one.seen)]
    assert 1 < few["value"] < alone[0] - alone[1]
    assert few["high"] - few["low"] > 2 * (many["high"] - many["low"])


def test_where_all_categories_are_alike_the_least_written_is_likeliest_the_first() -> None:
    found = likely_gaps({f"c{n}": category(40, 1.0, trained=5 if n == 3 else 50) for n in range(6)})
    assert found["c3"].first > 0.9
    assert sum(one.first for one in found.values()) == pytest.approx(1)
    assert part_taken(5) / part_taken(50) == pytest.approx(4)


@pytest.mark.parametrize("each", [1, 2])
def test_of_too_few_prompts_or_categories_nothing_is_said(each: int) -> None:
    assert likely_gaps({f"c{n}": category(1, 1.0) for n in range(9)}) == {}
    assert likely_gaps({f"c{n}": category(40, 1.0) for n in range(each)}) == {}


def test_of_a_hundred_intervals_ninety_five_hold_the_truth() -> None:
    held = []
    for _ in range(150):
        spread = RNG.uniform(0, 1)
        truth = RNG.normal(0.5, spread, 12)
        variances = RNG.uniform(0.02, 0.6, 12)
        drawn = draws(RNG.normal(truth, np.sqrt(variances)), variances)
        low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
        held += [*((low <= truth) & (truth <= high))]
    assert 0.93 <= np.mean(held) <= 0.97
