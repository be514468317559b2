"""What do people prefer in a set? All figures of its judgements, as one JSON that is kept and drawn. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NotRequired

from typing_extensions import TypedDict  # before Python 3.12 pydantic takes no other

from app.core.charts import Interval
from app.preferences.bradley_terry import Fit, fit, groups
from app.preferences.counts import Counts, Judgement, counts_of, is_point, of_all, played, results, with_intervals
from app.preferences.models import REJECTED, Choice, Purpose
from app.review.history.agreement import Cells, alpha_of, coincidences, estimate, nominal_alpha, percent, together

BASE = "Base model "
FEW = 5  # prompts, below which an interval over prompts is a guess and no figure is given
MANY = 10  # judgements of one person, from which on a side may be called their habit
HABIT = 0.9
Figure = tuple[float, float, float]  # value, and the ends of its 95 % interval


class SourceFigures(TypedDict):
    """One source: in how many comparisons it stood, its chance to be preferred to the reference, its win rate, that
    among responses as long as it, and in what share of comparisons it was the longer one: `was_longer` with its
    interval, which figures of before lack."""

    name: str
    comparisons: int
    chance: Figure | None
    rate: Figure
    matched: Figure | None
    longer: float
    was_longer: NotRequired[Figure]


class Figures(TypedDict):
    """All that is kept. `rankings`: from how many orders the comparisons follow; absent or 0 where pairs were judged.
    `groups`: how many sets of sources no comparison leads from one to another."""

    comparisons: int
    rankings: NotRequired[int]
    people: int
    prompts: int
    ties: int
    both_bad: int
    cannot_judge: int
    reference: str | None
    sources: list[SourceFigures]
    groups: int
    side: Figure | None
    length: Figure | None
    agreement: Figure | None
    alpha: Figure | None
    judged_twice: int
    consistency: Figure | None
    repeats: int
    known_right: Figure | None
    known: int
    one_sided: int
    judges: int


class OneSided(TypedDict):
    """One person who chose nearly always the same side: how many choices, and how many of them what lay left, or
    further up. A ranking is one choice."""

    person_id: int
    left: int
    choices: int


def figures_of(judgements: Sequence[Judgement], could_not: int = 0) -> Figures:
    """The figures of all judgements of a set that can no longer be taken back; `could_not`: how many times somebody
    could not put a ranking in order."""
    said = [one for one in judgements if one.choice not in (Choice.CANNOT_JUDGE, Choice.SKIPPED)]
    plain = [one for one in said if one.purpose is Purpose.PLAIN]
    by_prompt = _by_prompt(plain)
    counts = counts_of(plain)
    reference = reference_of(counts)
    found = with_intervals([counts_of(one) for one in by_prompt.values()], reference) if len(by_prompt) >= FEW else {}
    twice = [cells for one in by_prompt.values() if (cells := _agreeing(one))]
    agreement, alpha = _agreed(twice) if len(twice) >= FEW else (None, None)
    repeats, known = _repeats(said), _known(said)
    chose = _choices(said)
    return {
        "comparisons": len(plain),
        "rankings": len({one.ordering_id for one in plain if one.ordering_id}),
        "people": len({one.person_id for one in plain}),
        "prompts": len(by_prompt),
        "ties": sum(one.choice is Choice.TIE for one in plain),
        "both_bad": sum(one.choice is Choice.BOTH_BAD for one in plain),
        "cannot_judge": could_not + sum(one.choice is Choice.CANNOT_JUDGE for one in judgements),
        "reference": reference,
        "sources": _sources(plain, counts, found, reference) if found else [],
        "groups": len(groups(results(counts))),
        "side": _figure(found.get(("side",))),
        "length": _figure(found.get(("length",))),
        "agreement": _figure(agreement),
        "alpha": _figure(alpha),
        "judged_twice": sum(many > 1 for many in Counter(one.pair_id for one in plain).values()),
        "consistency": _share(repeats),
        "repeats": sum(map(_total, repeats.values())),
        "known_right": _share(known),
        "known": sum(map(_total, known.values())),
        "one_sided": len(_one_sided(chose)),
        "judges": len(chose),
    }


def reference_of(counts: Counts) -> str | None:
    """What the others are measured by: the model that runs began with, what a file calls worse, or the weakest.
    None with nothing to rank."""
    fitted = fit(results(counts))
    if not fitted.strengths:
        return None
    weakest = sorted(fitted.strengths, key=lambda name: (fitted.strengths[name], name))
    return next((name for name in weakest if name.startswith((BASE, REJECTED))), weakest[0])


def fit_of(judgements: Sequence[Judgement]) -> Fit:
    """The strengths by which it is said which pairs are least certain."""
    plain = (one for one in judgements if one.purpose is Purpose.PLAIN)
    return fit(results(counts_of(one for one in plain if one.choice not in (Choice.CANNOT_JUDGE, Choice.SKIPPED))))


def certainty(fitted: Fit, one: str, other: str) -> float:
    """How far from even the outcome of two sources is, 0 to 0.5; 0 where nothing is known of one."""
    if one == other or not {one, other} <= fitted.strengths.keys():
        return 0.0
    return abs(fitted.chance(one, other) - 0.5)


def _sources(
    plain: Sequence[Judgement], counts: Counts, found: Mapping[tuple[str, ...], Interval], reference: str | None
) -> list[SourceFigures]:
    met = Counter(name for one in plain if one.left.source != one.right.source for name in sources_of(one))
    rows: list[SourceFigures] = [
        {
            "name": name,
            "comparisons": met[name],
            "chance": _figure(found.get(("chance", name))),
            "rate": _shown(found["rate", name]),
            "matched": _figure(found.get(("matched", name))),
            "longer": found["longer", name].value,
            "was_longer": _shown(found["longer", name]),
        }
        for name in played(results(counts))
    ]
    return sorted(rows, key=lambda row: (-(row["chance"] or (0.5, 0, 0))[0], row["name"] == reference, row["name"]))


def sources_of(one: Judgement) -> tuple[str, str]:
    """Whose the two responses are."""
    return one.left.source, one.right.source


def _by_prompt(judgements: Sequence[Judgement]) -> dict[int, list[Judgement]]:
    found: defaultdict[int, list[Judgement]] = defaultdict(list)
    for one in judgements:
        found[one.prompt_id].append(one)
    return dict(found)


def _agreeing(judgements: Sequence[Judgement]) -> Cells:
    """The cells of one prompt's pairs that several people judged."""
    by_pair: defaultdict[int, list[int]] = defaultdict(list)
    for one in judgements:
        by_pair[one.pair_id].append(one.says)
    return together(coincidences(said) for said in by_pair.values() if len(said) > 1)


