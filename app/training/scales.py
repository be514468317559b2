"""On what are a run's numbers measured, and which runs' numbers can be held against each other? Pure."""

from collections.abc import Mapping, Sequence

from app.training.curves import LOSSES, Along, Measure, Place, points_of
from app.training.live import points_of as points_told
from app.training.live import steps_of
from app.training.methods import METHODS
from app.training.models import Run
from app.training.worker.events import LIVE, Event, loss_curve

NAMES: Mapping[Measure, str] = {
    Measure.VALIDATION: "Validation loss", Measure.TRAIN: "Train loss", Measure.ACCURACY: "Accuracy on pairs",
    Measure.REWARD: "Reward", Measure.KL: "KL to the reference", Measure.LENGTH: "Length of answers",
}  # fmt: skip
NOTES: Mapping[Measure, str] = {
    Measure.ACCURACY: "Share of a step's pairs in which the chosen response is put first; higher is better.",
    Measure.REWARD: "What the reward model gives, the mean over a step's answers. It likes them; people may not.",
    Measure.KL: "In nats a response token.",
    Measure.LENGTH: "In tokens, the mean over a step's answers.",
}


def comparable(runs: Sequence[Run], measure: Measure) -> tuple[list[Run], str]:
    """The runs whose numbers can be held against those of the first that has any, and why the others cannot."""
    of = {run.id: scale_of(run, measure) for run in runs}
    first = next((scale for scale in of.values() if scale), "")
    apart = [run for run in runs if of[run.id] != first]
    if not apart:
        return list(runs), ""
    named = ", ".join(str(run.number) for run in apart)
    theirs = " and ".join(dict.fromkeys(of[run.id] or "nothing of the kind" for run in apart))
    are = "Run {} is" if len(apart) == 1 else "Runs {} are"
    why = f"{are.format(named)} not drawn: measured is there {theirs}, here {first}."
    return [run for run in runs if of[run.id] == first], why


def scale_of(run: Run, measure: Measure) -> str:
    """On what a run's number is measured, in words; runs with other words say nothing of each other. Empty: no such."""
    if measure in LOSSES:
        return METHODS[run.method].loss
    if measure.value not in LIVE[run.method]:
        return ""
    if measure is Measure.REWARD:
        return f"by the reward model of {run.plan.get('reward_from')}"
    if measure is Measure.KL:
        return f"to {run.plan.get('begins_from') or run.base_model}"
    if measure is Measure.ACCURACY:
        return METHODS[run.method].loss  # by a reward model, or by how far a policy left its reference
    return "in tokens"


def note_on(run: Run, measure: Measure) -> str:
    """What the numbers of a run are."""
    loss = METHODS[run.method].loss
    return NOTES.get(measure) or (f"{loss.capitalize()}; lower is better." if loss else "")


def line_of(events: Sequence[Event], measure: Measure, along: Along) -> list[Place]:
    """Where the line of a run goes."""
    if measure in LOSSES:
        return points_of(loss_curve(events), measure, along)
    return points_told(steps_of(events), measure.value, along)
