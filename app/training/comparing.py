"""How do several runs compare? One chart of their losses, and their settings and findings side by side. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.charts import Drawing, Series, lines
from app.training.curves import LOSSES, Along, Measure, Place, thinned
from app.training.methods import METHODS
from app.training.models import Run
from app.training.scales import NAMES, comparable, line_of, note_on
from app.training.settings_said import stored_settings_said
from app.training.worker.estimate import Estimate
from app.training.worker.events import Event, Point, loss_curve
from app.training.worker.report import Report, upgraded

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
    """What the page shows: the chart, or None before anything was measured, and its lines by run; `apart` says which
    runs are not in it and why, `note` what the lines are; what was found; what was asked."""

    chart: Drawing | None
    curves: Mapping[int, Sequence[Place]]
    apart: str
    note: str
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
    drawn, apart = comparable(runs, measure)
    asked = asked_of(runs)
    curves = {run.id: thinned(line_of(events[run.id], measure, along)) for run in drawn}
    return Comparison(
        chart=chart_of(runs, curves, measure, along),
        curves=curves,
        apart=apart,
        note=note_on(drawn[0], measure),
        found=found_by(runs, {run.id: loss_curve(events[run.id]) for run in runs}, reports),
        different=tuple(line for line in asked if line.differs),
        alike=tuple(line for line in asked if not line.differs),
    )


def chart_of(
    runs: Sequence[Run], drawn: Mapping[int, Sequence[Place]], measure: Measure, along: Along
) -> Drawing | None:
    """One line a run, the first in the accent."""
    series = [
        Series(f"run {run.number}", drawn[run.id], kind_of(index), said=f"run {run.number}")
        for index, run in enumerate(runs)
        if drawn.get(run.id)
    ]
    if not series:
        return None
    last = "; ".join(f"{one.name} {one.points[-1][1]:.2f}" for one in series)
    finding = lowest_in(series) if measure in LOSSES else f"At the end: {last}."
    return lines(f"{NAMES[measure]} by {along}. {finding}", series, size="l")


def lowest_in(series: Sequence[Series]) -> str:
    """The lowest of all losses, and whose it is."""
    lowest = min(series, key=lambda one: min(loss for _, loss in one.points))
    return f"The lowest is {min(loss for _, loss in lowest.points):.2f}, of {lowest.name}."


def kind_of(index: int) -> str:
    """How the line of the run at this place is drawn."""
    return "unseen" if index == 0 else f"other-{index}"


def asked_of(runs: Sequence[Run]) -> list[Line]:
    """The version and every setting of each run."""
    said = [stored_settings_said(run.plan) for run in runs]
    names = dict.fromkeys(name for one in said for name in one)
    versions = tuple(f"{run.version.dataset.name}, version {run.version.number}" for run in runs)
    return [Line("Learns from", versions), *(Line(name, tuple(one.get(name, "–") for one in said)) for name in names)]


def found_by(
    runs: Sequence[Run], curves: Mapping[int, Sequence[Point]], reports: Mapping[int, Report]
) -> tuple[Line, ...]:
    """What each run measured; a dash where it measured nothing. Losses of unlike methods are told with their unit."""
    held = [upgraded(reports[run.id]) if run.id in reports else None for run in runs]
    unlike = len({run.method for run in runs}) > 1
    lowest = (lowest_of(curves[run.id], METHODS[run.method].loss if unlike else "") for run in runs)
    return (
        Line("State", tuple(run.status.value for run in runs)),
        Line("Lowest validation loss", tuple(lowest)),
        *(line for line in of_methods(held) if line.cells != ("–",) * len(runs)),
        Line("Change on seen prompts", tuple(change_of(report, "train") for report in held)),
        Line("Change on unseen prompts", tuple(change_of(report, "test") for report in held)),
        Line("Overfitting gap", tuple(with_interval(report["gap"]) if report else "–" for report in held)),
        Line("Weights that learned", tuple(f"{one['trained_parameters']:,}" if one else "–" for one in held)),
        Line("Time", tuple(f"{one['seconds']:,.0f} s" if one else "–" for one in held)),
    )


def of_methods(held: Sequence[Report | None]) -> list[Line]:
    """What only reward models and policies measure."""
    policies = [report["policy"] if report else None for report in held]
    ranks = [report["ranking"] if report else None for report in held]
    ranked = ([row["accuracy"] for row in one["rows"] if row["by"] == "model"] if one else [] for one in ranks)
    return [
        Line("Unseen pairs put in order", tuple(with_interval(one[0], sign="") if one else "–" for one in ranked)),
        Line("Change of the reward", tuple(with_interval(one["change"]["reward"]) if one else "–" for one in policies)),
        Line(
            "Change of the second reward",
            tuple(with_interval(one["change"]["second_reward"]) if one else "–" for one in policies),
        ),
    ]


def lowest_of(curve: Sequence[Point], unit: str) -> str:
    """The lowest validation loss and where it was, in a unit where that is not plain."""
    measured = [(p["validation_loss"], p["step"]) for p in curve if p["validation_loss"] is not None]
    if not measured:
        return "–"
    loss, step = min(measured)
    return f"{loss:.2f}{' ' if unit else ''}{unit} at step {step:,}"


def change_of(report: Report | None, split: str) -> str:
    """How much a side's loss changed, with its interval."""
    if report is None or split not in report["splits"]:
        return "–"
    return with_interval(report["splits"][split]["change"])


def with_interval(estimate: Estimate | None, sign: str = "+") -> str:
    """-0.52 (-0.60 to -0.43), in nats a token."""
    if estimate is None:
        return "–"
    if estimate["low"] is None or estimate["high"] is None:
        return f"{estimate['value']:{sign}.2f} (too few prompts for an interval)"
    return f"{estimate['value']:{sign}.2f} ({estimate['low']:{sign}.2f} to {estimate['high']:{sign}.2f})"