def _agreed(by_prompt: Sequence[Cells]) -> tuple[Interval | None, Interval | None]:
    """How large a share says the same, and alpha. Where all prompts agree as far, alpha lies between what it would be
    at the ends of the share's interval by Wilson."""
    share, alpha = estimate(by_prompt, percent, nominal_alpha)
    share = of_all(share, len(by_prompt))
    if share and alpha and is_point(alpha):
        low, high = (alpha_of(end, together(by_prompt)) for end in (share.low, share.high))
        alpha = Interval(alpha.value, min(alpha.value, low), max(alpha.value, high))
    return share, alpha


def _repeats(judgements: Sequence[Judgement]) -> dict[int, Cells]:
    """By prompt: what a person said first and, with the sides swapped, again."""
    first = {(one.pair_id, one.person_id): one for one in judgements if one.purpose is Purpose.PLAIN}
    cells: defaultdict[int, Counter[tuple[int, int]]] = defaultdict(Counter)
    for one in judgements:
        before = first.get((one.pair_id, one.person_id))
        if one.purpose is Purpose.REPEAT and before:
            cells[one.prompt_id][before.says, one.says] += 1
    return dict(cells)


def _known(judgements: Sequence[Judgement]) -> dict[int, Cells]:
    """By prompt: whether the response that is vouched for was chosen (1, 1) or not (1, 0)."""
    cells: defaultdict[int, Counter[tuple[int, int]]] = defaultdict(Counter)
    for one in judgements:
        if one.purpose is Purpose.KNOWN:
            is_right = one.chosen is not None and one.chosen.id == one.known_better_id
            cells[one.prompt_id][1, int(is_right)] += 1
    return dict(cells)


def one_sided(judgements: Sequence[Judgement]) -> list[OneSided]:
    """Who chose nearly always the same side, who chose most often first. A ranking is one choice."""
    return _one_sided(_choices(judgements))


def _one_sided(chose: Mapping[int, tuple[float, float]]) -> list[OneSided]:
    found: list[OneSided] = [
        {"person_id": person_id, "left": round(left), "choices": round(left + right)}
        for person_id, (left, right) in chose.items()
        if max(left, right) >= HABIT * (left + right)
    ]
    return sorted(found, key=lambda one: (-one["choices"], one["person_id"]))


def _choices(judgements: Sequence[Judgement]) -> dict[int, tuple[float, float]]:
    """Of each person who chose often enough, how often what lay left, and right."""
    chose: defaultdict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for one in judgements:
        if one.chosen:
            chose[one.person_id][one.chosen is not one.left] += one.weight
    return {who: (left, right) for who, (left, right) in chose.items() if round(left + right, 6) >= MANY}


def _share(cells: Mapping[int, Cells]) -> Figure | None:
    """The share of pairs that say the same, over prompts."""
    return _figure(of_all(estimate(cells.values(), percent)[0], len(cells))) if len(cells) >= FEW else None


def _total(cells: Cells) -> int:
    return round(sum(cells.values()))


def _figure(one: Interval | None) -> Figure | None:
    return _shown(one) if one else None


def _shown(one: Interval) -> Figure:
    return one.value, one.low, one.high
