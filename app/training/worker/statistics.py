"""How sure we are: losses a token, their change and the overfitting gap, with bootstrap intervals over prompts. Pure.

A prompt, not a token, is what was drawn by chance, so prompts are drawn again: B. Efron and R. Tibshirani, *An
Introduction to the Bootstrap* (1993), chapter 14 (BCa), as `scipy.stats.bootstrap` carries it out. A mean over tokens
is a ratio of two sums over prompts, so numerator and denominator are drawn together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import NDArray
from scipy.stats import DegenerateDataWarning, bootstrap

from app.training.worker.estimate import FEW, Estimate
from app.training.worker.report import RowNumbers

RESAMPLES, LEVEL = 2000, 0.95
AT_ONCE = 4_000_000  # numbers drawn at once: memory stays flat however many prompts there are
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Prompts:
    """Losses summed by prompt, before and after, and response tokens: three arrays of one length."""

    before: Numbers
    after: Numbers
    tokens: Numbers

    def __len__(self) -> int:
        """How many prompts."""
        return len(self.tokens)


def by_prompt(rows: Sequence[RowNumbers]) -> Prompts:
    """Rows of one prompt are not independent: they are summed."""
    sums: dict[str, Numbers] = {}
    for row in rows:
        numbers = np.array([row["loss_before"], row["loss_after"], row["tokens"]], dtype=float)
        sums[row["prompt_id"]] = sums.get(row["prompt_id"], np.zeros(3)) + numbers
    table = np.array([sums[prompt] for prompt in sorted(sums)]).reshape(-1, 3)
    return Prompts(table[:, 0], table[:, 1], table[:, 2])


def change(prompts: Prompts) -> Estimate:
    """Loss a token after, minus before: paired, since both stand on the same prompts. Below 0 is better."""
    return ratio(prompts.after - prompts.before, prompts.tokens)


def loss(prompts: Prompts) -> Estimate:
    """Loss a token after training."""
    return ratio(prompts.after, prompts.tokens)


def ratio(sums: Numbers, counts: Numbers) -> Estimate:
    """A mean over what prompts hold, each its sum and how many it sums."""

    def statistic(drawn: NDArray[np.int64], axis: int = -1) -> Numbers:
        return _ratio(sums[drawn], counts[drawn], axis)

    return _estimate(statistic, len(counts))


def gap(seen: Prompts, unseen: Prompts) -> Estimate:
    """(unseen - seen) after, minus (unseen - seen) before. Above 0: what was gained did not all carry over.

    Seen and unseen prompts are drawn apart from each other, before and after together.
    """
    seen_difference, unseen_difference = seen.after - seen.before, unseen.after - unseen.before

    def statistic(one: NDArray[np.int64], other: NDArray[np.int64], axis: int = -1) -> Numbers:
        carried = _ratio(unseen_difference[other], unseen.tokens[other], axis)
        return carried - _ratio(seen_difference[one], seen.tokens[one], axis)

    return _estimate(statistic, len(seen), len(unseen))


def mean_of(numbers: Sequence[float]) -> Estimate:
    """The mean over prompts, one number each."""
    values = np.asarray(numbers, dtype=float)

    def statistic(drawn: NDArray[np.int64], axis: int = -1) -> Numbers:
        result: Numbers = values[drawn].mean(axis=axis)
        return result

    return _estimate(statistic, len(values))


def _ratio(losses: Numbers, tokens: Numbers, axis: int) -> Numbers:
    result: Numbers = losses.sum(axis=axis) / tokens.sum(axis=axis)
    return result


def _estimate(statistic: Callable[..., Numbers], *sizes: int) -> Estimate:
    everyone = tuple(np.arange(size) for size in sizes)
    value = float(statistic(*everyone))
    if min(sizes) < FEW:
        return {"value": value, "low": None, "high": None}
    with np.errstate(invalid="ignore"), catch_warnings():
        simplefilter("ignore", DegenerateDataWarning)
        drawn = bootstrap(
            everyone,
            statistic,
            paired=False,
            vectorized=True,
            n_resamples=RESAMPLES,
            confidence_level=LEVEL,
            batch=max(1, AT_ONCE // max(sizes)),
            rng=0,
        )
    low, high = (float(end) for end in drawn.confidence_interval)
    if np.ptp(drawn.bootstrap_distribution) == 0:  # all prompts say the same: of no spread BCa can make nothing
        return {"value": value, "low": value, "high": value}
    if not np.isfinite([low, high]).all():
        return {"value": value, "low": None, "high": None}
    return {"value": value, "low": low, "high": high}
