"""What a run tells while it goes: `events.jsonl`, one JSON object a line, written and read without torch."""

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, TypedDict, cast


class EventKind(StrEnum):
    """What an event says."""

    STARTED = "started"  # total_steps, rows, left_out, resumed_from (a step, or null), machine (words), shape
    TOKENS = "tokens"  # shown: the first rows to learn from as tokens, those that bear loss marked (tokens.py)
    PROGRESS = "progress"  # outside the steps: stage (words), done, total; also the heartbeat there
    BEFORE = "before"  # the base model: seen_loss, unseen_loss, validation_loss
    STEP = "step"  # step, epoch, tokens, loss, learning_rate, tokens_per_second, memory_bytes, and what LIVE names
    EVALUATION = "evaluation"  # step, epoch, tokens, validation_loss
    ANSWER = "answer"  # step, epoch, sample: a validation prompt, and what the model says to it at that moment
    CHECKPOINT = "checkpoint"  # step, folder
    WARNING = "warning"  # message
    AFTER = "after"  # the tuned model: as BEFORE
    SAMPLE = "sample"  # one entry of the report's `samples`
    DONE = "done"  # seconds
    FAILED = "failed"  # code, reason, advice
    STOPPED = "stopped"  # step


LOADING = "Loading the model"  # the stage of the PROGRESS with which each try of a run begins
LIVE: dict[str, tuple[str, ...]] = {  # what a step tells beside its loss, by method
    "sft": (),
    "reward": ("accuracy",),
    "dpo": ("accuracy", "margin"),
    "rloo": ("reward", "kl", "response_tokens", "entropy", "clipped"),
    "grpo": ("reward", "kl", "response_tokens", "entropy", "clipped"),
}


class NotANumber(ValueError):
    """NaN or infinity, which JSON does not know, where a loss or what is measured beside it was to be told."""


class Event(TypedDict, total=False):
    """One line. `kind` and `at` are always there; which others, EventKind says.

    The losses of sft are nats a response token, those of reward and dpo nats a pair.
    """

    kind: str
    at: str  # ISO 8601, UTC
    step: int
    total_steps: int
    epoch: float
    tokens: int  # trained on so far, prompts included
    loss: float
    validation_loss: float | None
    seen_loss: float | None
    unseen_loss: float | None
    learning_rate: float
    accuracy: float  # share of the step's pairs in which the chosen response is put first
    margin: float  # dpo: by how much, in beta times the log ratio to the reference
    reward: float  # by the reward model that is followed, the mean over the step's responses
    kl: float  # to the reference, nats a response token
    response_tokens: float  # how long responses are, the mean
    entropy: float  # of the next token, nats
    clipped: float  # share of responses that were cut at max_new_tokens
    tokens_per_second: float
    memory_bytes: int
    rows: dict[str, int]
    left_out: int
    resumed_from: int | None
    machine: str
    shape: dict[str, int] | None  # of the model that it begins from (shape.py)
    shown: list[dict[str, Any]]
    stage: str
    done: int
    total: int
    folder: str
    message: str
    sample: dict[str, Any]
    seconds: float
    code: str
    reason: str
    advice: str


class Tail(NamedTuple):
    """Events read, and where the next reading begins."""

    events: list[Event]
    offset: int


class Point(TypedDict):
    """One step of the loss curve; a loss is null where none was measured."""

    step: int
    epoch: float
    tokens: int
    train_loss: float | None
    validation_loss: float | None
    learning_rate: float | None


class Journal:
    """Appends events to a file, each on disk before the next begins."""

    def __init__(self, path: Path) -> None:
        """Open `path`, and drop a last line that a killed worker left half-written."""
        self.path = path
        path.touch()
        whole = path.read_bytes().rpartition(b"\n")
        os.truncate(path, len(whole[0]) + len(whole[1]))

    def write(self, kind: EventKind, **values: Any) -> None:
        """Append one event, and wait until the disk has it."""
        line = {"kind": kind.value, "at": datetime.now(UTC).isoformat(), **values}
        held = self.path.stat().st_size
        try:
            with self.path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(as_json(line) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError:  # the disk is full: half a line would spoil the next
            os.truncate(self.path, held)
            raise


def as_json(value: object) -> str:
    """A line of JSON. NotANumber where a number in it is none."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError as problem:
        raise NotANumber(str(problem)) from problem


class Unheard(Journal):
    """The journal of a process whose neighbour tells everything."""

    def __init__(self, path: Path) -> None:
        """`path` is left as it is."""
        self.path = path

    def write(self, kind: EventKind, **values: Any) -> None:
        """Nothing."""


def warning(message: str) -> Event:
    """A warning of whoever looks after a run, at this moment."""
    return {"kind": EventKind.WARNING.value, "at": datetime.now(UTC).isoformat(), "message": message}


def read_events(path: Path, offset: int = 0) -> Tail:
    """The whole lines of `path` past byte `offset`, and the offset for the next call. No file: no events."""
    if not path.exists():
        return Tail([], offset)
    with path.open("rb") as file:
        file.seek(offset)
        whole, end, _ = file.read().rpartition(b"\n")
    lines = [_event(line) for line in whole.split(b"\n") if line]
    return Tail([event for event in lines if event is not None], offset + len(whole) + len(end))


def torn_lines(path: Path) -> int:
    """How many lines of `path` no reader understands: a disk that failed may leave such."""
    lines = path.read_bytes().split(b"\n") if path.exists() else []
    return sum(_event(line) is None for line in lines if line)


def _event(line: bytes) -> Event | None:
    try:
        event = json.loads(line)
    except ValueError:  # also half a character
        return None
    return cast(Event, event) if isinstance(event, dict) and "kind" in event else None


def was_loading(folder: Path) -> bool:
    """Whether the worker of a run's folder was loading its model when it told its last."""
    told = read_events(folder / "events.jsonl").events
    return bool(told) and told[-1].get("stage") == LOADING


def loss_curve(events: Iterable[Event]) -> list[Point]:
    """The curve in step order. Steps that were walked again after a resume count once, the last time."""
    points: dict[int, Point] = {}
    for event in events:
        if event["kind"] not in (EventKind.STEP, EventKind.EVALUATION):
            continue
        point = points.setdefault(event["step"], _no_point(event))
        if event["kind"] == EventKind.STEP:
            point["train_loss"], point["learning_rate"] = event["loss"], event["learning_rate"]
        else:
            point["validation_loss"] = event["validation_loss"]
    return [points[step] for step in sorted(points)]


def _no_point(event: Event) -> Point:
    return {
        "step": event["step"],
        "epoch": event["epoch"],
        "tokens": event["tokens"],
        "train_loss": None,
        "validation_loss": None,
        "learning_rate": None,
    }
