"""How fast do approved responses grow, and when is the target reached? Pure: `standing` reads what it is told from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from statistics import fmean, stdev

from app.core.charts import Drawing, Marks, Series, Table, lines, said

WEEKS = 6
# Student's t, two-sided 95 %, for a mean of three to six weeks (2 to 5 degrees of freedom).
T_95 = {3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571}
STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
NAMES = {"hour": "%-d %b, %H:%M", "day": "%-d %b", "week": "%-d %b"}
MARKS = 4


@dataclass(frozen=True)
class Point:
    """How many responses were approved in all by the end of a step."""

    at: datetime
    total: int


@dataclass(frozen=True)
class Growth:
    """The points of a project, one an hour, a day or a week, by how long it has been going."""

    step: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Forecast:
    """When the target is reached at the pace of the last weeks; `latest` is None when that may be never."""

    weeks: int
    earliest: date
    latest: date | None


def grown(step: str, moments: Sequence[datetime], grew: Sequence[int]) -> Growth:
    """Approved responses in all, over the life of a project, from how many there were in each step that had some."""
    return Growth(step, [Point(at, total) for at, total in zip(moments, accumulate(grew), strict=True)])


def drawing(growing: Growth, target: int) -> Drawing:
    """The curve with its target. It begins at nothing, one step before the first approval."""
    start = growing.points[0].at - STEPS[growing.step]
    placed = [(0.0, 0.0), *(((one.at - start) / STEPS[growing.step], float(one.total)) for one in growing.points)]
    now = growing.points[-1].total
    every = max(1, -(-len(placed) // MARKS))
    moments = [start, *(one.at for one in growing.points)]
    names = [
        (placed[at][0], moments[at].astimezone(UTC).strftime(NAMES[growing.step]))
        for at in range(0, len(placed), every)
    ]
    wanted = f", the target is {target:,}" if target else ""
    return lines(
        f"Approved responses in all: {now:,} now{wanted}",
        [Series("approved", placed, said=f"{now:,} now", dotted=len(placed) < 20)],
        Marks(x=names, target=(float(target), f"target {target:,}") if target else None),
    )


def table(growing: Growth) -> Table:
    """The same in numbers."""
    rows = tuple((one.at.astimezone(UTC).strftime(NAMES[growing.step]), said(one.total)) for one in growing.points)
    return Table(f"Approved responses by {growing.step}", (growing.step.capitalize(), "Approved in all"), rows)


def forecast_from(weekly: Sequence[int], *, rest: int, today: date) -> Forecast | None:
    """When `rest` more are approved: divided by the ends of the 95 % interval of the mean of weeks, the newest first.

    None before three weeks are over.
    """
    if len(weekly) not in T_95 or rest <= 0:
        return None
    mean = fmean(weekly)
    half = T_95[len(weekly)] * stdev(weekly) / len(weekly) ** 0.5
    if mean + half <= 0:
        return None
    earliest = today + timedelta(weeks=rest / (mean + half))
    slow = mean - half
    latest = today + timedelta(weeks=rest / slow) if slow > 0 and rest / slow < 520 else None
    return Forecast(len(weekly), earliest, latest)


def forecast_sentence(ahead: Forecast | None, *, approved: int, target: int) -> str:
    """What is told under the heading."""
    if not target:
        return "No target is set."
    if approved >= target:
        return "The target is reached."
    if ahead is None:
        return "Too few weeks have passed to say when the target is reached."
    first = f"{ahead.earliest:%-d %B %Y}"
    if ahead.latest is None:
        return f"At the pace of the last {ahead.weeks} weeks the rest is done on {first} at the earliest."
    return f"At the pace of the last {ahead.weeks} weeks the rest is done between {first} and {ahead.latest:%-d %B %Y}."
