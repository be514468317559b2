"""How far do people agree who judged the same texts? Percent, kappa and alpha, each with its interval. Pure arithmetic.

What is counted are cells: {(value, value): how often}. A value is a whole number; where order matters, it is the order.
Sources: J. Cohen, "A Coefficient of Agreement for Nominal Scales" (1960); K. Krippendorff, "Computing Krippendorff's
Alpha-Reliability" (2011); the interval is D. B. Rubin's "The Bayesian Bootstrap" (1981), over whole submissions.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import permutations
from math import ceil
from random import Random

from app.core.charts import Interval

Cells = Mapping[tuple[int, int], float]
Measure = Callable[[Cells], float | None]
SEED = 1
DRAWS = 500
TAIL = 0.025  # of the draws lie beyond each end of the interval: 95 % lie within


def percent(cells: Cells) -> float | None:
    """The share of pairs that say the same, 0 to 1. None without pairs."""
    pairs = sum(cells.values())
    return sum(many for (one, other), many in cells.items() if one == other) / pairs if pairs else None


def kappa(cells: Cells) -> float | None:
    """Cohen's kappa of two people: a cell is (what the first said, what the second said).

    (observed - expected) / (1 - expected), where expected is what two who say each value as often as they did, at
    random, would agree on. None where that is always: both said one and the same of everything.
    """
    pairs = sum(cells.values())
    first, second = totals(cells)
    expected = sum(many * second[value] for value, many in first.items()) / pairs**2 if pairs else 1.0
    observed = percent(cells)
    return None if observed is None or 1 - expected < 1e-12 else (observed - expected) / (1 - expected)


def totals(cells: Cells) -> tuple[Mapping[int, float], Mapping[int, float]]:
    """How often each value was said, by the first and by the second."""
    first: defaultdict[int, float] = defaultdict(float)
    second: defaultdict[int, float] = defaultdict(float)
    for (one, other), many in cells.items():
        first[one] += many
        second[other] += many
    return first, second


def coincidences(said: Sequence[int]) -> Cells:
    """The cells of one text that any number of people judged: each ordered pair of them, all together as many as they
    are. What only one judged tells nothing."""
    cells: defaultdict[tuple[int, int], float] = defaultdict(float)
    for pair in permutations(said, 2):
        cells[pair] += 1 / (len(said) - 1)
    return cells


def nominal_alpha(cells: Cells) -> float | None:
    """Krippendorff's alpha of coincidences, where any two values differ alike."""
    said, _ = totals(cells)
    return alpha(cells, {(one, other): float(one != other) for one in said for other in said})


def alpha_of(share: float, cells: Cells) -> float:
    """What `nominal_alpha` would be of values as frequent as in these coincidences, were so large a share of pairs to
    say the same; only where not all values are one."""
    said, _ = totals(cells)
    many = sum(said.values())
    expected = many**2 - sum(each**2 for each in said.values())
    return 1 - (many - 1) * many * (1 - share) / expected


def ordinal_alpha(cells: Cells) -> float | None:
    """Krippendorff's alpha of coincidences, where values have an order: two differ by how many lie from one to the
    other, squared; those at the ends count half."""
    said, _ = totals(cells)
    below, middle = 0.0, {}
    for value in sorted(said):
        middle[value] = below + said[value] / 2
        below += said[value]
    apart = {(one, other): (place - middle[other]) ** 2 for one, place in middle.items() for other in middle}
    return alpha(cells, apart)


def alpha(cells: Cells, apart: Cells) -> float | None:
    """1 - observed / expected disagreement; `apart`: how far any two values differ. None where nothing differs at all.

    Expected is what the same values would disagree on, were they dealt out to the texts at random.
    """
    said, _ = totals(cells)
    many = sum(said.values())
    observed = sum(count * apart[pair] for pair, count in cells.items())
    expected = sum(said[one] * said[other] * distance for (one, other), distance in apart.items())
    return None if expected <= 0 else 1 - (many - 1) * observed / expected


def together(cells: Iterable[Cells]) -> Cells:
    """Several texts' cells as one."""
    summed: Counter[tuple[int, int]] = Counter()
    for one in cells:
        summed.update(one)
    return summed


def estimate(submissions: Iterable[Cells], *measures: Measure) -> list[Interval | None]:
    """Each measure with its 95 % interval, in which chance decides how much each submission weighs.

    Revisions of one submission are judged by the same people and much alike, so they weigh together: give their cells
    together. Weights are drawn from the Dirichlet distribution that gives every submission the same chance; alike ones
    are drawn at once, as a sum of exponentials is gamma distributed. The same data give the same interval.
    """
    kinds = Counter(tuple(sorted(one.items())) for one in submissions)
    values = [measure(weighed(kinds)) for measure in measures]
    if all(value is None for value in values):
        return [None for _ in measures]
    chance = Random(SEED)  # the same interval each time
    drawn: list[list[float]] = [[] for _ in measures]
    for _ in range(DRAWS):
        weights = {kind: chance.gammavariate(many, 1) for kind, many in kinds.items()}
        scale = kinds.total() / sum(weights.values())
        cells = weighed({kind: weight * scale for kind, weight in weights.items()})
        for measure, into in zip(measures, drawn, strict=True):
            if (value := measure(cells)) is not None:
                into.append(value)
    return [None if value is None else Interval(value, *ends(many)) for value, many in zip(values, drawn, strict=True)]


def weighed(kinds: Mapping[tuple[tuple[tuple[int, int], float], ...], float]) -> Cells:
    """The cells of all submissions; of each kind there are so many."""
    cells: defaultdict[tuple[int, int], float] = defaultdict(float)
    for kind, weight in kinds.items():
        for pair, many in kind:
            cells[pair] += weight * many
    return cells


def ends(drawn: Sequence[float]) -> tuple[float, float]:
    """Between which 95 of 100 draws lie."""
    ordered = sorted(drawn)
    beyond = ceil(len(ordered) * TAIL)
    return ordered[beyond - 1], ordered[-beyond]
