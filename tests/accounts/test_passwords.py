"""Which passwords are taken: as typed, byte for byte; not the short, the common, or one's own name."""

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.accounts.emails import check_email, email_key
from app.accounts.links import make_link
from app.accounts.models import LinkPurpose, User
from app.accounts.passwords import common, fits, new_password, weakness
from app.core.settings import Settings
from tests import factories
from tests.accounts.asking import session_of, sign_in
from tests.cast import Cast, Client

ABOUT = ("Ada Lovelace-Writer", "ada.l@analytical.example.org")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("seven77", "needs at least 8 characters; a few words make a good one"),
        ("password", "is one of the passwords that everybody tries first"),
        ("PassWord", "is one of the passwords that everybody tries first"),
        ("iloveyou", "is one of the passwords that everybody tries first"),
        ("penset12", "is made of a name or an address that others know"),
        ("Lovelace-Writer", "is made of a name or an address that others know"),
        ("adalovelace-writer1", "is made of a name or an address that others know"),
        ("ada.l@analytical.example.org", "is made of a name or an address that others know"),
        ("analytical", "is made of a name or an address that others know"),
        ("correct horse battery", ""),
        ("eightchr", ""),
        ("        ", ""),
        ("🦉🦉🦉🦉🦉🦉🦉🦉", ""),
        ("x" * 64, ""),
        ("lovelace likes looms", ""),
    ],
)
def test_a_password_is_refused_for_length_or_for_being_guessed_never_for_its_characters(
    password: str, reason: str
) -> None:  # S6
    assert weakness(password, ABOUT) == reason


def test_the_three_thousand_most_common_are_known() -> None:  # S6
    assert len(common()) == 3000
    assert all(weakness(password, ()) for password in common())


@pytest.mark.parametrize(
    "password",
    ["passw\u00f6rd f\u00fcr alle", "  spaces at both ends  ", "🦉 owl 🦉 owl", "a" * 1024, "e\u0301tude etude"],
)
def test_a_password_is_used_as_typed_to_the_last_byte(
    password: str, app: FastAPI, session: Session, settings: Settings
) -> None:  # S6, S1
    person = factories.user(session, "New Person", password_hash=None)
    token = make_link(session, LinkPurpose.INVITE, user_id=person.id)
    session.commit()
    joining = Client(app)
    joining.get(f"/invite/{token}")
    assert joining.post("/invite", data={"name": "New Person", "password": password}).status_code == 303
    stored = session.scalars(select(User.password_hash)).one()
    assert stored
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert sign_in(Client(app), person.email, password).status_code == 303
    assert sign_in(Client(app), person.email, password[:-1]).status_code == 401
    if password != password.strip():
        assert sign_in(Client(app), person.email, password.strip()).status_code == 401


def test_composed_and_decomposed_letters_are_two_passwords() -> None:  # S6
    stored = new_password("caf\u00e9 noir allongé").hash
    assert fits(stored, "caf\u00e9 noir allongé")
    assert not fits(stored, "cafe\u0301 noir allongé")


@pytest.mark.parametrize("password", ["seven77", "12345678", "New Person"])
def test_a_weak_password_is_refused_at_its_field_and_spends_nothing(
    password: str, app: FastAPI, session: Session
) -> None:  # S6
    person = factories.user(session, "New Person", password_hash=None)
    token = make_link(session, LinkPurpose.INVITE, user_id=person.id)
    session.commit()
    joining = Client(app)
    joining.get(f"/invite/{token}")
    answer = joining.post("/invite", data={"name": "New Person", "password": password})
    assert answer.status_code == 422
    assert 'id="password-error"' in answer.text
    assert session_of(joining) == 401
    assert joining.get("/invite").status_code == 200


def test_a_password_of_more_than_1024_bytes_is_refused_not_cut(app: FastAPI, session: Session) -> None:  # S6
    person = factories.user(session, "New Person", password_hash=None)
    token = make_link(session, LinkPurpose.INVITE, user_id=person.id)
    session.commit()
    joining = Client(app)
    joining.get(f"/invite/{token}")
    answer = joining.post("/invite", data={"name": "New Person", "password": "é" * 513})
    assert answer.status_code == 422
    assert "<bdi>Password</bdi>" in answer.text


def test_no_row_of_any_table_holds_a_password(cast: Cast, app: FastAPI, session: Session) -> None:  # S1
    marker = "marker horse battery"
    cast.author.post("/account/password", data={"user_id": cast.author.actor.user_id, "password": marker})
    sign_in(Client(app), "ann.author@example.org", marker)
    sign_in(Client(app), "ann.author@example.org", marker + "!")
    tables = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
    for table in tables:
        held = session.scalar(
            text(f'SELECT count(*) FROM "{table}" AS row WHERE row::text LIKE :it'), {"it": f"%{marker}%"}
        )
        assert held == 0, table


@pytest.mark.parametrize(
    "email", ["a@b", "ada+tag@example.org", "o'neil@example.co.uk", "x@xn--bcher-kva.example", "A.B@EXAMPLE.ORG"]
)
def test_an_address_is_taken_as_it_is_written(email: str) -> None:
    assert check_email(email) == email


@pytest.mark.parametrize(
    "email",
    [
        "", "ada", "@example.org", "ada@", "ada@example..org", "ada@.org", "a b@example.org", "ada@exa mple.org",
        "ada@example.org\n", "ada@example.org\r\nBcc: eve@evil.test", "\u0131da@example.org", "ada@b\u00fccher.example",
        "\u212aay@example.org", "stra\u00dfe@example.org", "\u0130da@example.org", "a" * 250 + "@b.org", "a@b,c@d",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(email: str, client: Client, session: Session) -> None:  # I7
    token = make_link(session, LinkPurpose.FIRST_ADMIN)
    session.commit()
    client.get(f"/first-admin/{token}")
    form = {"email": email, "name": "Ada", "password": factories.PASSWORD}
    assert client.post("/first-admin", data=form).status_code == 422
    assert email_key(email) == email_key(email_key(email))


def test_two_accounts_cannot_have_addresses_that_differ_in_case_only(cast: Cast, session: Session) -> None:  # I7
    form = {"user_id": cast.author.actor.user_id, "email": "BEN.Author@example.org"}
    answer = cast.author.post("/account/email", data=form)
    assert answer.status_code == 422
    assert "belongs to another account" in answer.text
