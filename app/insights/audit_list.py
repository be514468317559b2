"""Who did what, when, from where? The audit log with people's names, of any filter; nothing here writes.

A page is read backwards from an index of the filter that is given: by person, kind of act, subject or project, each
with the id that orders it. A time is turned into ids first. Two filters at once read one index and sift by the other.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Membership, User
from app.core.audit import AuditEntry
from app.core.paging import PAGE_SIZE
from app.projects.models import Project

LISTED = 500  # names that a field suggests; any other can be typed
FITTING = 20
LONGEST = timedelta(hours=1)  # no transaction lives longer, so ids stray from times by less

# The words of a column by the index that begins with it: from each to the next one, never all rows.
WORDS = """
WITH RECURSIVE words AS (
    (SELECT {column} AS word FROM audit_log ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (SELECT {column} FROM audit_log WHERE {column} > words.word ORDER BY {column} LIMIT 1)
    FROM words WHERE words.word IS NOT NULL
)
SELECT word FROM words WHERE word IS NOT NULL
"""
# Two opinions are blind to each other: who is yet to give theirs sees in the log nothing that other reviewers did with
# the text since a decision is waited for, by whichever revision. Once they have, or it is decided or disputed, all of
# it stands there.
SEEN = text("""
NOT (audit_log.action LIKE 'review.%' AND audit_log.subject IN ('submission', 'comment')
    AND audit_log.actor_id IS DISTINCT FROM :reader AND EXISTS (
    SELECT FROM submissions s JOIN projects p ON p.id = s.project_id AND p.reviews_per_response > 1
        JOIN revisions r ON r.submission_id = s.id AND r.number = s.current_revision
        JOIN memberships m ON m.project_id = s.project_id AND m.user_id = :reader AND m.left_at IS NULL
            AND m.role IN ('reviewer', 'admin')
    WHERE s.id = CASE audit_log.subject WHEN 'comment' THEN (audit_log.details->>'submission')::bigint
            ELSE audit_log.subject_id END
        AND s.status = 'submitted' AND s.disputed_at IS NULL AND s.author_id <> :reader
        AND audit_log.at >= (SELECT min(since.created_at) FROM revisions since WHERE since.submission_id = s.id
            AND since.number > coalesce((SELECT max(made.number) FROM revisions made
                JOIN reviews ON reviews.revision_id = made.id WHERE made.submission_id = s.id), 0))
        AND NOT EXISTS (SELECT FROM opinions o WHERE o.revision_id = r.id AND o.reviewer_id = :reader)))
""")
ACTIONS, SUBJECTS = text(WORDS.format(column="action")), text(WORDS.format(column="subject"))


@dataclass(frozen=True)
class Filters:
    """What is looked for; what is empty is not asked for. `since` and `until` are days in UTC, both included."""

    action: str = ""
    person: int | None = None
    subject: str = ""
    subject_id: int | None = None
    project: int | None = None
    since: date | None = None
    until: date | None = None

    def words(self, **instead: Any) -> dict[str, str]:
        """As they stand in an address."""
        return {name: str(value) for name, value in (asdict(self) | instead).items() if value}


@dataclass(frozen=True)
class Entry:
    """One act. `who` is None for a command, a job or a stranger."""

    id: int
    at: datetime
    action: str
    subject: str
    subject_id: int | None
    address: str | None
    request_id: str | None
    details: dict[str, Any]
    actor_id: int | None
    who: str | None
    project: str | None

    @property
    def facts(self) -> str:
        """The details on one line."""
        return ", ".join(f"{name} {value}" for name, value in self.details.items())


def list_entries(session: Session, actor: Actor, wanted: Filters, *, before: int | None) -> Sequence[Entry]:
    """Up to a page and one of the acts that are looked for, the newest first, without what must not be known yet."""
    log = AuditEntry
    shown = select(
        log.id, log.at, log.action, log.subject, log.subject_id, log.address, log.request_id, log.details, log.actor_id,
        User.name.label("who"), Project.name.label("project"),
    )  # fmt: skip
    shown = shown.outerjoin(User, User.id == log.actor_id).outerjoin(Project, Project.id == log.project_id)
    sought = {
        log.action: wanted.action, log.actor_id: wanted.person, log.subject: wanted.subject,
        log.subject_id: wanted.subject_id, log.project_id: wanted.project,
    }  # fmt: skip
    for column, value in sought.items():
        if value:
            shown = shown.where(column == value)
    shown = _in_time(session, shown, wanted).where(SEEN.bindparams(reader=actor.user_id))
    if before is not None:
        shown = shown.where(log.id < before)
    rows = session.execute(shown.order_by(log.id.desc()).limit(PAGE_SIZE + 1)).mappings()
    return [Entry(**row) for row in rows]


def list_actions(session: Session) -> Sequence[str]:
    """Every kind of act that there is."""
    return session.scalars(ACTIONS).all()


def list_subjects(session: Session) -> Sequence[str]:
    """Every kind of thing that something was done to."""
    return session.scalars(SUBJECTS).all()


def list_people(session: Session, *, project_id: int | None = None) -> list[tuple[int, str]]:
    """Ids and names of whoever can have done something: of the project's members, those who left too, or of all."""
    rows = session.execute(_people(project_id).order_by(User.name, User.id).limit(LISTED))
    return [(user_id, name) for user_id, name in rows]


def people_called(session: Session, name: str, *, project_id: int | None = None) -> list[tuple[int, str]]:
    """Up to 20 of them by a part of their name, whatever its case; of those who are called just so, only these."""
    just_so = func.lower(User.name) == func.lower(name)
    fitting = _people(project_id).add_columns(just_so).where(User.name.icontains(name, autoescape=True))
    rows = session.execute(fitting.order_by(just_so.desc(), User.name, User.id).limit(FITTING)).all()
    return [(row[0], row[1]) for row in [row for row in rows if row[2]] or rows]


def name_of(session: Session, person: int, *, project_id: int | None = None) -> str:
    """What one of them is called; nothing where nobody has this id."""
    return next((row[1] for row in session.execute(_people(project_id).where(User.id == person))), "")


def _people(project_id: int | None) -> Select[int, str]:
    found = select(User.id, User.name)
    if project_id is None:
        return found
    return found.join(Membership, Membership.user_id == User.id).where(Membership.project_id == project_id)


def list_all_projects(session: Session) -> list[tuple[int, str]]:
    """Ids and names of projects, for who runs the installation."""
    found = select(Project.id, Project.name).order_by(Project.name, Project.id).limit(LISTED)
    return [(project_id, name) for project_id, name in session.execute(found)]


def _in_time(session: Session, shown: Select[Any], wanted: Filters) -> Select[Any]:
    """Only the acts of these days; the ids between which they lie are looked up, so that no page reads the others."""
    if wanted.since:
        begin = datetime.combine(wanted.since, time(), UTC)
        older = select(AuditEntry.id).where(AuditEntry.at < begin - LONGEST).order_by(AuditEntry.at.desc())
        shown = shown.where(AuditEntry.at >= begin, AuditEntry.id > (session.scalar(older.limit(1)) or 0))
    if wanted.until:
        end = datetime.combine(wanted.until, time(), UTC) + timedelta(days=1)
        newer = select(AuditEntry.id).where(AuditEntry.at >= end + LONGEST).order_by(AuditEntry.at)
        shown = shown.where(AuditEntry.at < end)
        if first := session.scalar(newer.limit(1)):
            shown = shown.where(AuditEntry.id < first)
    return shown
