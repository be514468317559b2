"""Is more writing worth it? From losses at three sizes to what another doubling is expected to change. Pure.

A learning curve falls as a + b / n^c: T. Viering and M. Loog, *The Shape of Learning Curves: A Review* (IEEE TPAMI 45,
2023), section 4. Three sizes leave c open, so every draw of the bootstrap takes the c that fits it best within RATES
and the interval holds what that leaves open, too. Prompts and seeds are drawn again, both in all sizes together.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.training.worker.estimate import FEW, Estimate
from app.training.worker.report import BySize, SizeNumbers

RESAMPLES, SIZES = 2000, 3
RATES = np.arange(0.1, 1.05, 0.1)  # slower than any that is told of language models, up to the law of Amari and Murata
Numbers = NDArray[np.float64]


class Sizes(NamedTuple):
    """The curve of all rows never seen, and that of each category of which enough prompts were measured."""

    whole: BySize
    kinds: dict[str, BySize]


def growth(losses: Mapping[int, Sequence[Sequence[float]]], tokens: Sequence[float], *, chosen: bool) -> BySize | None:
    """How the unseen loss falls. `losses`: by rows trained on, for each seed the summed loss of every prompt; `tokens`:
    of every prompt. None below SIZES or FEW prompts. `chosen`: as in `BySize`."""
    sizes = sorted(losses)
    if len(sizes) < SIZES or len(tokens) < FEW:
        return None
    table = np.array([losses[size] for size in sizes], dtype=float)  # (sizes, seeds, prompts)
    whole = np.asarray(tokens, dtype=float)
    rng = np.random.default_rng(0)
    prompts = rng.integers(len(whole), size=(RESAMPLES, len(whole)))
    seeds = rng.integers(table.shape[1], size=(RESAMPLES, table.shape[1]))
    mean = (table.sum(axis=2) / whole.sum()).mean(axis=1)  # (sizes)
    drawn = np.stack([_drawn(one, whole, prompts, seeds) for one in table])  # (sizes, RESAMPLES)
    change, changes = doubled(np.array(sizes), mean[:, None])[0], doubled(np.array(sizes), drawn)
    return {
        "sizes": [
            _size(size, mean[at], drawn[at], table[at].sum(axis=1) / whole.sum()) for at, size in enumerate(sizes)
        ],
        "last": _within(mean[-1] - mean[-2], drawn[-1] - drawn[-2]),
        "next": _within(change, changes),
        "at": _within(mean[-1] + change, drawn[-1] + changes),
        "prompts": len(whole),
        "chosen": chosen,
    }


def doubled(sizes: NDArray[np.int64], losses: Numbers) -> Numbers:
    """What twice the largest size changes, by the a + b / n^c that fits best. `losses`: (sizes, draws)."""
    best, change = np.full(losses.shape[1], np.inf), np.zeros(losses.shape[1])
    for rate in RATES:
        x = sizes.astype(float) ** -rate
        slope = ((x - x.mean())[:, None] * losses).sum(axis=0) / ((x - x.mean()) ** 2).sum()  # b, (draws)
        away = losses - losses.mean(axis=0) - slope * (x - x.mean())[:, None]
        misfit = (away**2).sum(axis=0)
        better = misfit < best
        best = np.where(better, misfit, best)
        change = np.where(better, slope * ((2.0 * sizes[-1]) ** -rate - x[-1]), change)
    return change


def _drawn(table: Numbers, tokens: Numbers, prompts: NDArray[np.int64], seeds: NDArray[np.int64]) -> Numbers:
    by_seed = np.stack([one[prompts].sum(axis=1) for one in table]) / tokens[prompts].sum(axis=1)  # (seeds, RESAMPLES)
    result: Numbers = np.take_along_axis(by_seed.T, seeds, axis=1).mean(axis=1)
    return result


def _size(rows: int, mean: float, drawn: Numbers, seeds: Numbers) -> SizeNumbers:
    return {"rows": rows, "loss": _within(mean, drawn), "seeds": [float(one) for one in seeds]}


def _within(value: float, drawn: Numbers) -> Estimate:
    low, high = np.quantile(drawn, (0.025, 0.975))
    return {"value": float(value), "low": float(low), "high": float(high)}
