"""How well are held-out pairs put in order, and what would guessing, or looking at the length alone, have done? Pure.

A margin is the reward of the chosen response less that of the rejected one. By R. Bradley and M. Terry, *Rank Analysis
of Incomplete Block Designs*, Biometrika 39 (1952), the model gives the chosen one sigmoid(margin). Pairs of one prompt
are not independent, so prompts are drawn again; where all are right, or none is, Wilson's interval stands in.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.stats import binom

from app.training.worker.estimate import FEW, Estimate
from app.training.worker.pairs import Pair
from app.training.worker.report_preferences import Calibration, RankedBy, RankedPart, Ranking
from app.training.worker.shares import share
from app.training.worker.statistics import ratio

BINS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
SHOWN = 10
LENGTHS = {1: "the longer response", -1: "the shorter response"}


class Judged(NamedTuple):
    """One pair with the margin that somebody gives it."""

    pair: Pair
    margin: float

    @property
    def right(self) -> float:
        """1 where the chosen response is put first, a half where both are put alike."""
        return 1.0 if self.margin > 0 else 0.5 if self.margin == 0 else 0.0

    @property
    def sure(self) -> float:
        """How much is given to the response that is put first, 0.5 to 1."""
        return 1 / (1 + math.exp(-min(abs(self.margin), 700.0)))

    @property
    def loss(self) -> float:
        """The negative logarithm of what is given to the chosen response."""
        return float(np.logaddexp(0.0, -self.margin))


def ranking(
    held: Sequence[Pair], before: Sequence[float], after: Sequence[float], train: Sequence[Pair], seen: Sequence[Judged]
) -> Ranking | None:
    """Of held-out pairs with their margins before and after; None where there are none.

    `train`: all training pairs, of which the length baseline learns its direction; `seen`: some of them, judged after.
    """
    if not held:
        return None
    first, now = ([Judged(*one) for one in zip(held, margins, strict=True)] for margins in (before, after))
    way = direction(train)
    by_length = [Judged(pair, float(way * longer_by(pair))) for pair in held]
    return {
        "rows": [
            _by("model", "this model", now),
            _by("untrained", "the model before this run", first),
            _by("length", LENGTHS[way], by_length),
            _guess(held),
        ],
        "better_than_length": over_prompts(
            held, [mine.right - its.right for mine, its in zip(now, by_length, strict=True)]
        ),
        "by_category": _parts(now, by_length, lambda pair: pair.chosen.category),
        "by_strength": _parts(now, by_length, lambda pair: pair.strength),
        "calibration": calibration(now),
        "loss_before": sum(one.loss for one in first) / len(first),
        "loss": over_prompts(held, [one.loss for one in now]),
        "seen": accuracy(seen),
        "mistakes": [
            {"id": one.pair.id, "prompt_id": one.pair.prompt_id, "sure": one.sure}
            for one in sorted((one for one in now if one.margin < 0), key=lambda one: one.margin)[:SHOWN]
        ],
    }


def loss_of(margins: Sequence[float]) -> float | None:
    """The loss of pairs with these margins, in nats a pair; None without pairs."""
    return float(np.logaddexp(0.0, -np.array(margins)).mean()) if margins else None


def longer_by(pair: Pair) -> int:
    """How many characters the chosen response is longer."""
    return len(pair.chosen.response) - len(pair.rejected.response)


def direction(train: Sequence[Pair]) -> int:
    """1 where in training the longer response was chosen more often, else -1."""
    return 1 if sum(np.sign(longer_by(pair)) for pair in train) > 0 else -1


def accuracy(judged: Sequence[Judged]) -> Estimate:
    """The share of pairs in which the chosen response is put first, with an interval over prompts."""
    rights = {one.right for one in judged}
    if rights in ({0.0}, {1.0}):
        return share([*rights] * _prompts([one.pair for one in judged]))
    return over_prompts([one.pair for one in judged], [one.right for one in judged])


def over_prompts(pairs: Sequence[Pair], numbers: Sequence[float]) -> Estimate:
    """The mean of a number a pair. Its interval is over prompts."""
    sums: dict[str, list[float]] = {}
    for pair, number in zip(pairs, numbers, strict=True):
        held = sums.setdefault(pair.prompt_id, [0.0, 0.0])
        held[0] += number
        held[1] += 1
    table = np.array(list(sums.values()))
    return ratio(table[:, 0], table[:, 1])


def calibration(judged: Sequence[Judged]) -> list[Calibration]:
    """How often the response that is put first was the chosen one, by how sure the model was; no empty bin."""
    found: list[Calibration] = []
    for low, high in pairwise(BINS):
        inside = [one for one in judged if low <= one.sure < high or (high == BINS[-1] and one.sure == high)]
        if inside:
            expected = sum(one.sure for one in inside) / len(inside)
            found.append(
                {"low": low, "high": high, "expected": expected, "right": accuracy(inside), "pairs": len(inside)}
            )
    return found


def _by(by: str, says: str, judged: Sequence[Judged]) -> RankedBy:
    pairs = [one.pair for one in judged]
    return {"by": by, "says": says, "accuracy": accuracy(judged), "pairs": len(pairs), "prompts": _prompts(pairs)}


def _guess(pairs: Sequence[Pair]) -> RankedBy:
    guessed = coin(len(pairs))
    return {"by": "random", "says": "a coin", "accuracy": guessed, "pairs": len(pairs), "prompts": _prompts(pairs)}


def coin(pairs: int) -> Estimate:
    """A half, and between which shares 95 of 100 end who guess on so many pairs."""
    low, high = (float(binom.ppf(end, pairs, 0.5)) / pairs for end in (0.025, 0.975))
    return {"value": 0.5, "low": low, "high": high}


def _parts(judged: Sequence[Judged], by_length: Sequence[Judged], name_of: Callable[[Pair], str]) -> list[RankedPart]:
    held: dict[str, list[tuple[Judged, Judged]]] = {}
    for both in zip(judged, by_length, strict=True):
        held.setdefault(name_of(both[0].pair), []).append(both)
    return [_part(name, *map(list, zip(*held[name], strict=True))) for name in sorted(held)]


def _part(name: str, judged: Sequence[Judged], by_length: Sequence[Judged]) -> RankedPart:
    pairs = [one.pair for one in judged]
    prompts = _prompts(pairs)
    return {
        "name": name,
        "accuracy": accuracy(judged),
        "length": accuracy(by_length),
        "random": coin(len(pairs)),
        "sure": over_prompts(pairs, [one.sure for one in judged]),
        "pairs": len(judged),
        "prompts": prompts,
        "few": prompts < FEW,
    }


def _prompts(pairs: Sequence[Pair]) -> int:
    return len({pair.prompt_id for pair in pairs})
