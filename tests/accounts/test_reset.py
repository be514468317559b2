"""Somebody forgot their password: nobody hears whether they are known, and a letter or an administrator helps."""

import re

from fastapi import FastAPI
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.accounts.links import make_link
from app.accounts.models import LinkPurpose, OneTimeLink, User
from tests import factories
from tests.accounts.asking import browser, link_on, session_of, sign_in
from tests.accounts.mailbox import Mailbox
from tests.cast import Cast, Client
from tests.jobs import do_jobs

NEW_PASSWORD = "a heap of new words"


def asks(app: FastAPI, email: str, address: str = "192.0.2.7") -> tuple[int, str]:
    """The answer to somebody who asks for a new password: its status, and its text but for the request's id."""
    answer = browser(app, address).post("/forgot", data={"email": email})
    return answer.status_code, re.sub(r"[0-9a-f]{16}", "", answer.text)


def test_known_or_not_the_answer_and_the_work_are_the_same(
    with_mail: Mailbox, app: FastAPI, session: Session, ada: User
) -> None:  # S3
    factories.user(session, "Off Person", email="off@example.org", disabled_at=func.now())
    factories.user(session, "Invited Person", email="invited@example.org", password_hash=None)
    session.commit()
    emails = (ada.email, "off@example.org", "invited@example.org", "nobody@example.org", "no address")
    assert len({asks(app, email) for email in emails}) == 1
    assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == len(emails)
    do_jobs(session)
    assert [letter["To"] for letter in with_mail.letters] == [ada.email]


def test_a_letter_brings_a_link_that_sets_a_new_password(
    with_mail: Mailbox, app: FastAPI, session: Session, ada: User
) -> None:
    asks(app, ada.email)
    do_jobs(session)
    (letter,) = with_mail.letters
    assert (letter["Subject"], letter.get_content_type()) == ("A new password for Penset", "text/plain")
    client = Client(app)
    client.get(link_on(letter.get_content()))
    assert client.post("/reset", data={"password": NEW_PASSWORD}).headers["location"] == "/"
    assert session_of(client) == 200
    assert sign_in(Client(app), ada.email).status_code == 401
    assert sign_in(Client(app), ada.email, NEW_PASSWORD).status_code == 303


def test_a_forged_host_changes_no_letter(with_mail: Mailbox, app: FastAPI, session: Session, ada: User) -> None:  # S13
    forged = {"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https"}
    assert browser(app).post("/forgot", data={"email": ada.email}, headers=forged).status_code == 200
    refused = browser(app).post("/forgot", data={"email": ada.email}, headers={"Host": "evil.test"})
    assert refused.status_code == 400
    do_jobs(session)
    (letter,) = with_mail.letters
    assert "http://testserver/reset/" in letter.get_content()
    assert "evil.test" not in letter.as_string()


def test_a_name_stays_text_in_a_letter(with_mail: Mailbox, app: FastAPI, session: Session) -> None:
    name = "{link} %(x)s {{7*7}} <b> Ünal"
    factories.user(session, name, email="odd@example.org")
    session.commit()
    asks(app, "odd@example.org")
    do_jobs(session)
    (letter,) = with_mail.letters
    assert letter.get_content().startswith(f"Hello {name},\r\n")
    assert letter.get_all("To") == ["odd@example.org"]


def test_three_letters_are_enough_for_a_quarter_of_an_hour(
    with_mail: Mailbox, app: FastAPI, session: Session, ada: User
) -> None:
    answers = {asks(app, ada.email, f"192.0.2.{number}") for number in range(5)}
    assert len(answers) == 1
    do_jobs(session)
    assert len(with_mail.letters) == 3


def test_a_network_that_asks_for_everybody_is_slowed_down(with_mail: Mailbox, app: FastAPI, session: Session) -> None:
    asks(app, "nobody@example.org")
    session.execute(text("UPDATE attempts SET count = 30 WHERE bucket LIKE 'reset-network:%'"))
    session.commit()
    assert asks(app, "somebody@example.org")[0] == 429


def test_the_queue_holds_neither_the_token_nor_the_address(
    with_mail: Mailbox, app: FastAPI, session: Session, ada: User
) -> None:
    asks(app, ada.email)
    do_jobs(session)
    token = link_on(with_mail.letters[0].get_content()).removeprefix("/reset/")
    held = str(session.execute(text("SELECT args FROM procrastinate_jobs")).all())
    assert token not in held
    assert "ada" not in held


def test_without_a_mail_server_the_page_says_whom_to_ask(client: Client, ada: User, session: Session) -> None:
    assert "Ask one of its administrators for a link" in client.get("/forgot").text
    assert client.post("/forgot", data={"email": ada.email}).status_code == 200
    do_jobs(session)
    assert session.scalars(select(OneTimeLink)).all() == []


def test_a_reset_ends_every_session_and_every_other_link_and_asks_about_tokens(
    cast: Cast, app: FastAPI, session: Session
) -> None:  # S12
    author = cast.author
    secret = author.post(
        "/account/tokens",
        data={"user_id": author.actor.user_id, "name": "export", "scopes": "datasets:read", "days": "30"},
    )
    assert secret.status_code == 201
    first, second = (make_link(session, LinkPurpose.RESET, user_id=author.actor.user_id) for _ in range(2))
    session.commit()
    client = Client(app)
    client.get(f"/reset/{first}")
    answer = client.post("/reset", data={"password": NEW_PASSWORD})
    assert answer.headers["location"] == "/account/tokens?after=reset"
    assert "Are these tokens still yours?" in client.get(answer.headers["location"]).text
    assert session_of(author) == 401
    late = Client(app)
    late.get(f"/reset/{second}")
    assert late.post("/reset", data={"password": NEW_PASSWORD}).status_code == 410


def test_a_weak_new_password_is_refused_and_the_link_stays_good(app: FastAPI, session: Session, ada: User) -> None:
    token = make_link(session, LinkPurpose.RESET, user_id=ada.id)
    session.commit()
    client = Client(app)
    client.get(f"/reset/{token}")
    assert client.post("/reset", data={"password": "sunshine"}).status_code == 422
    assert client.post("/reset", data={"password": NEW_PASSWORD}).status_code == 303
    assert client.post("/reset", data={"password": NEW_PASSWORD}).status_code == 410


def test_a_reset_link_of_a_disabled_account_is_dead(app: FastAPI, session: Session, ada: User) -> None:
    token = make_link(session, LinkPurpose.RESET, user_id=ada.id)
    session.execute(text("UPDATE users SET disabled_at = now()"))
    session.commit()
    client = Client(app)
    client.get(f"/reset/{token}")
    assert client.get("/reset").status_code == 410
