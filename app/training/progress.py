"""How a run is going, made ready for the page: progress, curves, log. Pure: events in, words and drawings out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.charts import Drawing, Marks, Series, Table, lines, said
from app.training.worker.events import Event, EventKind, Point, loss_curve

LOG_LINES = 40
HARDLY = 0.02  # nats a token: a rise below it is what a few validation rows do by chance


@dataclass(frozen=True)
class Progress:
    """What the live part of a run's page shows."""

    step: int
    total_steps: int
    percent: int
    stage: str
    left: str
    curve: Drawing | None
    curve_table: Table | None
    finding: str
    speed: str
    memory_bytes: int | None
    checkpoints: str
    warnings: tuple[str, ...]
    log: tuple[str, ...]


def progress_of(events: Sequence[Event], *, ended: bool) -> Progress:
    """The state of a run from everything its worker told."""
    steps = [event for event in events if event["kind"] == EventKind.STEP]
    total = next((event["total_steps"] for event in reversed(events) if event["kind"] == EventKind.STARTED), 0)
    step = steps[-1]["step"] if steps else 0
    points = loss_curve(events)
    return Progress(
        step=step,
        total_steps=total,
        percent=round(100 * step / total) if total else 0,
        stage="" if ended else stage_of(events),
        left="" if ended else time_left(steps, total),
        curve=curve_drawing(points),
        curve_table=curve_table(points),
        finding=finding_of(points),
        speed=f"{said(steps[-1]['tokens_per_second'])} tokens a second" if steps else "",
        memory_bytes=steps[-1].get("memory_bytes") if steps else None,
        checkpoints=", ".join(str(event["step"]) for event in events if event["kind"] == EventKind.CHECKPOINT),
        warnings=tuple(event["message"] for event in events if event["kind"] == EventKind.WARNING),
        log=tuple(line for event in events[-LOG_LINES:] if (line := log_line(event))),
    )


def stage_of(events: Sequence[Event]) -> str:
    """What the worker is doing outside its steps: reading, measuring, answering."""
    if not events:
        return "Waiting for a trainer"
    last = events[-1]
    if last["kind"] == EventKind.PROGRESS:
        return f"{last['stage']}, {last['done']} of {last['total']}"
    return ""


def time_left(steps: Sequence[Event], total: int) -> str:
    """How long the remaining steps take at the pace of the last twenty; the measuring after them not counted."""
    recent = steps[-20:]
    if len(recent) < 2 or total <= recent[-1]["step"]:
        return ""
    began, ended = datetime.fromisoformat(recent[0]["at"]), datetime.fromisoformat(recent[-1]["at"])
    seconds = (ended - began).total_seconds() / (len(recent) - 1) * (total - recent[-1]["step"])
    return f"about {round(seconds)} s left" if seconds < 90 else f"about {round(seconds / 60)} min left"


def curve_drawing(points: Sequence[Point]) -> Drawing | None:
    """Train and validation loss against steps, or None before the first."""
    train = [(p["step"], p["train_loss"]) for p in points if p["train_loss"] is not None]
    held = [(p["step"], p["validation_loss"]) for p in points if p["validation_loss"] is not None]
    if not train and not held:
        return None
    series = [
        Series("train", train, "seen", said=label("train", train)),
        Series("validation", held, "unseen", dotted=True, said=label("validation", held)),
    ]
    shown = [one for one in series if one.points]
    best = best_step(points)
    marks = Marks(guide=(best, f"lowest validation, step {best}") if best else None)
    return lines(f"Loss by step. {finding_of(points)}", shown, marks, size="l")


def label(name: str, points: Sequence[tuple[int, float]]) -> str:
    """What stands at a line's end: its name and its last value."""
    return f"{name} {points[-1][1]:.2f}" if points else ""


def best_step(points: Sequence[Point]) -> int:
    """The step with the lowest validation loss, 0 when none was measured."""
    measured = [(p["validation_loss"], p["step"]) for p in points if p["validation_loss"] is not None]
    return min(measured)[1] if measured else 0


def finding_of(points: Sequence[Point]) -> str:
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
        "People may still prefer its later answers; the report and comparisons say more."
    )


def curve_table(points: Sequence[Point]) -> Table | None:
    """The numbers behind the curve: every step with a validation loss, and a thinned-out rest."""
    if not points:
        return None
    every = max(1, len(points) // 20)
    rows = tuple(
        (str(p["step"]), f"{p['epoch']:.2f}", decimal(p["train_loss"]), decimal(p["validation_loss"]))
        for n, p in enumerate(points)
        if n % every == 0 or p["validation_loss"] is not None
    )
    return Table("Loss by step", ("Step", "Epoch", "Train", "Validation"), rows)


def decimal(value: float | None) -> str:
    """A loss with two decimals, or a dash."""
    return "–" if value is None else f"{value:.2f}"


def log_line(event: Event) -> str:
    """One event as a line of the log; samples are for the report."""
    at = datetime.fromisoformat(event["at"]).strftime("%H:%M:%S")
    match event["kind"]:
        case EventKind.STEP:
            return f"{at}  step {event['step']:>5}  loss {event['loss']:.3f}  lr {event['learning_rate']:.6f}"
        case EventKind.EVALUATION:
            return f"{at}  step {event['step']:>5}  validation {decimal(event['validation_loss'])}"
        case EventKind.CHECKPOINT:
            return f"{at}  step {event['step']:>5}  saved a checkpoint"
        case EventKind.BEFORE | EventKind.AFTER:
            seen, unseen = decimal(event.get("seen_loss")), decimal(event.get("unseen_loss"))
            return f"{at}  {event['kind']}: loss on seen prompts {seen}, on unseen prompts {unseen}"
        case EventKind.STARTED:
            resumed = event.get("resumed_from")
            return f"{at}  started" if resumed is None else f"{at}  going on from step {resumed}"
        case EventKind.PROGRESS:
            return f"{at}  {event['stage']}: {event['done']} of {event['total']}"
        case EventKind.WARNING:
            return f"{at}  {event['message']}"
        case EventKind.FAILED:
            return f"{at}  failed: {event['reason']}"
        case EventKind.DONE | EventKind.STOPPED:
            return f"{at}  {event['kind']}"
    return ""
