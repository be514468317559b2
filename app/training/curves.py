"""What do a run's losses look like? Points in, drawings, a table and one careful sentence out. Pure."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from statistics import fmean

from app.core.charts import Drawing, Marks, Series, Table, lines
from app.training.worker.events import Point

HARDLY = 0.02  # nats a token: a rise below it is what a few validation rows do by chance
DRAWN = 300
TOLD = 100  # steps with a validation loss in the table
MORE_OF_ANSWERS = "People may still prefer its later answers; the report and comparisons say more."
MORE = {"reward": "The report says how it ranks pairs that it never saw."}
Place = tuple[float, float]


class Measure(StrEnum):
    """What is drawn of runs side by side: a loss, or what a method tells of its steps."""

    VALIDATION = "validation"
    TRAIN = "train"
    ACCURACY = "accuracy"
    REWARD = "reward"
    KL = "kl"
    LENGTH = "response_tokens"


LOSSES = (Measure.VALIDATION, Measure.TRAIN)


class Along(StrEnum):
    """What a chart counts along: runs with other batch sizes or data are level only in tokens or epochs."""

    STEPS = "steps"
    TOKENS = "tokens"
    EPOCHS = "epochs"


PLACE: Mapping[Along, Callable[[Point], float]] = {
    Along.STEPS: lambda point: point["step"],
    Along.TOKENS: lambda point: point["tokens"],
    Along.EPOCHS: lambda point: point["epoch"],
}


def points_of(curve: Sequence[Point], measure: Measure, along: Along) -> list[Place]:
    """Where the line of a loss goes."""
    place = PLACE[along]
    losses = [(place(point), point[f"{measure.value}_loss"]) for point in curve]  # type: ignore[literal-required]
    return [(x, loss) for x, loss in losses if loss is not None]


def thinned(points: Sequence[Place]) -> list[Place]:
    """A long line as the means of equal pieces, at most DRAWN of them: a picture has no room for more."""
    size = -(-len(points) // DRAWN)
    pieces = [points[at : at + size] for at in range(0, len(points), size)] if size > 1 else []
    return [(piece[-1][0], fmean(y for _, y in piece)) for piece in pieces] or list(points)


def curve_drawing(points: Sequence[Point], along: Along = Along.STEPS, method: str = "sft") -> Drawing | None:
    """Train and validation loss, or None before the first."""
    train = thinned(points_of(points, Measure.TRAIN, along))
    held = points_of(points, Measure.VALIDATION, along)
    if not train and not held:
        return None
    series = [
        Series("train", train, "seen", said=label("train", train)),
        Series("validation", thinned(held), "unseen", dotted=True, said=label("validation", held)),
    ]
    shown = [one for one in series if one.points]
    best = best_step(points)
    where = next((PLACE[along](point) for point in points if point["step"] == best), 0)
    marks = Marks(guide=(where, f"lowest validation, step {best:,}") if best else None)
    return lines(f"Loss by {along}. {finding_of(points, method)}", shown, marks, size="l")


def rate_drawing(points: Sequence[Point], along: Along = Along.STEPS) -> Drawing | None:
    """The learning rate, warming up and falling; None before there are two steps."""
    place = PLACE[along]
    rates = [(place(p), p["learning_rate"]) for p in points if p["learning_rate"] is not None]
    if len(rates) < 2:
        return None
    most = max(rate for _, rate in rates)
    drawn = [(x, 100 * rate / most) for x, rate in thinned(rates)] if most else thinned(rates)
    label = f"Learning rate by {along}, in percent of its highest, {most:g}. It is {rates[-1][1]:g} now."
    return lines(label, [Series("learning rate", drawn, "seen")], size="s")


def label(name: str, points: Sequence[Place]) -> str:
    """What stands at a line's end: its name and its last value."""
    return f"{name} {points[-1][1]:.2f}" if points else ""


def best_step(points: Sequence[Point]) -> int:
    """The step with the lowest validation loss, 0 when none was measured."""
    measured = [(p["validation_loss"], p["step"]) for p in points if p["validation_loss"] is not None]
    return min(measured)[1] if measured else 0


def finding_of(points: Sequence[Point], method: str = "sft") -> str:
    """One careful sentence about the curve. Loss alone never says that more epochs hurt people's preference."""
    held = [(p["step"], p["validation_loss"]) for p in points if p["validation_loss"] is not None]
    if len(held) < 2:
        return ""
    best = best_step(points)
    if held[-1][0] == best:
        return "Validation loss is still falling."
    if held[-1][1] - min(loss for _, loss in held) < HARDLY:
        return f"Validation loss has hardly moved since step {best}."
    return (
        f"Validation loss has not fallen since step {best}: by loss alone, the model has begun to memorise. "
        f"{MORE.get(method, MORE_OF_ANSWERS)}"
    )


def curve_table(points: Sequence[Point]) -> Table | None:
    """The numbers behind the curve: every step with a validation loss, of very many some, always the lowest and the
    last; and a thinned-out rest."""
    if not points:
        return None
    every, best = max(1, len(points) // 20), best_step(points)
    measured = [p["step"] for p in points if p["validation_loss"] is not None]
    told = {best, *measured[:: -(-len(measured) // TOLD) or 1], *measured[-1:]}
    rows = tuple(
        (str(p["step"]), f"{p['epoch']:.2f}", decimal(p["train_loss"]), decimal(p["validation_loss"]))
        for n, p in enumerate(points)
        if n % every == 0 or p["step"] in told
    )
    return Table("Loss by step", ("Step", "Epoch", "Train", "Validation"), rows)


def decimal(value: float | None) -> str:
    """A loss with two decimals, or a dash."""
    return "–" if value is None else f"{value:.2f}"
