"""What did a run cost that was taken up again? Its tries by what they told, the pauses between them left out. Pure."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from app.training.worker.events import LOADING, Event
from app.training.worker.report import Report


def with_earlier_tries(report: Report, events: Sequence[Event]) -> Report:
    """The report of the try that ended a run, its time and memory those of all its tries: earlier steps were paid, too.

    `events`: everything that the run told.
    """
    starts = [n for n, event in enumerate(events) if _begins(event)]
    earlier = events[: starts[-1]] if starts else []
    seconds = report["seconds"] + seconds_of(earlier)
    peaks = [event["memory_bytes"] for event in earlier if "memory_bytes" in event]
    return {
        **report,
        "seconds": round(seconds, 1),
        "peak_memory_bytes": max([report["peak_memory_bytes"], *peaks]),
    }


def seconds_of(events: Sequence[Event]) -> float:
    """How long those were at work that told these events."""
    spent = 0.0
    for before, after in pairwise(events):
        if not _begins(after):
            passed = datetime.fromisoformat(after["at"]) - datetime.fromisoformat(before["at"])
            spent += max(passed.total_seconds(), 0.0)  # a clock may be set back
    return spent


def _begins(event: Event) -> bool:
    return event.get("stage") == LOADING
