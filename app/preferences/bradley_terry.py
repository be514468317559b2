"""How strong is each source, by who was preferred to whom? Bradley–Terry with ties. Pure arithmetic.

R. R. Davidson, "On Extending the Bradley–Terry Model to Accommodate Ties in Paired Comparison Experiments" (1970): of i
and j, i is preferred with the chance p_i / d, neither with v·sqrt(p_i·p_j) / d, where d = p_i + p_j + v·sqrt(p_i·p_j).
By the logarithms of the strengths and of v the log-likelihood is concave, so Newton's steps lead to its top.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, log1p, sqrt

ROUNDS = 500
# A step in the logarithm of a strength or of v that ends the rounds; roughly: for one draw of many. Each step leaves
# about the square of itself.
CLOSE, ROUGHLY = 1e-7, 1e-3
SOLVED = 1e-12  # the part of the square of what a step is to level that may be left
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
Point = list[float]  # the logarithm of each strength, and last that of v


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


@dataclass(frozen=True)
class _Played:
    """What is fitted, the sources by their places: who met whom how often; the wins of each, ties half, and last the
    ties of all; the games of each against strength 1."""

    met: list[tuple[int, int, float]]
    won: Point
    ghost: float


def fit(results: Results, *, ghost: float = GHOST, near: Fit | None = None) -> Fit:
    """The likeliest strengths. With `ghost` 0 they are those of the model alone, scaled to a geometric mean of 1.

    `near`: the strengths of nearly the same results, from which a draw of a bootstrap is a few steps away.
    """
    names = sorted({name for pair in results for name in pair})
    at = {name: place for place, name in enumerate(names)}
    won = [ghost / 2] * len(names) + [0.0]
    for (one, other), games in results.items():
        won[at[one]] += games.first + games.neither / 2
        won[at[other]] += games.second + games.neither / 2
        won[-1] += games.neither
    met = [(at[one], at[other], games.played) for (one, other), games in results.items()]
    begin = [log(near.strengths[name]) if near else 0.0 for name in names]
    begin.append(log(near.ties) if near and near.ties else 0.0)
    *found, ties = _top(_Played(met, won, ghost), begin, ROUGHLY if near else CLOSE)
    middle = 0.0 if ghost or not names else sum(found) / len(names)
    return Fit({name: exp(found[at[name]] - middle) for name in names}, min(exp(ties), MOST_TIES) if won[-1] else 0.0)


def _top(played: _Played, point: Point, close: float) -> Point:
    """Where Newton's step moves no logarithm by `close`. None leads down.

    Along a step by which the logarithms of two chances part by `wide`, the bend of the likelihood grows by exp(wide) at
    most. So a whole step of up to 1 climbs, and of a wider one the part log(1 + wide) / wide does: F. Bach,
    "Self-Concordant Analysis for Logistic Regression" (2010).
    """
    for _ in range(ROUNDS):
        step = _step(played, point)
        spread = max([0.0, *step[:-1]]) - min([0.0, *step[:-1]])
        wide = max(spread, spread / 2 + abs(step[-1]))
        part = 1.0 if wide <= 1 else log1p(wide) / wide
        point = [at + part * moved for at, moved in zip(point, step, strict=True)]
        point[-1] = min(point[-1], log(MOST_TIES))
        if wide < close:
            break
    return point


def _step(played: _Played, point: Point) -> Point:
    """Newton's step from this point: what levels the slope there, were the bend the same everywhere."""
    p, v = [exp(at) for at in point[:-1]], exp(point[-1]) if played.won[-1] else 0.0
    slope = [
        *(won - played.ghost * each / (1 + each) for won, each in zip(played.won, p, strict=False)),
        played.won[-1],
    ]
    bend = [*(played.ghost * each / (1 + each) ** 2 for each in p), 0.0]
    bend_with_v = [0.0] * len(p)
    bend_with: list[tuple[int, int, float]] = []
    for i, j, many in played.met:
        tie = v * sqrt(p[i] * p[j])
        one, other, tie = (each / (p[i] + p[j] + tie) for each in (p[i], p[j], tie))
        slope[i] -= many * (one + tie / 2)
        slope[j] -= many * (other + tie / 2)
        slope[-1] -= many * tie
        apart, with_v = many * (one * other + tie * (one + other) / 4), many * tie * (other - one) / 2
        bend[i] += apart
        bend[j] += apart
        bend[-1] += many * tie * (one + other)
        bend_with_v[i] += with_v
        bend_with_v[j] -= with_v
        bend_with.append((i, j, -apart))
    if point[-1] >= log(MOST_TIES) and slope[-1] > 0:  # there v stays
        slope[-1] = bend[-1] = 0.0
        bend_with_v = [0.0] * len(p)

    def levelled(step: Point) -> Point:
        """How much of the slope a step takes away."""
        found = [each * moved for each, moved in zip(bend, step, strict=True)]
        for i, j, each in bend_with:
            found[i] += each * step[j]
            found[j] += each * step[i]
        for i, each in enumerate(bend_with_v):
            found[i] += each * step[-1]
            found[-1] += each * step[i]
        return found

    return _solved(levelled, slope, bend)


def _solved(levelled: Callable[[Point], Point], slope: Point, bend: Point) -> Point:
    """The step that levels the slope, by conjugate gradients, each coordinate scaled by its own bend.

    J. Nocedal and S. J. Wright, *Numerical Optimization* (2006), algorithm 5.3. So sources that seldom met take time by
    their games, not by the cube of their number.
    """
    step, left, toward = [0.0] * len(slope), slope, [0.0] * len(slope)
    before = first = 0.0
    for _ in range(2 * len(slope)):
        scaled = [each / own if own else 0.0 for each, own in zip(left, bend, strict=True)]
        now = _dot(left, scaled)
        first = first or now
        if now <= SOLVED * first:
            break
        toward = [a + now / before * b if before else a for a, b in zip(scaled, toward, strict=True)]
        taken = levelled(toward)
        far = now / _dot(toward, taken)
        step = [a + far * b for a, b in zip(step, toward, strict=True)]
        left = [a - far * b for a, b in zip(left, taken, strict=True)]
        before = now
    return step


def _dot(one: Iterable[float], other: Iterable[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def groups(results: Results) -> Sequence[frozenset[str]]:
    """Sources that comparisons lead to from one another; of two groups nothing says which is stronger."""
    found: list[frozenset[str]] = []
    for pair, games in results.items():
        if games.played:
            joined = frozenset(pair).union(*(one for one in found if not one.isdisjoint(pair)))
            found = [one for one in found if one.isdisjoint(joined)] + [joined]
    return found
