"""What accounts do later: nothing is tidied away that still counts, and what has ended does not pile up."""

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.accounts.jobs import send_mail, tidy
from app.accounts.models import Attempt, OneTimeLink, SignIn
from tests import factories
from tests.accounts.asking import browser, later, link_on, session_of, sign_in
from tests.accounts.mailbox import Mailbox
from tests.cast import Cast


def count(session: Session, table: type[Attempt | OneTimeLink | SignIn]) -> int:
    """How many rows a table has."""
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_what_still_counts_stays(cast: Cast, session: Session) -> None:
    sign_in(browser(cast.author.app), "ann.author@example.org", "guess guess")
    before = count(session, SignIn), count(session, Attempt)
    tidy(timestamp=0)
    assert (count(session, SignIn), count(session, Attempt)) == before
    assert session_of(cast.author) == 200


def test_what_has_ended_goes_however_often_the_job_runs(cast: Cast, session: Session) -> None:
    sign_in(browser(cast.author.app), "ann.author@example.org", "guess guess")
    later(session, "sign_ins", "used_at", "12 hours 1 minute")
    later(session, "attempts", "window_start", "15 minutes 1 second")
    for _ in range(2):
        tidy(timestamp=0)
    assert (count(session, SignIn), count(session, Attempt)) == (0, 0)


def test_a_link_is_kept_for_a_month_after_its_end(cast: Cast, session: Session) -> None:
    operator = cast.operator
    form = {"user_id": str(operator.actor.user_id), "email": "nia@example.org", "name": "Nia"}
    operator.post("/admin/people", data=form)
    later(session, "one_time_links", "expires_at", "36 days")
    tidy(timestamp=0)
    assert count(session, OneTimeLink) == 1
    later(session, "one_time_links", "expires_at", "2 days")
    tidy(timestamp=0)
    assert count(session, OneTimeLink) == 0


def test_nothing_is_written_to_who_has_joined_since_or_is_out(with_mail: Mailbox, cast: Cast, session: Session) -> None:
    off = factories.user(session, "Off Person", disabled_at=func.now())
    session.commit()
    for kind, user_id in (
        ("invite", cast.author.actor.user_id),
        ("reset", off.id),
        ("reset", None),
        ("reset", 999_999),
    ):
        send_mail(kind=kind, user_id=user_id, made_by=None)
    assert session.scalar(text("SELECT count(*) FROM one_time_links")) == 0
    send_mail(kind="reset", user_id=cast.author.actor.user_id, made_by=None)
    assert [letter["To"] for letter in with_mail.letters] == ["ann.author@example.org"]


def test_a_letter_that_is_sent_twice_lets_somebody_in_once(
    with_mail: Mailbox, cast: Cast, session: Session
) -> None:  # R8
    invited = factories.user(session, "Nia New", password_hash=None)
    session.commit()
    for _ in range(2):  # a mail server may have taken a letter of which the job never heard
        send_mail(kind="invite", user_id=invited.id, made_by=cast.operator.actor.user_id)
    answers = []
    for letter in with_mail.letters:
        client = browser(cast.author.app)
        client.get(link_on(letter.get_content()))
        answers.append(client.post("/invite", data={"name": "Nia", "password": "battery horse correct"}).status_code)
    assert answers == [303, 410]
