"""What does a run tell at each step beside its loss? By method, as drawings with a note each. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.charts import Drawing, Series, Table, lines
from app.training.curves import Along, Place, thinned
from app.training.worker.events import LIVE, Event, EventKind

ROWS = 20  # of the table


@dataclass(frozen=True)
class Figure:
    """One number of a step: its name, what it is, how many decimals it is said with."""

    name: str
    note: str
    places: int = 2


FIGURES: Mapping[str, Figure] = {
    "accuracy": Figure("Accuracy", "Share of the step's pairs in which the chosen response is put first."),
    "margin": Figure("Margin", "By how much it prefers the chosen response to the other more than the reference does."),
    "reward": Figure("Reward", "What the reward model gives the step's answers. It likes them; people may not."),
    "kl": Figure("KL to the reference", "How far it has left the model that it began from, in nats a token.", 3),
    "response_tokens": Figure("Length", "Tokens of an answer. Reward models often like length.", 0),
    "entropy": Figure("Entropy", "Of the next token, in nats. Towards 0, all answers become one."),
    "clipped": Figure("Cut short", "Share of answers that were cut at the limit of tokens."),
}
ALONG = {Along.STEPS: "step", Along.TOKENS: "tokens", Along.EPOCHS: "epoch"}


@dataclass(frozen=True)
class Live:
    """One number along the run. `now`: its newest value."""

    name: str
    note: str
    now: str
    drawing: Drawing


def steps_of(events: Sequence[Event]) -> list[Event]:
    """The steps in order. One that was walked again after a resume counts once, the last time."""
    by_step = {event["step"]: event for event in events if event["kind"] == EventKind.STEP}
    return [by_step[step] for step in sorted(by_step)]


def points_of(steps: Sequence[Event], key: str, along: Along) -> list[Place]:
    """Where the line of a number goes; nothing for a step that did not tell it."""
    told: Sequence[Mapping[str, float]] = steps  # type: ignore[assignment]  # numbers, under these keys
    return [(one[ALONG[along]], one[key]) for one in told if key in one]


def live_of(events: Sequence[Event], method: str, along: Along = Along.STEPS) -> list[Live]:
    """What the method tells, in its order; the first is drawn wide where the loss says nothing. Empty before a step."""
    steps = steps_of(events)
    found = {key: points_of(steps, key, along) for key in LIVE[method]}
    return [_live(FIGURES[key], points, along, wide=key == "reward") for key, points in found.items() if points]


def _live(figure: Figure, points: Sequence[Place], along: Along, *, wide: bool) -> Live:
    first, now = (f"{value:.{figure.places}f}" for value in (points[0][1], points[-1][1]))
    label = f"{figure.name} by {along}: {first} at first, {now} now."
    series = Series(figure.name, thinned(points), "unseen" if wide else "seen", said=now)
    return Live(figure.name, figure.note, now, lines(label, [series], size="l" if wide else "s"))


def live_table(events: Sequence[Event], method: str) -> Table | None:
    """The numbers behind the drawings, thinned out; None where there are none."""
    steps = steps_of(events)
    keys = [key for key in LIVE[method] if any(key in step for step in steps)]
    if not keys:
        return None
    every = max(1, len(steps) // ROWS)
    shown = [step for n, step in enumerate(steps) if n % every == 0 or n == len(steps) - 1]
    head = ("Step", *(FIGURES[key].name for key in keys))
    return Table("By step", head, tuple((f"{step['step']:,}", *(said(step, key) for key in keys)) for step in shown))


def said(step: Event, key: str) -> str:
    """One number of a step, or a dash."""
    told: Mapping[str, float] = step  # type: ignore[assignment]  # as above
    return f"{told[key]:.{FIGURES[key].places}f}" if key in told else "–"


def in_log(step: Event) -> str:
    """What a step's line of the log tells beside its loss."""
    return "".join(f"  {FIGURES[key].name.lower()} {said(step, key)}" for key in FIGURES if key in step)
