"""How do several runs compare? One chart of their losses, and their settings and findings side by side. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.charts import Drawing, Series, lines
from app.training.curves import Along, Measure, points_of, thinned
from app.training.models import Run
from app.training.settings_said import settings_said
from app.training.worker.events import Event, Point, loss_curve
from app.training.worker.plan import Plan
from app.training.worker.report import Estimate, Report

MOST = 6  # lines that can still be told apart


@dataclass(frozen=True)
class Line:
    """One thing that was asked or found, a cell for each run. `differs`: not all runs say the same."""

    name: str
    cells: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the runs part here."""
        return len(set(self.cells)) > 1


@dataclass(frozen=True)
class Comparison:
    """What the page shows: the chart, or None before any such loss was measured; what was found; what was asked."""

    chart: Drawing | None
    found: tuple[Line, ...]
    different: tuple[Line, ...]
    alike: tuple[Line, ...]


def compare(
    runs: Sequence[Run],
    events: Mapping[int, Sequence[Event]],
    reports: Mapping[int, Report],
    measure: Measure,
    along: Along,
) -> Comparison:
    """These runs in the order in which they were named; `events` and `reports` by run id."""
    curves = {run.id: loss_curve(events[run.id]) for run in runs}
    asked = asked_of(runs)
    return Comparison(
        chart=chart_of(runs, curves, measure, along),
        found=found_by(runs, curves, reports),
        different=tuple(line for line in asked if line.differs),
        alike=tuple(line for line in asked if not line.differs),
    )


def chart_of(
    runs: Sequence[Run], curves: Mapping[int, Sequence[Point]], measure: Measure, along: Along
) -> Drawing | None:
    """One line a run, the first in the accent."""
    series = [
        Series(f"run {run.number}", drawn, kind_of(index), said=f"run {run.number}")
        for index, run in enumerate(runs)
        if (drawn := thinned(points_of(curves[run.id], measure, along)))
    ]
    if not series:
        return None
    lowest = min(series, key=lambda one: min(loss for _, loss in one.points))
    best = min(loss for _, loss in lowest.points)
    return lines(
        f"{measure.capitalize()} loss by {along}. The lowest is {best:.2f}, of {lowest.name}.", series, size="l"
    )


def kind_of(index: int) -> str:
    """How the line of the run at this place is drawn."""
    return "unseen" if index == 0 else f"other-{index}"


def asked_of(runs: Sequence[Run]) -> list[Line]:
    """The version and every setting of each run."""
    said = [settings_said(Plan.from_dict(run.plan)) for run in runs]
    versions = tuple(f"{run.version.dataset.name}, version {run.version.number}" for run in runs)
    return [Line("Learns from", versions), *(Line(name, tuple(one[name] for one in said)) for name in said[0])]


def found_by(
    runs: Sequence[Run], curves: Mapping[int, Sequence[Point]], reports: Mapping[int, Report]
) -> tuple[Line, ...]:
    """What each run measured; a dash where it measured nothing."""
    held = [reports.get(run.id) for run in runs]
    return (
        Line("State", tuple(run.status.value for run in runs)),
        Line("Lowest validation loss", tuple(lowest_of(curves[run.id]) for run in runs)),
        Line("Change on seen prompts", tuple(change_of(report, "train") for report in held)),
        Line("Change on unseen prompts", tuple(change_of(report, "test") for report in held)),
        Line("Overfitting gap", tuple(with_interval(report["gap"]) if report else "–" for report in held)),
        Line("Weights that learned", tuple(f"{one['trained_parameters']:,}" if one else "–" for one in held)),
        Line("Time", tuple(f"{one['seconds']:,.0f} s" if one else "–" for one in held)),
    )


def lowest_of(curve: Sequence[Point]) -> str:
    """The lowest validation loss and where it was."""
    measured = [(p["validation_loss"], p["step"]) for p in curve if p["validation_loss"] is not None]
    if not measured:
        return "–"
    loss, step = min(measured)
    return f"{loss:.2f} at step {step:,}"


def change_of(report: Report | None, split: str) -> str:
    """How much a side's loss changed, with its interval."""
    if report is None or split not in report["splits"]:
        return "–"
    return with_interval(report["splits"][split]["change"])


def with_interval(estimate: Estimate | None) -> str:
    """-0.52 (-0.60 to -0.43), in nats a token."""
    if estimate is None:
        return "–"
    if estimate["low"] is None or estimate["high"] is None:
        return f"{estimate['value']:+.2f} (too few prompts for an interval)"
    return f"{estimate['value']:+.2f} ({estimate['low']:+.2f} to {estimate['high']:+.2f})"
