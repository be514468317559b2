"""Mail about notices: only to who asked for it, what and where, once, and never what anybody wrote."""

from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.jobs import mail_notices, send_mail
from app.accounts.models import MailChoice, Notice, User
from app.accounts.notices import tell
from app.core.settings import Settings
from tests.accounts.mailbox import Mailbox
from tests.cast import Cast, Client
from tests.world import people


def chose(client: Client, choice: str) -> None:
    """The switch on the account page."""
    answer = client.post("/account/mail", data={"user_id": people(client).id, "mail": choice})
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=mail")


def happens(session: Session, cast: Cast, number: int = 7, *, of: Client | None = None) -> None:
    """The author's response of this number is approved; or of another."""
    tell(
        session, people(of or cast.author).id, "response_approved",
        project_id=cast.project.id, subject="submission", subject_id=number,
    )  # fmt: skip
    session.commit()


def unmailed(session: Session) -> int:
    """How many notices no letter told."""
    return session.query(Notice).filter(Notice.mailed_at.is_(None)).count()


def test_by_default_nobody_is_mailed(with_mail: Mailbox, cast: Cast, session: Session) -> None:
    happens(session, cast)
    mail_notices(timestamp=0)
    assert with_mail.letters == []


def test_a_letter_says_what_happened_and_where(with_mail: Mailbox, cast: Cast, session: Session) -> None:
    happens(session, cast, 1)
    chose(cast.author, "at_once")
    mail_notices(timestamp=0)
    assert with_mail.letters == []  # what was unread before the choice is no news
    happens(session, cast, 7)
    happens(session, cast, 8)
    mail_notices(timestamp=0)
    (letter,) = with_mail.letters
    assert (letter["Subject"], letter["To"]) == ("2 things wait for you in Penset", "ann.author@example.org")
    said = letter.get_content().replace("\r\n", "\n")
    assert "- A response of yours is approved.\n  http://testserver/submissions/7\n" in said
    assert "http://testserver/account" in letter.get_content()


def test_what_was_mailed_is_not_mailed_again(with_mail: Mailbox, cast: Cast, session: Session) -> None:
    chose(cast.author, "at_once")
    happens(session, cast)
    for _ in range(2):
        mail_notices(timestamp=0)
    assert len(with_mail.letters) == 1


def test_what_is_read_or_whose_reader_is_switched_off_is_not_mailed(
    with_mail: Mailbox, cast: Cast, session: Session
) -> None:
    chose(cast.author, "at_once")
    happens(session, cast)
    session.execute(update(Notice).values(read_at=func.now()))
    happens(session, cast)
    session.execute(update(User).where(User.id == people(cast.author).id).values(disabled_at=func.now()))
    session.commit()
    mail_notices(timestamp=0)
    assert with_mail.letters == []


def test_once_a_day_waits_for_the_morning(with_mail: Mailbox, cast: Cast, session: Session) -> None:
    chose(cast.author, "daily")
    happens(session, cast)
    morning = func.date_trunc("day", func.now() - timedelta(hours=6), "UTC") + timedelta(hours=6)
    session.execute(update(Notice).values(created_at=morning))
    session.commit()
    mail_notices(timestamp=0)
    assert with_mail.letters == []
    session.execute(update(Notice).values(created_at=morning - timedelta(seconds=1)))
    session.commit()
    mail_notices(timestamp=0)
    assert [letter["Subject"] for letter in with_mail.letters] == ["One thing waits for you in Penset"]


def test_a_server_that_takes_nothing_costs_no_letter(
    cast: Cast, session: Session, settings: Settings, mailbox: Mailbox
) -> None:
    settings.smtp_url = SecretStr("smtp://127.0.0.1:1")
    chose(cast.author, "at_once")
    happens(session, cast)
    mail_notices(timestamp=0)
    assert unmailed(session) == 1
    settings.smtp_url = SecretStr(mailbox.url)
    mail_notices(timestamp=0)
    assert (len(mailbox.letters), unmailed(session)) == (1, 0)


def test_without_a_mail_server_nothing_is_sent_and_the_page_says_so(cast: Cast, session: Session) -> None:
    assert "This installation sends no mail" in cast.author.get("/account").text
    session.execute(update(User).values(mail_notices=MailChoice.AT_ONCE))
    happens(session, cast)
    mail_notices(timestamp=0)
    assert unmailed(session) == 1


@pytest.mark.parametrize("name", ["Eve\r\nBcc: b@evil.test", "Eve\nSubject: x\n\nbody", "{{7*7}} %(x)s {0.__class__}"])
def test_a_name_adds_no_header_and_no_template(
    with_mail: Mailbox, cast: Cast, session: Session, name: str
) -> None:  # S67 S73
    chose(cast.author, "at_once")
    happens(session, cast)
    session.execute(update(User).where(User.id == people(cast.author).id).values(name=name))
    session.commit()
    mail_notices(timestamp=0)
    (letter,) = with_mail.letters
    assert set(letter.keys()) == {
        "Subject", "From", "To", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"
    }  # fmt: skip
    assert letter["To"] == "ann.author@example.org"
    assert "Hello " + name.replace("\r\n", "\n") in letter.get_content().replace("\r\n", "\n")


def test_an_outbox_takes_every_letter_as_a_whole_file(
    cast: Cast, session: Session, settings: Settings, tmp_path: Path, mailbox: Mailbox
) -> None:
    settings.mail_outbox = tmp_path / "letters"
    settings.smtp_url = SecretStr(mailbox.url)
    chose(cast.author, "at_once")
    happens(session, cast)
    mail_notices(timestamp=0)
    send_mail(kind="reset", user_id=people(cast.author).id, made_by=None)
    assert mailbox.letters == []
    files = sorted(settings.mail_outbox.iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    letters = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    assert [one["Subject"] for one in letters] == ["One thing waits for you in Penset", "A new password for Penset"]
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}
    assert oct(settings.mail_outbox.stat().st_mode & 0o777) == "0o700"


def test_the_choice_is_kept_and_anything_else_refused(cast: Cast, app: FastAPI, session: Session) -> None:
    chose(cast.author, "daily")
    assert session.scalars(select(User.mail_notices).where(User.id == people(cast.author).id)).one() == "daily"
    hourly = cast.author.post("/account/mail", data={"user_id": people(cast.author).id, "mail": "hourly"})
    assert hourly.status_code == 422
