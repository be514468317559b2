"""What do judgements add up to, prompt by prompt, and how sure is that? Pure arithmetic.

Each judgement adds to counts, and every figure is a function of counts, so all have their 95 % interval by one Bayesian
bootstrap (D. B. Rubin, 1981) over prompts: judgements of one prompt are alike, and weigh together. Where all prompts
say the same every draw does, so a share has E. B. Wilson's interval (1927) there.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random

from app.core.charts import Interval
from app.preferences.bradley_terry import Fit, Games, Results, fit
from app.preferences.models import Choice, Purpose
from app.review.history.agreement import DRAWS, SEED, ends

ALIKE_IN_LENGTH = 0.8  # the shorter over the longer, in characters: from here on two responses are as long
WILSON = 1.959964**2  # of a normal distribution 95 % lie so far from its middle, squared
TIES = (Choice.TIE, Choice.BOTH_BAD)
Key = tuple[str, ...]
Counts = Mapping[Key, float]


@dataclass(frozen=True)
class Response:
    """What figures know of a response: its source and its length in characters."""

    id: int
    source: str
    length: int


@dataclass(frozen=True)
class Judgement:
    """One person's word on one pair; `left` is the response that lay left, or further up.

    `ordering_id`: the order from which it follows, if it does; `weight`: then one over the number of pairs in that, so
    that a ranking is one opinion.
    """

    prompt_id: int
    pair_id: int
    person_id: int
    purpose: Purpose
    left: Response
    right: Response
    choice: Choice
    known_better_id: int | None = None
    ordering_id: int | None = None
    weight: float = 1.0

    @property
    def chosen(self) -> Response | None:
        """The better one; None where neither is."""
        return {Choice.LEFT: self.left, Choice.RIGHT: self.right}.get(self.choice)

    @property
    def says(self) -> int:
        """The same word whatever the sides: 0 the first response of the pair, 1 the second, 2 as good, 3 both bad."""
        if chosen := self.chosen:
            return int(chosen.id == max(self.left.id, self.right.id))
        return 2 + TIES.index(self.choice)


def counts_of(judgements: Iterable[Judgement]) -> Counts:
    """What these add up to, each by its weight. Ties count as games too; who could not judge is not here."""
    counts: defaultdict[Key, float] = defaultdict(float)
    for one in judgements:
        shorter, longer = sorted((one.left, one.right), key=lambda response: response.length)
        if chosen := one.chosen:
            counts["side", "left" if chosen is one.left else "right"] += one.weight
            if shorter.length != longer.length:
                counts["length", "longer" if chosen is longer else "shorter"] += one.weight
        if one.left.source == one.right.source:
            continue
        first, second = sorted((one.left, one.right), key=lambda response: response.source)
        outcome = "neither" if one.chosen is None else "first" if one.chosen is first else "second"
        counts["game", first.source, second.source, outcome] += one.weight
        if shorter.length >= ALIKE_IN_LENGTH * longer.length:
            counts["matched", first.source, second.source, outcome] += one.weight
        if shorter.length != longer.length:
            counts["longer", longer.source] += one.weight
    return counts


def results(counts: Counts, kind: str = "game") -> dict[tuple[str, str], Games]:
    """What came of the comparisons of each two sources."""
    found: defaultdict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for key, many in counts.items():
        if key[0] == kind:
            found[key[1], key[2]][key[3]] = many
    return {pair: Games(**games) for pair, games in found.items()}


def win_rates(games: Results) -> dict[str, float]:
    """Of each source the share of its comparisons in which it was preferred, a tie counting half."""
    won: defaultdict[str, float] = defaultdict(float)
    for (one, other), each in games.items():
        won[one] += each.first + each.neither / 2
        won[other] += each.second + each.neither / 2
    return {name: won[name] / many for name, many in played(games).items() if many}


def played(games: Results) -> dict[str, float]:
    """In how many comparisons each source stood, by their weights."""
    many: defaultdict[str, float] = defaultdict(float)
    for pair, each in games.items():
        for name in pair:
            many[name] += each.played
    return many


def measures(counts: Counts, reference: str | None, near: Fit | None = None) -> dict[Key, float]:
    """All figures: the chance to be preferred to `reference`, win rates, whose was the longer one, what side and length
    do; `near`: see `fit`."""
    games = results(counts)
    found: dict[Key, float] = {("rate", name): rate for name, rate in win_rates(games).items()}
    found |= {("matched", name): rate for name, rate in win_rates(results(counts, "matched")).items()}
    found |= {("longer", name): counts.get(("longer", name), 0) / many for name, many in played(games).items() if many}
    if reference is not None:
        fitted = fit(games, near=near)
        found |= {("chance", name): fitted.chance(name, reference) for name in fitted.strengths if name != reference}
    for name, one, other in (("side", "left", "right"), ("length", "longer", "shorter")):
        if both := counts.get((name, one), 0) + counts.get((name, other), 0):
            found[name,] = counts.get((name, one), 0) / both
    return found


def with_intervals(by_prompt: Sequence[Counts], reference: str | None) -> dict[Key, Interval]:
    """All figures with their intervals. The same judgements give the same ones."""
    kinds = Counter(tuple(sorted(one.items())) for one in by_prompt)
    counts = _weighed(kinds)
    values, near = measures(counts, reference), fit(results(counts))
    chance = Random(SEED)
    drawn: defaultdict[Key, list[float]] = defaultdict(list)
    for _ in range(DRAWS):
        weights = {kind: chance.gammavariate(many, 1) for kind, many in kinds.items()}
        scale = kinds.total() / sum(weights.values())
        draw = _weighed({one: each * scale for one, each in weights.items()})
        for name, value in measures(draw, reference, near).items():
            drawn[name].append(value)
    found = {name: Interval(value, *ends(drawn[name])) for name, value in values.items()}
    return widened(found, by_prompt, reference)


def widened(found: Mapping[Key, Interval], by_prompt: Iterable[Counts], reference: str | None) -> dict[Key, Interval]:
    """The same, with Wilson's interval where all prompts say the same; of a chance where they do of one of the two."""
    prompts = Counter(key for counts in by_prompt for key in _told_by(counts))
    sure = {key for key, one in found.items() if key[0] != "chance" and is_point(one)}
    wide = {}
    for key, one in found.items():
        if key[0] == "chance":
            both = [("rate", key[1]), ("rate", str(reference))]
            alike = any(rate in sure for rate in both)
            wide[key] = wilson(one, min(prompts[rate] for rate in both)) if alike else one
        else:
            wide[key] = wilson(one, prompts[key]) if key in sure else one
    return wide


