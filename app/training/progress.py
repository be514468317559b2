"""How a run is going, made ready for the page: progress, curves, log. Pure: events in, words and drawings out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.core.charts import Drawing, Table, said
from app.training.curves import Along, curve_drawing, curve_table, decimal, finding_of, rate_drawing
from app.training.live import Live, in_log, live_of, live_table
from app.training.methods import METHODS
from app.training.tokens_said import CAPTIONS, RowSaid, row_said
from app.training.worker.checkpoints import KEPT
from app.training.worker.events import Event, EventKind, loss_curve

LOG_LINES = 40
NOBODY_YET = "Waiting for a trainer"


@dataclass(frozen=True)
class Progress:
    """What the live part of a run's page shows. `goes_on_from`: the newest checkpoint's step, 0 before the first."""

    step: int
    total_steps: int
    percent: int
    stage: str
    left: str
    curve: Drawing | None
    curve_table: Table | None
    rate: Drawing | None
    finding: str
    live: tuple[Live, ...]
    live_table: Table | None
    speed: str
    memory_bytes: int | None
    machine: str
    checkpoints: str
    goes_on_from: int
    tokens: Sequence[RowSaid]
    tokens_caption: str
    warnings: tuple[str, ...]
    log: tuple[str, ...]


def progress_of(
    events: Sequence[Event], *, ended: bool, waits: bool = False, along: Along = Along.STEPS, method: str = "sft"
) -> Progress:
    """The state of a run from everything its worker told, its curves along what was asked for.

    `waits`: nobody works on it at the moment.
    """
    steps = [event for event in events if event["kind"] == EventKind.STEP]
    started = next((event for event in reversed(events) if event["kind"] == EventKind.STARTED), None)
    total = started["total_steps"] if started else 0
    step = steps[-1]["step"] if steps else 0
    points, checkpoints = loss_curve(events), checkpoints_of(events)
    shown: Sequence[Mapping[str, Any]] = next(
        (one["shown"] for one in reversed(events) if one["kind"] == EventKind.TOKENS), []
    )
    return Progress(
        step=step,
        total_steps=total,
        percent=round(100 * step / total) if total else 0,
        stage=NOBODY_YET if waits else "" if ended else stage_of(events),
        left=""
        if ended or waits
        else time_left([one for one in this_try(events) if one["kind"] == EventKind.STEP], total),
        curve=curve_drawing(points, along, method) if METHODS[method].loss else None,
        curve_table=curve_table(points),
        rate=rate_drawing(points, along),
        finding=finding_of(points, method),
        live=tuple(live_of(events, method, along)),
        live_table=live_table(events, method),
        speed=f"{said(steps[-1]['tokens_per_second'])} tokens a second" if steps else "",
        memory_bytes=steps[-1].get("memory_bytes") if steps else None,
        machine=started.get("machine", "") if started else "",
        checkpoints=", ".join(str(step) for step in checkpoints),
        goes_on_from=max(checkpoints, default=0),
        tokens=[row_said(row, method) for row in shown],
        tokens_caption=CAPTIONS[method],
        warnings=tuple(dict.fromkeys(event["message"] for event in events if event["kind"] == EventKind.WARNING)),
        log=tuple(line for event in events[-LOG_LINES:] if (line := log_line(event))),
    )


def stage_of(events: Sequence[Event]) -> str:
    """What the worker is doing outside its steps: reading, measuring, answering."""
    if not events:
        return NOBODY_YET
    last = events[-1]
    if last["kind"] == EventKind.PROGRESS:
        return f"{last['stage']}, {last['done']} of {last['total']}"
    return ""


def this_try(events: Sequence[Event]) -> Sequence[Event]:
    """What was told since the worker last began: between two tries a run may have stood still for days."""
    starts = [n for n, event in enumerate(events) if event["kind"] == EventKind.STARTED]
    return events[starts[-1] :] if starts else events


def checkpoints_of(events: Sequence[Event]) -> list[int]:
    """The steps of the checkpoints that are kept: a newer one takes an older one's place, and those past the one that a
    run goes on from are removed."""
    kept: list[int] = []
    for event in events:
        if event["kind"] == EventKind.STARTED:
            kept = [step for step in kept if step <= (event.get("resumed_from") or 0)]
        elif event["kind"] == EventKind.CHECKPOINT:
            kept = [*(step for step in kept if step != event["step"]), event["step"]][-KEPT:]
    return kept


def time_left(steps: Sequence[Event], total: int) -> str:
    """How long the remaining steps take at the pace of the last twenty; the measuring after them not counted."""
    recent = steps[-20:]
    if len(recent) < 2 or total <= recent[-1]["step"]:
        return ""
    began, ended = datetime.fromisoformat(recent[0]["at"]), datetime.fromisoformat(recent[-1]["at"])
    a_step = (ended - began).total_seconds() / (recent[-1]["step"] - recent[0]["step"])
    seconds = a_step * (total - recent[-1]["step"])
    return f"about {round(seconds)} s left" if seconds < 90 else f"about {round(seconds / 60)} min left"


def log_line(event: Event) -> str:
    """One event as a line of the log; samples are for the report."""
    at = datetime.fromisoformat(event["at"]).strftime("%H:%M:%S")
    match event["kind"]:
        case EventKind.STEP:
            rate = f"lr {event['learning_rate']:.6f}"
            return f"{at}  step {event['step']:>5}  loss {event['loss']:.3f}  {rate}{in_log(event)}"
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
