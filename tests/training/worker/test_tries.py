"""A run that went on cost what all its tries cost."""

from typing import Any

from app.training.worker.events import LOADING, Event, EventKind
from app.training.worker.tries import seconds_of, with_earlier_tries
from tests.training.made import a_report


def at(clock: str, kind: EventKind, **values: Any) -> Event:
    """One event at this time of a day."""
    return {"kind": kind, "at": f"2026-11-24T{clock}+00:00", **values}  # type: ignore[typeddict-item]


FIRST = [
    at("12:00:00", EventKind.PROGRESS, stage=LOADING, done=0, total=1),
    at("12:00:04", EventKind.STEP, step=1, memory_bytes=900),
    at("12:00:10", EventKind.STOPPED, step=1),
]
SECOND = [
    at("22:00:00", EventKind.PROGRESS, stage=LOADING, done=0, total=1),
    at("22:00:02", EventKind.STEP, step=2, memory_bytes=500),
]


def test_time_and_memory_of_earlier_tries_count_and_the_pause_does_not() -> None:
    last = a_report(seconds=3.5, peak_memory_bytes=600)
    told = with_earlier_tries(last, [*FIRST, *SECOND])
    assert (told["seconds"], told["peak_memory_bytes"]) == (13.5, 900)
    assert with_earlier_tries(last, SECOND) == last
    assert {**told, "seconds": 3.5, "peak_memory_bytes": 600} == last


def test_a_clock_that_is_set_back_takes_no_time_away() -> None:
    assert seconds_of([FIRST[1], FIRST[0], FIRST[2]]) == 10
