"""The first administrator of a fresh installation is made by a link that is dead at the first chance."""

from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import User
from app.accounts.service import make_first_admin_link
from app.core.settings import Settings
from tests import factories
from tests.accounts.asking import at_once, audited
from tests.cast import Client

FORM = {"email": "first@example.org", "name": "Fay First", "password": "a heap of new words"}


def link(session: Session) -> str:
    """The path of a new link."""
    token = make_first_admin_link(session)
    session.commit()
    return f"/first-admin/{token}"


def test_the_first_administrator_is_made_and_signed_in(client: Client, session: Session) -> None:  # S8
    opened = client.get(link(session))
    assert opened.headers["location"] == "/first-admin"
    assert client.get("/first-admin").status_code == 200
    assert client.post("/first-admin", data=FORM).status_code == 303
    me = client.get("/api/v1/me").json()
    assert (me["name"], me["is_admin"]) == ("Fay First", True)
    assert audited(session) == ["accounts.first_admin_made", "accounts.signed_in"]


def test_the_link_is_dead_after_use_and_so_is_every_other(client: Client, session: Session, app: FastAPI) -> None:  # S8
    first, other = link(session), link(session)
    client.get(first)
    client.post("/first-admin", data=FORM)
    for used in (first, other):
        late = Client(app)
        late.get(used)
        assert late.get("/first-admin").status_code == 410
        assert late.post("/first-admin", data=FORM | {"email": "second@example.org"}).status_code == 410
    assert session.scalar(select(func.count()).select_from(User)) == 1


def test_the_link_is_dead_when_anybody_has_an_account(client: Client, session: Session) -> None:  # S8
    client.get(link(session))
    factories.user(session, "Somebody Else")
    session.commit()
    answer = client.post("/first-admin", data=FORM)
    assert answer.status_code == 410
    assert "Run “penset first-admin-link” for a new one, or sign in if there is an account already." in answer.text


def test_of_two_links_used_at_once_one_makes_the_administrator(
    committing_app: FastAPI, committing: sessionmaker[Session], settings: Settings
) -> None:  # S8, S11
    with committing.begin() as session:
        tokens = [make_first_admin_link(session) for _ in range(3)]
    requests = [
        (
            f"192.0.2.{number}",
            "/first-admin",
            {
                "data": FORM | {"email": f"first{number}@example.org"},
                "headers": {"Cookie": f"{settings.cookie_name}-first-admin={token}"},
            },
        )
        for number, token in enumerate(tokens)
    ]
    assert sorted(answer.status_code for answer in at_once(committing_app, requests)) == [303, 410, 410]
    with committing() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 1


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(client: Client, session: Session) -> None:
    client.get(link(session))
    answer = client.post("/first-admin", data=FORM | {"password": "fay first"})
    assert answer.status_code == 422
    assert 'value="Fay First"' in answer.text
    assert "is made of a name or an address that others know" in answer.text
    assert client.post("/first-admin", data=FORM).status_code == 303
