"""What to write next: a run's categories, ranked by what more examples of each are expected to take away. Pure.

With t examples, the loss on new ones lies m/2t above what the model can reach, on those trained on m/2t below: S. Amari
and N. Murata, *Statistical Theory of Learning Curves under Entropic Loss Criterion*, Neural Computation 5 (1993). So
half of a gap is what more examples can take off the unseen loss, and it shrinks as 1/t. That law is of a whole model
trained to its end; to read it category by category is a rule of our own. docs/report.md says what it rests on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.evaluation.said import within
from app.training.worker.report import FEW, Estimate, KindNumbers

MORE = 10  # examples that one piece of advice speaks of


class Prospect(StrEnum):
    """What can be said of a category, in the order in which advice is given."""

    HELPS = "helps"  # its gap is no chance: more examples are expected to close it
    UNSURE = "unsure"  # its unseen loss is known, what more examples would do is not
    UNKNOWN = "unknown"  # too few prompts to say anything
    HELD_OUT = "held_out"  # kept out of training on purpose


@dataclass(frozen=True)
class Advice:
    """One category, its evidence in words. `takes_away`: nats a token that MORE examples take off its unseen loss."""

    numbers: KindNumbers
    prospect: Prospect
    takes_away: Estimate | None
    evidence: str
    verdict: str

    @property
    def name(self) -> str:
        """The category's name, or what stands for none."""
        return self.numbers["category"] or "without a category"


def advise(kinds: Sequence[KindNumbers]) -> list[Advice]:
    """Advice on every category: what helps most first, then the highest unseen loss, then what nothing can be said of.

    The highest loss is the least confidence, which is what Arabelly et al. (2025, arXiv 2507.21482) weight tasks by.
    """
    return sorted((_advice(one) for one in kinds), key=_place)


def finding_of(kinds: Sequence[KindNumbers] | None, ranked: Sequence[Advice]) -> str:
    """What all of it comes to, in a sentence."""
    if kinds is None:
        return "This report is of an earlier Penset, which did not measure what this needs. A new run will."
    if not kinds:
        return "This report tells nothing of prompts never seen, so nothing can be said of what to write next."
    if not ranked or ranked[0].prospect in (Prospect.UNKNOWN, Prospect.HELD_OUT):
        return f"Of no category can anything be said yet: each needs at least {FEW} test prompts."
    first = ranked[0]
    if first.takes_away is None:
        return f"No gap can be told from chance. The model is least sure of {first.name}."
    return f"{first.name} first: there {MORE} more examples are expected to take most off the unseen loss."


def _advice(numbers: KindNumbers) -> Advice:
    prospect = _prospect(numbers)
    gap = numbers["gap"]
    takes_away = _of_more(gap, numbers["trained"]) if gap and prospect is Prospect.HELPS else None
    return Advice(numbers, prospect, takes_away, _evidence(numbers), _verdict(numbers, prospect, takes_away))


def _prospect(numbers: KindNumbers) -> Prospect:
    if numbers["held_out"]:
        return Prospect.HELD_OUT
    if not _told(numbers["unseen"]):
        return Prospect.UNKNOWN
    gap = numbers["gap"]
    if numbers["trained"] and gap and gap["low"] is not None and gap["low"] > 0:
        return Prospect.HELPS
    return Prospect.UNSURE


def _told(estimate: Estimate | None) -> bool:
    return estimate is not None and estimate["low"] is not None and estimate["high"] is not None


def _of_more(gap: Estimate, trained: int) -> Estimate:
    """gap / 2 now, gap / 2 * t / (t + MORE) with MORE examples: the difference, with the gap's interval."""
    part = MORE / (2 * (trained + MORE))
    low, high = (None if end is None else end * part for end in (gap["low"], gap["high"]))
    return {"value": gap["value"] * part, "low": low, "high": high}


def _place(one: Advice) -> tuple[int, float, str]:
    unseen = one.numbers["unseen"]
    by = one.takes_away["value"] if one.takes_away else unseen["value"] if unseen and _told(unseen) else 0.0
    return list(Prospect).index(one.prospect), -by, one.name


def _evidence(numbers: KindNumbers) -> str:
    said = [f"{numbers['trained']} trained on", _count(numbers["unseen_prompts"], "test prompt")]
    sides: Mapping[str, Estimate | None] = {"unseen loss": numbers["unseen"], "seen": numbers["seen"]}
    said += [f"{name} {within(loss)}" for name, loss in sides.items() if loss and _told(loss)]
    return ", ".join(said)


def _verdict(numbers: KindNumbers, prospect: Prospect, takes_away: Estimate | None) -> str:
    if prospect is Prospect.HELD_OUT:
        return "Held out: what is written of it measures the model and never teaches it."
    if prospect is Prospect.UNKNOWN and numbers["unseen_prompts"] < FEW:
        return f"Nothing can be said of it: that needs at least {FEW} test prompts."
    if prospect is Prospect.UNKNOWN:
        return "Nothing can be said of it: its test prompts are all alike."
    if takes_away:
        return f"{MORE} more are expected to take {within(takes_away, places=3)} nats a token off its unseen loss."
    if not numbers["trained"]:
        return "None was trained on, so nobody knows how quickly its loss would fall."
    gap = numbers["gap"]
    if not gap or not _told(gap):
        return f"Of those trained on only {numbers['seen_prompts']} were measured: too few to tell its gap."
    return f"Its gap to what was seen, {within(gap)}, cannot be told from chance."


def _count(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
