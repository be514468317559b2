"""How do a model's answers change while it learns? What its worker told, by prompt, for the run's page. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.training.worker.events import Event, EventKind


@dataclass(frozen=True)
class Said:
    """An answer after so many epochs, in words; `ended` by itself, not cut."""

    when: str
    text: str
    ended: bool


@dataclass(frozen=True)
class SaidTo:
    """What was said to one prompt, the first first. `asked`: its last turn."""

    asked: str
    said: Sequence[Said]


def said_while_learning(events: Sequence[Event], hides: Callable[[Mapping[str, Any]], bool]) -> list[SaidTo]:
    """By prompt; what `hides` hides is left out. A step that was walked again counts once, the last time."""
    prompts: dict[str, str] = {}
    said: dict[str, dict[int, Said]] = {}
    for event in events:
        if event["kind"] != EventKind.ANSWER or hides(event["sample"]):
            continue
        sample = event["sample"]
        prompts[sample["id"]] = sample["messages"][-1]["content"]
        one = Said(_when(event), sample["text"], sample["ended"])
        said.setdefault(sample["id"], {})[event["step"]] = one
    return [SaidTo(asked, [one for _, one in sorted(said[row].items())]) for row, asked in prompts.items()]


def _when(event: Event) -> str:
    if not event["step"]:
        return f"As it began, after epoch {event['epoch']:g}" if event["epoch"] else "Before the first step"
    return f"After epoch {event['epoch']:g}"
