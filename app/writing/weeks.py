"""How much of what one writes is accepted, week by week? Only one's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Date, cast, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.charts import Drawing, Table
from app.core.figures import Bar, bars
from app.writing.models import Submission, SubmissionStatus
from app.writing.queries import submissions_visible_to

WEEKS = 8


@dataclass(frozen=True)
class Week:
    """What was first handed in from this Monday on, and what has become of it. `decided`: approved or rejected."""

    monday: date
    handed_in: int
    approved: int
    decided: int


def weeks(session: Session, actor: Actor) -> list[Week]:
    """The last eight weeks of the actor's own, this one last, in UTC."""
    today: date = session.scalars(select(cast(func.timezone("UTC", func.now()), Date))).one()
    mondays = [today - timedelta(days=today.weekday(), weeks=back) for back in reversed(range(WEEKS))]
    monday = cast(func.date_trunc("week", func.timezone("UTC", Submission.created_at)), Date).label("monday")
    is_approved = Submission.status == SubmissionStatus.APPROVED
    is_decided = Submission.status.in_((SubmissionStatus.APPROVED, SubmissionStatus.REJECTED))
    counts = (func.count(), func.count().filter(is_approved), func.count().filter(is_decided))
    mine = submissions_visible_to(actor).with_only_columns(monday, *counts)
    mine = mine.where(Submission.author_id == actor.user_id, Submission.created_at >= mondays[0]).group_by(monday)
    found = {row[0]: (row[1], row[2], row[3]) for row in session.execute(mine)}
    return [Week(one, *found.get(one, (0, 0, 0))) for one in mondays]


def acceptance(shown: Sequence[Week]) -> str:
    """The finding over all of these weeks, or nothing before the first decision."""
    approved, decided = sum(one.approved for one in shown), sum(one.decided for one in shown)
    return f"{approved} of {decided} decided responses approved, {round(100 * approved / decided)} %" if decided else ""


def drawing(shown: Sequence[Week]) -> Drawing:
    """Solid what is approved, hatched what is not, or not yet."""
    told = ", ".join(f"{one.approved} of {one.handed_in}" for one in shown)
    label = f"Approved of what you handed in, a week, from {shown[0].monday:%-d %B}: {told}"
    return bars(label, [Bar(f"{one.monday:%-d/%-m}", one.approved, one.handed_in - one.approved) for one in shown])


def table(shown: Sequence[Week]) -> Table:
    """The same in numbers."""
    head = ("Week from", "Handed in", "Decided", "Approved")
    rows = tuple((f"{one.monday:%-d %B}", str(one.handed_in), str(one.decided), str(one.approved)) for one in shown)
    return Table("Approved of what you handed in, a week", head, rows)
