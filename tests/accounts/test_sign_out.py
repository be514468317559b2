"""Somebody goes: the session's row is gone, whatever still holds its cookie."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import SignIn, User
from app.core.settings import Settings
from tests.accounts.asking import holding, session_of, sign_in
from tests.cast import Cast, Client


def test_the_cookie_is_dead_after_sign_out(client: Client, session: Session, settings: Settings, ada: User) -> None:
    sign_in(client, ada.email)  # S20
    kept = client.cookies[settings.cookie_name]
    answer = client.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert settings.cookie_name not in client.cookies
    assert session_of(holding(client.app, settings.cookie_name, kept)) == 401
    assert session.scalars(select(SignIn)).all() == []


def test_json_sign_out_does_the_same(client: Client, session: Session, settings: Settings, ada: User) -> None:  # S20
    sign_in(client, ada.email)
    kept = client.cookies[settings.cookie_name]
    assert client.delete("/api/v1/session").status_code == 204
    assert session_of(holding(client.app, settings.cookie_name, kept)) == 401


def test_who_is_not_signed_in_can_sign_out_as_well(client: Client) -> None:
    assert client.post("/sign-out").headers["location"] == "/sign-in"


def test_nothing_that_is_signed_in_stays_in_a_browser_s_cache(cast: Cast) -> None:  # S28
    for path in ("/account", "/account/tokens", "/api/v1/me", "/api/v1/tokens", "/admin/people"):
        assert cast.operator.get(path).headers["cache-control"] == "no-store", path


def test_an_address_of_a_session_is_not_reached_by_get(client: Client, ada: User) -> None:
    sign_in(client, ada.email)
    assert client.get("/sign-out").status_code == 405
    assert session_of(client) == 200
