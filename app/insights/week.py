"""What did a person do this week? Handed in and approved, a day; read in SQL, only their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.charts import Drawing, Table
from app.core.figures import Bar, bars

# Nobody hands in more than LOOK_BACK in a week; who has written for years is not read from the beginning.
LOOK_BACK = 2000
DAYS = text("""
WITH newest AS (
    SELECT id, status, created_at FROM submissions WHERE author_id = :person ORDER BY id DESC LIMIT :look_back)
SELECT day::date AS day, count(s.id) AS handed_in, count(s.id) FILTER (WHERE s.status = 'approved') AS approved
FROM generate_series(now() - interval '6 days', now(), interval '1 day') AS day
LEFT JOIN newest s ON s.created_at::date = day::date
GROUP BY 1 ORDER BY 1
""")
NEWS = text("""
SELECT s.id AS submission_id, r.decision, r.created_at, rev.prompt_messages -> -1 ->> 'content' AS asked, p.language
FROM reviews r
JOIN submissions s ON s.id = r.submission_id
JOIN revisions rev ON rev.id = r.revision_id
JOIN prompts p ON p.id = s.prompt_id
WHERE s.author_id = :person AND s.project_id = ANY(:projects) AND r.decision <> 'changes_requested'
    AND r.created_at > now() - interval '7 days'
ORDER BY r.id DESC LIMIT 5
""")

NOTES = text("""
SELECT DISTINCT ON (submission_id) submission_id, note FROM reviews
WHERE submission_id = ANY(:submissions) ORDER BY submission_id, id DESC
""")


@dataclass(frozen=True)
class Day:
    """One day of one person."""

    day: date
    handed_in: int
    approved: int


@dataclass(frozen=True)
class News:
    """A decision on something of theirs."""

    submission_id: int
    decision: str
    created_at: datetime
    asked: str
    language: str


def days(session: Session, person_id: int) -> list[Day]:
    """The last seven days, today last, by the database's clock in UTC."""
    values = {"person": person_id, "look_back": LOOK_BACK}
    return [Day(**row) for row in session.execute(DAYS, values).mappings()]


def news(session: Session, person_id: int, project_ids: Sequence[int]) -> list[News]:
    """The newest decisions of this week on what the person wrote, at most five."""
    rows = session.execute(NEWS, {"person": person_id, "projects": list(project_ids)})
    return [News(**row) for row in rows.mappings()]


def newest_notes(session: Session, submission_ids: Sequence[int]) -> dict[int, str]:
    """What the newest decision on each of these submissions says to its author."""
    found = session.execute(NOTES, {"submissions": list(submission_ids)})
    return {row.submission_id: row.note for row in found}


def drawing(week: Sequence[Day]) -> Drawing:
    """Solid what is approved, hatched what is not yet."""
    told = ", ".join(str(one.handed_in) for one in week)
    label = f"Handed in a day, {week[0].day:%A} to {week[-1].day:%A}: {told}"
    return bars(label, [Bar(f"{one.day:%a}", one.approved, one.handed_in - one.approved) for one in week])


def table(week: Sequence[Day]) -> Table:
    """The same in numbers."""
    rows = tuple((f"{one.day:%a %-d}", str(one.handed_in), str(one.approved)) for one in week)
    return Table("Handed in and approved, a day", ("Day", "Handed in", "Approved"), rows)
