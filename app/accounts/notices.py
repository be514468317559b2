"""What should somebody hear of, and what have they not read? One row a thing, told in the transaction of the act."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    ScalarSelect,
    Select,
    Text,
    cast,
    delete,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Notice, User
from app.accounts.notice_kinds import KINDS, led_to
from app.core.errors import NotFound
from app.core.paging import PAGE_SIZE

People = Select[Any] | CompoundSelect[Any]
READ_KEPT = timedelta(days=90)
EPOCH, MICROSECOND, IDS = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1), 2**63
COUNTED = 100  # "99+": nobody counts further


def tell(
    session: Session, user_id: int | None, kind: str, *, project_id: int | None, subject: str, subject_id: int,
    by: int | None = None, **details: int,
) -> None:  # fmt: skip
    """Tell one person, unless `by`, who did it, is that person. `details` are numbers that the kind's words name."""
    if user_id is not None:
        tell_all(
            session, select(literal(user_id)), kind,
            project_id=project_id, subject=subject, subject_id=subject_id, by=by, **details,
        )  # fmt: skip


def tell_all(
    session: Session, people: People, kind: str, *, project_id: int | None, subject: str, subject_id: int,
    by: int | None = None, **details: int,
) -> None:  # fmt: skip
    """Tell everybody whose id is among `people`, save `by` and whose account is off, in one statement.

    While an older notice of this kind and subject is unread the new one joins it. In the order of ids, so that two who
    tell the same people wait for each other instead of for ever.
    """
    assert KINDS[kind].subject == subject, f"{kind} is not told of a {subject}"
    told = select(
        User.id,
        cast(literal(project_id), BigInteger),
        cast(literal(kind), Text),
        cast(literal(subject), Text),
        cast(literal(subject_id), BigInteger),
        cast(literal(details, JSONB), JSONB),
        func.clock_timestamp(),
    ).where(User.id.in_(people), User.disabled_at.is_(None))
    if by is not None:
        told = told.where(User.id != by)
    columns = ["user_id", "project_id", "kind", "subject", "subject_id", "details", "created_at"]
    new = insert(Notice).from_select(columns, told.order_by(User.id))
    joined = {
        "times": Notice.times + 1,
        "details": new.excluded.details,
        "created_at": new.excluded.created_at,
        "mailed_at": None,
    }
    session.execute(
        new.on_conflict_do_update(
            index_elements=["user_id", "kind", "subject", "subject_id"],
            index_where=Notice.read_at.is_(None),
            set_=joined,
        )
    )


def telling(part: str, kind: str, subject: str) -> str:
    """The same as a part of a room's statement: each `author_id` of its `part` hears of its row, unless that is who
    does it, which the part leaves out. For a decision alone, as `audit.recording`."""
    assert KINDS[kind].subject == subject, f"{kind} is not told of a {subject}"
    return f"""
    INSERT INTO notices (user_id, project_id, kind, subject, subject_id, details, created_at)
    SELECT users.id, {part}.project_id, '{kind}', '{subject}', {part}.id, '{{}}', clock_timestamp()
    FROM {part} JOIN users ON users.id = {part}.author_id WHERE users.disabled_at IS NULL
    ON CONFLICT (user_id, kind, subject, subject_id) WHERE read_at IS NULL DO UPDATE SET
        times = notices.times + 1, details = excluded.details, created_at = excluded.created_at, mailed_at = NULL"""  # noqa: S608 - names of ours


def unread_count(user_id: Any) -> ScalarSelect[int]:
    """SQL for how many notices somebody has not read, up to a hundred: from the index of the unread ones alone."""
    unread = (
        select(Notice.kind).where(Notice.user_id == user_id, Notice.read_at.is_(None)).limit(COUNTED).correlate(User)
    )
    return select(func.count()).select_from(unread.subquery()).scalar_subquery()


def list_notices(session: Session, actor: Actor, *, before: int | None = None) -> Sequence[Notice]:
    """One's own notices, what happened last first, before a `position`: one more than a page."""
    mine = select(Notice).where(Notice.user_id == actor.user_id)
    if before is not None:
        microseconds, notice_id = divmod(before, IDS)
        mine = mine.where(tuple_(Notice.created_at, Notice.id) < (EPOCH + microseconds * MICROSECOND, notice_id))
    newest = mine.order_by(Notice.created_at.desc(), Notice.id.desc())
    return session.scalars(newest.limit(PAGE_SIZE + 1)).all()


def position(notice: Notice) -> int:
    """Where a notice stands in the list, by its time and then its id, as one number."""
    return (notice.created_at - EPOCH) // MICROSECOND * IDS + notice.id


def open_notice(session: Session, actor: Actor, notice_id: int) -> Notice:
    """One's own notice, read from now on. NotFound for any other."""
    mine = select(Notice).where(Notice.id == notice_id, Notice.user_id == actor.user_id)
    notice = session.scalar(mine)
    if notice is None:
        raise NotFound("accounts.no_such_notice", "There is no such notice. Read ones are kept for 90 days.")
    _read(session, actor, Notice.id == notice_id)
    return notice


def read_page(session: Session, actor: Actor, path: str) -> Actor:
    """Who opens the page to which notices lead has read them, however they came. The actor, with what is unread now."""
    kinds, subject_id = led_to(path) if actor.unread else ((), 0)
    if not kinds:
        return actor
    _read(session, actor, Notice.kind.in_(kinds) & (Notice.subject_id == subject_id))
    return replace(actor, unread=session.scalar(select(unread_count(actor.user_id))) or 0)


def read_about(session: Session, actor: Actor, subject: str, subject_id: int) -> None:
    """Who sees a subject on another page, such as the one on which they mend it, has read what was told of it."""
    if actor.unread:
        _read(session, actor, (Notice.subject == subject) & (Notice.subject_id == subject_id))


def read_all(session: Session, actor: Actor, *, until: datetime) -> None:
    """Mark everything as read that happened up to a time: what came later was not on the page."""
    _read(session, actor, Notice.created_at <= until)


def forget_project(session: Session, user_id: int, project_id: int) -> None:
    """Somebody has left a project: what they were told of it leads nowhere any more."""
    session.execute(delete(Notice).where(Notice.user_id == user_id, Notice.project_id == project_id))


def sweep(session: Session) -> None:
    """Drop what was read 90 days ago."""
    session.execute(delete(Notice).where(Notice.read_at < func.now() - READ_KEPT))


def _read(session: Session, actor: Actor, which: Any) -> None:
    unread = update(Notice).where(Notice.user_id == actor.user_id, Notice.read_at.is_(None), which)
    session.execute(unread.values(read_at=func.now()).execution_options(synchronize_session=False))
