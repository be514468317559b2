"""What to write next: a run's categories, ranked by what more examples of each are expected to take away. Pure.

How large each gap is likely to be, and how likely a category is the first, the worker tells (`training/worker/
likely.py`); what part of a gap more examples take away, `training/worker/law.py`. docs/report.md says what it rests on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.evaluation.said import estimate, within
from app.training.worker.estimate import FEW, Estimate
from app.training.worker.law import MORE, part_taken
from app.training.worker.report import KindGrowth, KindNumbers

LEANS = " So few prompts are its own that this leans on what all categories have in common."


class Prospect(StrEnum):
    """What can be said of a category, in the order in which advice is given."""

    HELPS = "helps"  # its gap is no chance: more examples are expected to close it
    UNSURE = "unsure"  # it was measured, but what more examples would do cannot be told from chance
    UNKNOWN = "unknown"  # too few prompts to say anything
    HELD_OUT = "held_out"  # kept out of training on purpose


RANKED = (Prospect.HELPS, Prospect.UNSURE)


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
    """Advice on every category: what is expected to help most first, then the highest unseen loss, then what nothing
    can be said of.

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
        return "Of no category can anything be said yet: too few prompts that it never saw were measured."
    first = ranked[0]
    if first.takes_away is None:
        return f"No gap can be told from chance. The model is least sure of {first.name}."
    if first.takes_away["value"] <= 0:
        return "More examples of no category are expected to take anything off its unseen loss."
    said = f"{first.name} first: there {MORE} more examples are expected to take most off the unseen loss."
    if first.prospect is Prospect.UNSURE:
        said += " That they take off anything at all cannot be told from chance."
    of = sum(one.takes_away is not None for one in ranked)
    return f"{said} {_odds(first, of)}" if of > 1 else said


def _odds(one: Advice, of: int) -> str:
    percent = min(max(round(100 * (one.numbers["first"] or 0.0)), 1), 99)
    said = f"That it is truly the first of {of} is {percent} % likely"
    return f"{said}." if percent >= 50 else f"{said}: it is the best guess, and others may be as good."


def _advice(numbers: KindNumbers) -> Advice:
    prospect = _prospect(numbers)
    gap = numbers["likely_gap"]
    takes_away = _of_more(gap, numbers["trained"]) if gap and prospect in RANKED and numbers["trained"] else None
    return Advice(numbers, prospect, takes_away, _evidence(numbers), _verdict(numbers, prospect, takes_away))


def _prospect(numbers: KindNumbers) -> Prospect:
    if numbers["held_out"]:
        return Prospect.HELD_OUT
    gap = numbers["likely_gap"]
    if numbers["trained"] and gap and gap["low"] is not None and gap["low"] > 0:
        return Prospect.HELPS
    return Prospect.UNSURE if gap or _told(numbers["unseen"]) else Prospect.UNKNOWN


def _told(estimate: Estimate | None) -> bool:
    return estimate is not None and estimate["low"] is not None and estimate["high"] is not None


def _of_more(gap: Estimate, trained: int) -> Estimate:
    part = part_taken(trained)
    low, high = (None if end is None else end * part for end in (gap["low"], gap["high"]))
    return {"value": gap["value"] * part, "low": low, "high": high}


def _place(one: Advice) -> tuple[int, float, str]:
    unseen = one.numbers["unseen"]
    if one.takes_away:
        return 0, -one.takes_away["value"], one.name
    return 1 + list(Prospect).index(one.prospect), -unseen["value"] if unseen and _told(unseen) else 0.0, one.name


def _evidence(numbers: KindNumbers) -> str:
    said = [f"{numbers['trained']} trained on", _count(numbers["unseen_prompts"], "prompt") + " never seen"]
    sides: Mapping[str, Estimate | None] = {"unseen loss": numbers["unseen"], "seen": numbers["seen"]}
    said += [f"{name} {within(loss)}" for name, loss in sides.items() if loss and _told(loss)]
    return ", ".join(said) + _grown(numbers.get("growth"))


def _grown(growth: KindGrowth | None) -> str:
    if growth is None:
        return ""
    pairs = zip(growth["rows"], growth["losses"], strict=True)
    measured = ", ".join(f"{loss['value']:.2f} with {rows:,}" for rows, loss in pairs)
    return (
        f". By rows of all categories its unseen loss was {measured}; twice as many are expected to change it by "
        f"{estimate(growth['next'])}"
    )


def _verdict(numbers: KindNumbers, prospect: Prospect, takes_away: Estimate | None) -> str:
    if prospect is Prospect.HELD_OUT:
        return "Held out: what is written of it measures the model and never teaches it."
    if prospect is Prospect.UNKNOWN and numbers["unseen_prompts"] < FEW:
        measured = {0: "none was", 1: "one was"}.get(numbers["unseen_prompts"], f"{numbers['unseen_prompts']} were")
        return f"Nothing can be said of it: of its prompts it never saw, {measured} measured."
    if prospect is Prospect.UNKNOWN:
        return "Nothing can be said of it: its prompts are all alike."
    if takes_away:
        said = f"{MORE} more are expected to take {within(takes_away, places=3)} nats a token off its unseen loss."
        chance = " That may be chance." if prospect is Prospect.UNSURE else ""
        return said + chance + (LEANS if numbers["unseen_prompts"] < FEW else "")
    if not numbers["trained"]:
        return "None was trained on, so nobody knows how quickly its loss would fall."
    return "Too few of its prompts were measured to tell its gap."


def _count(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
