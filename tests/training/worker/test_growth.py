"""Is more writing worth it: what another doubling is expected to change, where the truth is known."""

from collections.abc import Sequence

import numpy as np
import pytest

from app.training.worker.growth import doubled, growth

SIZES = np.array([50, 100, 200])
TOKENS = [20.0] * 40


def losses(by_size: Sequence[float], noise: float = 0.0, seed: int = 0) -> dict[int, list[list[float]]]:
    """Three seeds at each size; the same prompts are hard in all of them."""
    rng = np.random.default_rng(seed)
    hard = rng.normal(0, 0.5, len(TOKENS))
    return {
        int(size): [
            [float((loss + own + rng.normal(0, noise)) * tokens) for own, tokens in zip(hard, TOKENS, strict=True)]
            for _ in range(3)
        ]
        for size, loss in zip(SIZES, by_size, strict=True)
    }


@pytest.mark.parametrize("rate", [0.2, 0.5, 1.0])
def test_a_curve_of_the_family_is_followed_exactly(rate: float) -> None:
    curve = 2 + 5 / SIZES**rate
    assert doubled(SIZES, curve[:, None])[0] == pytest.approx(2 + 5 / 400**rate - curve[-1])


def test_the_interval_holds_the_next_doubling_and_is_not_narrower_than_chance_allows() -> None:
    curve = 2 + 10 / SIZES**0.5
    held = []
    for seed in range(40):
        found = growth(losses(list(curve), noise=0.6, seed=seed), TOKENS, chosen=True)
        assert found
        low, high = found["next"]["low"], found["next"]["high"]
        assert low is not None
        assert high is not None
        held.append(low <= 2 + 10 / 400**0.5 - curve[-1] <= high)
    assert np.mean(held) >= 0.85  # three seeds are few


def test_a_curve_that_has_come_to_its_end_promises_nothing() -> None:
    found = growth(losses([3.0, 3.0, 3.0], noise=0.3), TOKENS, chosen=False)
    assert found
    low, high = found["next"]["low"], found["next"]["high"]
    assert low is not None
    assert high is not None
    assert low < 0 < high
    assert found["at"]["value"] == pytest.approx(found["sizes"][-1]["loss"]["value"] + found["next"]["value"])
    assert [len(one["seeds"]) for one in found["sizes"]] == [3, 3, 3]


def test_of_two_sizes_or_few_prompts_nothing_is_said() -> None:
    two = losses([3.0, 3.0, 3.0])
    two.pop(50)
    assert growth(two, TOKENS, chosen=True) is None
    assert growth({size: [[1.0, 2.0]] for size in (1, 2, 3)}, [1.0, 1.0], chosen=True) is None
