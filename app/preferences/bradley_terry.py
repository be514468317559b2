"""How strong is each source, by who was preferred to whom? Bradley–Terry with ties. Pure arithmetic.

R. R. Davidson, "On Extending the Bradley–Terry Model to Accommodate Ties in Paired Comparison Experiments" (1970): of i
and j, i is preferred with the chance p_i / d, neither with v·sqrt(p_i·p_j) / d, where d = p_i + p_j + v·sqrt(p_i·p_j).
Fitted by minorising steps for the strengths in the manner of D. R. Hunter, "MM Algorithms for Generalized Bradley–Terry
Models" (2004), and one for v: -log d is bounded by its tangent, sqrt(p_i·p_j) by the mean of p_i·c and p_j/c.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

ROUNDS = 2_000
# A step in the logarithm of a strength or of v that ends the rounds; roughly: for one draw of many.
CLOSE, ROUGHLY = 1e-7, 1e-5
ASTRAY = 10.0  # so many times longer
MOST_TIES = 100.0  # for v: where nearly all are ties the likeliest v is endless, and nothing else depends on it
# Each source is given one game against a source of strength 1, half won: so one that won or lost all stays finite.
GHOST = 1.0


@dataclass(frozen=True)
class Games:
    """What came of the comparisons of two sources: the first preferred, the second preferred, neither."""

    first: float = 0.0
    second: float = 0.0
    neither: float = 0.0

    @property
    def played(self) -> float:
        """How many there were."""
        return self.first + self.second + self.neither


Results = Mapping[tuple[str, str], Games]
Point = list[float]  # the logarithm of each strength, and of v where there are ties


@dataclass(frozen=True)
class Fit:
    """The strength p of each source, and v, by which ties are more or less frequent."""

    strengths: Mapping[str, float]
    ties: float

    def chance(self, one: str, other: str) -> float:
        """How often `one` is preferred to `other`, a tie counting half for each; 0 to 1."""
        p, q = self.strengths[one], self.strengths[other]
        tie = self.ties * sqrt(p * q)
        return (p + tie / 2) / (p + q + tie)


def fit(results: Results, *, ghost: float = GHOST, near: Fit | None = None) -> Fit:
    """The likeliest strengths. With `ghost` 0 they are those of the model alone, scaled to a geometric mean of 1.

    `near`: the strengths of nearly the same results, from which a draw of a bootstrap is a few rounds away.
    """
    names = sorted({name for pair in results for name in pair})
    won: defaultdict[str, float] = defaultdict(float)
    tied = 0.0
    for (one, other), games in results.items():
        won[one] += games.first + games.neither / 2
        won[other] += games.second + games.neither / 2
        tied += games.neither
    strengths, ties = dict.fromkeys(names, 1.0), 1.0 if tied else 0.0
    if near and tied and near.ties:
        strengths, ties = {name: near.strengths[name] for name in names}, near.ties

    def improved(point: Point) -> Point:
        p, v = {name: exp(at) for name, at in zip(names, point, strict=False)}, exp(point[-1]) if tied else 0.0
        p = _strengths(results, won, p, v, ghost)
        if tied:
            v = min(tied / _tie_room(results, p, v), MOST_TIES)
        return [log(p[name]) for name in names] + ([log(v)] if tied else [])

    first = [log(strengths[name]) for name in names] + ([log(ties)] if tied else [])
    found = _settled(improved, first, ROUGHLY if near else CLOSE)
    strengths = {name: exp(at) for name, at in zip(names, found, strict=False)}
    return Fit(strengths, min(exp(found[-1]), MOST_TIES) if tied else 0.0)


def _settled(improved: Callable[[Point], Point], point: Point, close: float) -> Point:
    """Where a step moves no logarithm by `close`. Two steps tell how far the way still is: so far is leapt.

    By squared extrapolation: R. Varadhan and C. Roland, "Simple and Globally Convergent Methods for Accelerating the
    Convergence of Any EM Algorithm" (2008). A leap that led astray, to where steps are far longer, is not taken.
    """
    for _ in range(ROUNDS):
        once = improved(point)
        step = [b - a for a, b in zip(point, once, strict=True)]
        if all(abs(moved) < close for moved in step):
            return once
        twice = improved(once)
        bend = [c - 2 * b + a for a, b, c in zip(point, once, twice, strict=True)]
        far = max(1.0, sqrt(_square(step) / _square(bend))) if any(bend) else 1.0
        leapt = [a + 2 * far * s + far * far * b for a, s, b in zip(point, step, bend, strict=True)]
        landed = improved(leapt)
        astray = _square(b - a for a, b in zip(leapt, landed, strict=True)) > ASTRAY**2 * _square(step)
        point = twice if astray else landed
    return point


def _square(values: Iterable[float]) -> float:
    return sum(value * value for value in values)


def _strengths(
    results: Results, won: Mapping[str, float], p: Mapping[str, float], ties: float, ghost: float
) -> dict[str, float]:
    """One minorising step for all strengths."""
    against: defaultdict[str, float] = defaultdict(float)
    for (one, other), games in results.items():
        root = sqrt(p[one] * p[other])
        share = games.played / (p[one] + p[other] + ties * root)
        against[one] += share * (1 + ties * root / p[one] / 2)
        against[other] += share * (1 + ties * root / p[other] / 2)
    found = {name: (won[name] + ghost / 2) / (against[name] + ghost / (p[name] + 1)) for name in p}
    if ghost:
        return found
    middle = sum(log(strength) for strength in found.values()) / len(found)
    return {name: strength / exp(middle) for name, strength in found.items()}


def _tie_room(results: Results, p: Mapping[str, float], ties: float) -> float:
    """What v is divided into: how many ties there would be, for each part of v."""
    roots = ((sqrt(p[one] * p[other]), p[one] + p[other], games.played) for (one, other), games in results.items())
    return sum(played * root / (both + ties * root) for root, both, played in roots)


def groups(results: Results) -> Sequence[frozenset[str]]:
    """Sources that comparisons lead to from one another; of two groups nothing says which is stronger."""
    found: list[frozenset[str]] = []
    for pair, games in results.items():
        if games.played:
            joined = frozenset(pair).union(*(one for one in found if not one.isdisjoint(pair)))
            found = [one for one in found if one.isdisjoint(joined)] + [joined]
    return found
