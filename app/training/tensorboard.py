"""A run's events.jsonl as files that TensorBoard shows: what each step told, and the validation loss."""

from collections.abc import Iterable
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from app.core.errors import StartRefused
from app.training.worker.events import LIVE, Event, EventKind, read_events

# What TensorBoard shows of an event, by the name of its chart.
CHARTS = {
    EventKind.STEP: {
        "loss/train": "loss",
        "learning_rate": "learning_rate",
        "machine/tokens_per_second": "tokens_per_second",
        "machine/memory_bytes": "memory_bytes",
        **{f"steps/{name}": name for told in LIVE.values() for name in told},
    },
    EventKind.EVALUATION: {"loss/validation": "validation_loss"},
}


def write_for_tensorboard(run: Path, out: Path) -> int:
    """Write the events of a run's folder to a folder for `tensorboard --logdir`. How many points it has.

    A step that was walked again after a resume counts once, the last time. StartRefused where there is nothing to read,
    or where TensorBoard is not installed.
    """
    if not (run / "events.jsonl").is_file():
        raise StartRefused(f"There is no events.jsonl in {run}. Name the folder of a run.")
    if out.exists() and any(out.iterdir()):
        raise StartRefused(f"{out} is not empty, and TensorBoard would show old points beside new ones.")
    if find_spec("tensorboard") is None:
        raise StartRefused('TensorBoard is not installed here. In Penset\'s folder run: pip install ".[tensorboard]"')
    from tensorboard.compat.proto.event_pb2 import Event as Record
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    points = newest(read_events(run / "events.jsonl").events)
    writer = EventFileWriter(str(out))
    for (step, chart), (at, value) in sorted(points.items()):
        summary = Summary(value=[Summary.Value(tag=chart, simple_value=value)])
        writer.add_event(Record(wall_time=at, step=step, summary=summary))
    writer.close()
    return len(points)


def newest(events: Iterable[Event]) -> dict[tuple[int, str], tuple[float, float]]:
    """By step and chart: when it was told, in seconds, and its value."""
    found: dict[tuple[int, str], tuple[float, float]] = {}
    for event in events:
        for chart, name in CHARTS.get(EventKind(event["kind"]), {}).items():
            value = event.get(name)
            if isinstance(value, int | float):
                found[event["step"], chart] = (datetime.fromisoformat(event["at"]).timestamp(), float(value))
    return found
