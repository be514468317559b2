"""How large is each category's gap, when each has few prompts of its own? A model of all of them together. Pure.

A category is one of several: its gap is drawn around a mean of all, and how far around is learned from the numbers,
too. So one with few prompts leans on the others, one with many speaks for itself, and no interval is told narrower than
both allow: D. Rubin, *Estimation in Parallel Randomized Experiments*, Journal of Educational Statistics 6 (1981), in
the form of A. Gelman et al., *Bayesian Data Analysis* (3rd edition, 2013), section 5.4, with its flat priors. There a
category's own error is known; here it is pooled: a loss a token is a ratio of sums, the best estimate where a prompt's
error grows with its tokens (W. Cochran, *Sampling Techniques*, 3rd edition, 1977, section 6.7), so by as much in all.

The gap is that of the trained model alone, of which the law in `law.py` speaks. What a base model loses on rows in a
script that it never read is 10 nats a token above the rest and says nothing of what was learned.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.training.worker.estimate import FEW, Estimate
from app.training.worker.law import part_taken
from app.training.worker.statistics import Prompts

DRAWS, STEPS = 4000, 400
LEAST = 3  # categories: of two nobody can tell how far they lie apart
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """One category: prompts that were trained on and prompts that were not, and how many rows it was trained on."""

    seen: Prompts
    unseen: Prompts
    trained: int


@dataclass(frozen=True)
class Likely:
    """A category's gap in nats a token; how likely more examples of it take more off its loss than those of any other
    off theirs, 0 to 1."""

    gap: Estimate
    first: float


def likely_gaps(categories: Mapping[str, Measured]) -> dict[str, Likely]:
    """Each category's likely gap; empty where the categories, or prompts beyond the first of each, are too few."""
    errors = [error_a_token(side) for side in _sides(categories.values())]
    if len(categories) < LEAST or None in errors:
        return {}
    found = [_gap(one, errors) for one in categories.values()]
    gaps = np.array([gap for gap, _ in found])
    drawn = draws(gaps, np.array([variance for _, variance in found]))  # (DRAWS, categories)
    part = np.array([part_taken(one.trained) for one in categories.values()])
    leads = np.bincount((drawn * part).argmax(axis=1), minlength=len(gaps)) / DRAWS
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    return {
        name: Likely(
            {"value": float(drawn[:, at].mean()), "low": float(low[at]), "high": float(high[at])}, float(leads[at])
        )
        for at, name in enumerate(categories)
    }


def error_a_token(side: Iterable[Prompts]) -> float | None:
    """The variance of a prompt's loss, for each of its tokens, around its category's; None below FEW to tell from."""
    squares, freedom = 0.0, 0
    for prompts in side:
        away = prompts.after - _loss(prompts) * prompts.tokens
        squares += float((away**2 / prompts.tokens).sum())
        freedom += len(prompts) - 1
    return squares / freedom if freedom >= FEW and squares > 0 else None


def draws(gaps: Numbers, variances: Numbers) -> Numbers:
    """So many draws of every category's true gap, given what was measured: (DRAWS, categories)."""
    rng = np.random.default_rng(0)
    widest = 4 * float(max(gaps.std(), np.sqrt(variances).max())) or 1.0
    spread = np.linspace(0, widest, STEPS)[:, None]  # how far the categories lie apart
    weights = 1 / (variances + spread**2)  # (STEPS, categories)
    precision = weights.sum(axis=1)
    mean = (weights * gaps).sum(axis=1) / precision
    log = 0.5 * (np.log(weights).sum(axis=1) - np.log(precision) - (weights * (gaps - mean[:, None]) ** 2).sum(axis=1))
    likelihood = np.exp(log - log.max())
    at = rng.choice(STEPS, size=DRAWS, p=likelihood / likelihood.sum())
    of_all = rng.normal(mean[at], 1 / np.sqrt(precision[at]))[:, None]
    between = np.maximum(spread[at] ** 2, 1e-12)
    own = 1 / (1 / variances + 1 / between)
    result: Numbers = rng.normal(own * (gaps / variances + of_all / between), np.sqrt(own))
    return result


def _gap(one: Measured, errors: list[float | None]) -> tuple[float, float]:
    sides = (one.seen, one.unseen)
    variance = sum((error or 0.0) / float(side.tokens.sum()) for error, side in zip(errors, sides, strict=True))
    return _loss(one.unseen) - _loss(one.seen), variance


def _sides(categories: Iterable[Measured]) -> tuple[list[Prompts], list[Prompts]]:
    held = list(categories)
    return [one.seen for one in held], [one.unseen for one in held]


def _loss(prompts: Prompts) -> float:
    return float(prompts.after.sum() / prompts.tokens.sum())
