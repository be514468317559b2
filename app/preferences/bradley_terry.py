"""How strong is each source, by who was preferred to whom? Bradley–Terry with ties. Pure arithmetic.

R. R. Davidson, "On Extending the Bradley–Terry Model to Accommodate Ties in Paired Comparison Experiments" (1970): of i
and j, i is preferred with the chance p_i / d, neither with v·sqrt(p_i·p_j) / d, where d = p_i + p_j + v·sqrt(p_i·p_j).
Fitted by minorising steps for the strengths in the manner of D. R. Hunter, "MM Algorithms for Generalized Bradley–Terry
Models" (2004), and one for v: -log d is bounded by its tangent, sqrt(p_i·p_j) by the mean of p_i·c and p_j/c.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

ROUNDS = 2_000
# A step in the logarithm of a strength or of v that ends the rounds; roughly: for one draw of many.
CLOSE, ROUGHLY = 1e-7, 1e-5
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
    close = ROUGHLY if near else CLOSE
    for _ in range(ROUNDS):
        before, had = strengths, ties
        strengths = _strengths(results, won, before, ties, ghost)
        if tied:
            ties = min(tied / _tie_room(results, strengths, ties), MOST_TIES)
        moved = [log(strengths[name] / before[name]) for name in names] + ([log(ties / had)] if tied else [])
        if all(abs(step) < close for step in moved):
            break
    return Fit(strengths, ties)


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
