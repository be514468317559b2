"""What have people decided on a pair, and does a rule take it? Opinions in, a response or a reason out. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.preferences.models import Choice, Strength
from app.preferences.versions.rule import ORDER, PreferenceRule

NEITHER = (Choice.TIE, Choice.BOTH_BAD)


@dataclass(frozen=True)
class Opinion:
    """One person's word: the response that they prefer, None where they said something else."""

    prefers: int | None
    choice: Choice
    strength: Strength | None
    reasons: Sequence[str]
    person_id: int = 0

    @property
    def counts(self) -> bool:
        """Whether it is an opinion at all."""
        return self.choice not in (Choice.CANNOT_JUDGE, Choice.SKIPPED)


@dataclass(frozen=True)
class Decision:
    """The response that most prefer, how many of how many do, by how much, and what it is better in."""

    chosen_id: int
    rejected_id: int
    opinions: int
    agreed: int
    strength: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Judged:
    """A pair as a rule looks at it. `gone`: a response was withdrawn, or somebody erased; `same`: equal texts.

    `waits`: people are still to judge it, who must not know what others prefer; a version tells.
    """

    first_id: int
    second_id: int
    known: bool
    gone: bool
    same: bool
    waits: bool
    set: str
    language: str
    opinions: Sequence[Opinion]


def decide(pair: Judged) -> Decision | str:
    """What people decided, or the name of what no rule takes. Who could not judge has no opinion."""
    for name, is_so in (("known", pair.known), ("gone", pair.gone), ("same", pair.same), ("waits", pair.waits)):
        if is_so:
            return name
    said = [one for one in pair.opinions if one.counts]
    if not said:
        return "judged"
    if 2 * sum(one.choice in NEITHER for one in said) > len(said):
        return "neither"
    for chosen, rejected in ((pair.first_id, pair.second_id), (pair.second_id, pair.first_id)):
        agree = [one for one in said if one.prefers == chosen]
        if 2 * len(agree) > len(said):
            reasons = {reason for one in agree for reason in one.reasons}
            return Decision(chosen, rejected, len(said), len(agree), strength_of(agree), tuple(sorted(reasons)))
    return "divided"


def strength_of(agree: Sequence[Opinion]) -> str:
    """By how much the better one is better: what half of those who said by how much, or more, called it at least."""
    said = sorted((ORDER.index(one.strength) for one in agree if one.strength), reverse=True)
    return str(ORDER[said[(len(said) - 1) // 2]]) if said else ""


def refuses(rule: PreferenceRule, pair: Judged, decided: Decision) -> Mapping[str, bool]:
    """Of each condition of a rule whether it leaves the pair out."""
    return {
        "set": bool(rule.sets) and pair.set not in rule.sets,
        "language": bool(rule.languages) and pair.language not in rule.languages,
        "opinions": decided.opinions < rule.min_opinions,
        "agreement": 100 * decided.agreed < (rule.min_agreement or 0) * decided.opinions,
        "strength": rule.min_strength != "any" and ORDER.index(decided.strength) < ORDER.index(rule.min_strength),
    }


def count_cycles(decided: Iterable[tuple[int, Decision]]) -> int:
    """On how many prompts people prefer A to B, B to C and C to A. Each pair comes with its prompt."""
    worse: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for prompt, one in decided:
        worse[prompt][one.chosen_id].add(one.rejected_id)
    return sum(is_cyclic(than) for than in worse.values())


def is_cyclic(worse: Mapping[int, set[int]]) -> bool:
    """Whether a way leads back: what is worse than nothing that is left is taken away until nothing more can be."""
    left = {one: set(others) for one, others in worse.items()}
    while left:
        beaten = set[int]().union(*left.values())
        if not (best := left.keys() - beaten):
            return True
        for one in best:
            del left[one]
    return False
