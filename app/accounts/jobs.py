"""What accounts do later: letters, and the tidying away of what has ended."""

from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused

from sqlalchemy import delete, func, or_

from app.accounts import digests, mail, notices
from app.accounts.attempts import WINDOW
from app.accounts.links import link_address, make_link
from app.accounts.models import Attempt, LinkPurpose, OneTimeLink, SignIn, User
from app.core.jobs import job_session, surroundings
from app.core.logs import logger
from app.core.tasks import jobs, task

log = logger("penset.accounts")
OF_ONE_LETTER = (SMTPRecipientsRefused, SMTPDataError)
LINKS_KEPT = timedelta(days=30)


@task("accounts.send_mail")
def send_mail(kind: str, user_id: int | None, made_by: int | None) -> None:
    """Write a letter with a link. The link is made here, so that the queue never holds its token.

    `user_id` is None where nobody is written to: the queue looks alike whether an address is known or not.
    """
    settings, purpose = surroundings.settings, LinkPurpose(kind)
    if user_id is None or not settings.writes_mail:
        return
    with job_session() as session:
        user = session.get(User, user_id)
        if user is None or user.disabled_at is not None or bool(user.password_hash) is (purpose is LinkPurpose.INVITE):
            return
        token = make_link(session, purpose, user_id=user.id, made_by=made_by)
    link = link_address(settings, purpose, token)
    mail.send(settings, mail.letter(settings, purpose, to=user.email, name=user.name, link=link))


@jobs.periodic(cron="41 * * * *")
@jobs.task(name="accounts.tidy", queue="default")
def tidy(timestamp: int) -> None:
    """Drop ended sessions, counters of windows that are over, links a month old, notices read 90 days ago."""
    settings = surroundings.settings
    idle, absolute = timedelta(hours=settings.session_idle_hours), timedelta(days=settings.session_days)
    with job_session() as session:
        ended = or_(SignIn.used_at < func.now() - idle, SignIn.created_at < func.now() - absolute)
        session.execute(delete(SignIn).where(ended))
        session.execute(delete(Attempt).where(Attempt.window_start < func.now() - WINDOW))
        session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < func.now() - LINKS_KEPT))
        notices.sweep(session)


@jobs.periodic(cron="*/5 * * * *")
@jobs.task(name="accounts.mail_notices", queue="default")
def mail_notices(timestamp: int) -> None:
    """Mail those who asked for it what they have not read, each in a transaction of its own.

    A letter that is refused holds up no other; a server that is away ends the round, for all would wait for it in turn.
    """
    settings = surroundings.settings
    if not settings.writes_mail:
        return
    with job_session() as session:
        due = digests.list_due(session)
    for user_id in due:
        try:
            with job_session() as session:
                digests.mail(session, settings, user_id)
        except OSError as why:  # smtplib's are among them; five minutes later it is tried again
            log.warning("notices_not_mailed", user_id=user_id, kind=type(why).__name__)
            if not isinstance(why, OF_ONE_LETTER):
                return
