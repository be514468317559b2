"""Does it answer, or does it go on writing? Shares and means over prompts that it never saw, before and after. Pure."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.training.worker.report import BehaviourNumbers, Judged, Sample
from app.training.worker.shares import change_of, share
from app.training.worker.statistics import mean_of


class Trait(NamedTuple):
    """What is looked at, and whether people's own responses are held against it."""

    name: str
    of: Callable[[Judged], float | bool | None]
    people: bool = True


TRAITS = (
    Trait("ended", lambda one: one["ended"], people=False),
    Trait("usual_length", lambda one: one["usual_length"]),
    Trait("repeats_prompt", lambda one: one["repeats_prompt"]),
    Trait("follows_format", lambda one: one["follows_format"]),
    Trait("chrf", lambda one: one["chrf"], people=False),
)


def behaviour(samples: Sequence[Sample]) -> list[BehaviourNumbers]:
    """Each trait of which the prompts say something. Only where it was the same for all three is a prompt counted."""
    judged = [sample["judged"] for sample in samples]
    return [found for trait in TRAITS if (found := _of_trait(trait, judged))]


def _of_trait(trait: Trait, judged: Sequence[dict[str, Judged]]) -> BehaviourNumbers | None:
    said = [{who: trait.of(one[who]) for who in ("before", "after", "human")} for one in judged]
    told = [one for one in said if None not in one.values()]
    if not told:
        return None
    before, after, human = ([float(one[who] or 0) for one in told] for who in ("before", "after", "human"))
    summed = mean_of if trait.name == "chrf" else share
    return {
        "name": trait.name,
        "prompts": len(told),
        "people": summed(human) if trait.people else None,
        "before": summed(before),
        "after": summed(after),
        "change": change_of(before, after),
    }
