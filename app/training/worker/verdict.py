"""Did a policy help, by the change of its reward and of a second one? Pure, and readable without torch or numpy."""

from collections.abc import Mapping
from enum import StrEnum

from app.training.worker.estimate import Estimate


class Way(StrEnum):
    """Where a reward went, as far as its interval says."""

    UNMEASURED = "unmeasured"
    TOO_FEW = "too_few"
    ROSE = "rose"
    FELL = "fell"
    EVEN = "even"  # no change can be told from chance


class Verdict(StrEnum):
    """What both rewards say together. Only an interval that leaves zero out says that it helped, or did harm."""

    UNMEASURED = "unmeasured"
    TOO_FEW = "too_few"
    HELPED = "helped"  # nothing can be told of a second reward
    HELPED_BY_BOTH = "helped_by_both"
    HELPED_BY_FIRST = "helped_by_first"  # no change of the second one can be told from chance
    OVERRATED = "overrated"  # the first rose, and the second fell
    NOT_SHOWN = "not_shown"
    HARMED = "harmed"
    DISPUTED = "disputed"  # the first fell, and the second rose


OF_ONE: Mapping[Way, Verdict] = {
    Way.UNMEASURED: Verdict.UNMEASURED,
    Way.TOO_FEW: Verdict.TOO_FEW,
    Way.ROSE: Verdict.HELPED,
    Way.FELL: Verdict.HARMED,
    Way.EVEN: Verdict.NOT_SHOWN,
}
OF_BOTH: Mapping[tuple[Way, Way], Verdict] = {
    (Way.ROSE, Way.ROSE): Verdict.HELPED_BY_BOTH,
    (Way.ROSE, Way.FELL): Verdict.OVERRATED,
    (Way.ROSE, Way.EVEN): Verdict.HELPED_BY_FIRST,
    (Way.FELL, Way.ROSE): Verdict.DISPUTED,
}


def way_of(change: Estimate | None) -> Way:
    """Where a reward went; None where nobody measured it."""
    if change is None:
        return Way.UNMEASURED
    if change["low"] is None or change["high"] is None:
        return Way.TOO_FEW
    return Way.ROSE if change["low"] > 0 else Way.FELL if change["high"] < 0 else Way.EVEN


def verdict_of(reward: Estimate | None, second: Estimate | None) -> Verdict:
    """What the changes of both rewards say together."""
    first = way_of(reward)
    return OF_BOTH.get((first, way_of(second)), OF_ONE[first])


def helped(verdict: Verdict) -> bool | None:
    """Whether it did; None where nothing can be told."""
    if verdict in (Verdict.UNMEASURED, Verdict.TOO_FEW):
        return None
    return verdict in (Verdict.HELPED, Verdict.HELPED_BY_BOTH, Verdict.HELPED_BY_FIRST)
