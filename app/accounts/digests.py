"""Who is mailed of what they have not read, and what does the letter say? What and where, never what was written."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import and_, func, or_, select, text, update
from sqlalchemy.orm import Session

from app.accounts.mail import plain, send
from app.accounts.models import MailChoice, Notice, User
from app.accounts.notice_kinds import KINDS
from app.core.settings import Settings

DAY_BEGINS = timedelta(hours=6)
LISTED = 50
LAST_MORNING = func.date_trunc("day", func.now() - DAY_BEGINS, "UTC") + DAY_BEGINS
UNMAILED = and_(Notice.read_at.is_(None), Notice.mailed_at.is_(None))


def list_due(session: Session) -> Sequence[int]:
    """Ids of those who want mail and have something unread that no letter told: of today's morning for a daily one."""
    waits = select(Notice.id).where(Notice.user_id == User.id, UNMAILED)
    daily = and_(User.mail_notices == MailChoice.DAILY, waits.where(Notice.created_at < LAST_MORNING).exists())
    at_once = and_(User.mail_notices == MailChoice.AT_ONCE, waits.exists())
    reached = select(User.id).where(text("mail_notices <> 'never'"), User.disabled_at.is_(None), or_(daily, at_once))
    return session.scalars(reached.where(User.password_hash.is_not(None)).order_by(User.id)).all()


def mail(session: Session, settings: Settings, user_id: int) -> None:
    """Send one person one letter of all that they have not read and no letter told. Raises where it cannot be sent.

    Marked as mailed in the transaction that sends: killed in between, the letter goes out once more, never not at all.
    """
    person = session.get_one(User, user_id)
    theirs = select(Notice).where(Notice.user_id == user_id, UNMAILED).order_by(Notice.created_at)
    unread = session.scalars(theirs.with_for_update(skip_locked=True)).all()
    if not unread:
        return
    told = [notice.id for notice in unread]
    session.execute(update(Notice).where(Notice.id.in_(told)).values(mailed_at=func.now()))
    session.flush()
    count = len(unread)
    subject = "One thing waits for you in Penset" if count == 1 else f"{count:,} things wait for you in Penset"
    send(settings, plain(settings, subject, to=person.email, name=person.name, text=words(settings, unread)))


def words(settings: Settings, unread: Sequence[Notice]) -> str:
    """What the letter says: a sentence of ours and an address for each, the first fifty."""
    listed = [f"- {said_of(notice)}\n  {settings.public_url}{path_of(notice)}" for notice in unread[:LISTED]]
    more = [f"- and {len(unread) - LISTED:,} more"] if len(unread) > LISTED else []
    here = f"All of it: {settings.public_url}/notices"
    why = f"You asked for this mail; choose otherwise at {settings.public_url}/account"
    return "\n".join([*listed, *more, "", here, why])


def said_of(notice: Notice) -> str:
    """The notice in words."""
    return KINDS[notice.kind].said(notice.times, notice.details)


def path_of(notice: Notice) -> str:
    """Where it leads."""
    return KINDS[notice.kind].path(notice.subject_id or 0)