def wilson(one: Interval, many: int) -> Interval:
    """The interval of a share of `many`, no narrower than it was. Of all of them it begins at many / (many + z²)."""
    part = WILSON / many
    middle = (one.value + part / 2) / (1 + part)
    half = sqrt(part * (one.value * (1 - one.value) + part / 4)) / (1 + part)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return Interval(one.value, min(one.low, low, one.value), max(one.high, high, one.value))


def of_all(one: Interval | None, prompts: int) -> Interval | None:
    """A share over so many prompts, by Wilson where all say the same."""
    return wilson(one, prompts) if one and is_point(one) else one


def is_point(one: Interval) -> bool:
    """Whether every draw came to the same."""
    return one.high - one.low < 1e-9


def _told_by(counts: Counts) -> set[Key]:
    """Which figures a prompt says something of."""
    told: set[Key] = set()
    for kind, *names in counts:
        if kind in ("side", "length"):
            told.add((kind,))
        elif kind in ("game", "matched"):
            told |= {(of, name) for name in names[:2] for of in (("rate", "longer") if kind == "game" else (kind,))}
    return told


def _weighed(kinds: Mapping[tuple[tuple[Key, float], ...], float]) -> Counts:
    counts: defaultdict[Key, float] = defaultdict(float)
    for kind, weight in kinds.items():
        for key, many in kind:
            counts[key] += weight * many
    return counts
