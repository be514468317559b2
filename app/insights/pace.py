"""How fast do approved responses grow, and when is the target reached? Read in SQL; nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import fmean, stdev

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.charts import Drawing, Marks, Series, Table, lines, said

WEEKS = 6
# Student's t, two-sided 95 %, for a mean of three to six weeks (2 to 5 degrees of freedom).
T_95 = {3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571}
STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
NAMES = {"hour": "%-d %b, %H:%M", "day": "%-d %b", "week": "%-d %b"}
MARKS = 4

# Approvals are tallied by the hour (decision 0013), so a week here is whole hours.
SPAN = text("""
SELECT min(hour), max(hour) FROM tallies WHERE project_id = :project AND what = 'approved' AND hour > 'epoch' AND n > 0
""")
GROWTH = text("""
SELECT date_trunc(:step, hour) AS at, sum(n)::bigint AS approved FROM tallies
WHERE project_id = :project AND what = 'approved' AND hour > 'epoch'
GROUP BY 1 HAVING sum(n) <> 0 ORDER BY 1
""")
# One row for each whole week since the first approval, the newest first, six at most; weeks of nothing count.
WEEKLY = text("""
WITH approved AS (
    SELECT floor(extract(epoch FROM now() - hour) / 604800)::int AS ago, n FROM tallies
    WHERE project_id = :project AND what = 'approved' AND hour > 'epoch'),
lived AS (SELECT least(:weeks, max(ago)) AS weeks FROM approved WHERE n > 0)
SELECT coalesce(sum(approved.n), 0)::bigint
FROM lived CROSS JOIN generate_series(0, lived.weeks - 1) AS week (ago) LEFT JOIN approved USING (ago)
GROUP BY ago ORDER BY ago
""")


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


def growth(session: Session, project_id: int) -> Growth:
    """Approved responses in all, over the life of a project."""
    first, last = session.execute(SPAN, {"project": project_id}).one()
    step = step_for(first, last)
    total = 0
    points = []
    for at, approved in session.execute(GROWTH, {"project": project_id, "step": step}):
        total += approved
        points.append(Point(at, total))
    return Growth(step, points)


def step_for(first: datetime | None, last: datetime | None) -> str:
    """Hours for the first two days, days for two months, then weeks."""
    span = last - first if first and last else timedelta()
    return "hour" if span < timedelta(days=2) else "day" if span < timedelta(days=60) else "week"


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


def forecast(session: Session, project_id: int, *, rest: int, today: date) -> Forecast | None:
    """When `rest` more are approved, by the weekly pace and its 95 % interval. None before three weeks are over."""
    weekly = session.scalars(WEEKLY, {"project": project_id, "weeks": WEEKS}).all()
    return forecast_from(weekly, rest=rest, today=today)


def forecast_from(weekly: Sequence[int], *, rest: int, today: date) -> Forecast | None:
    """The same from the numbers of each week: rest divided by the ends of the interval of their mean."""
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
