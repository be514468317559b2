"""One's own account: what a stolen session must not change, and what ends when a password does."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import SignIn, User
from app.accounts.sign_ins import is_signed_in
from app.core.settings import Settings
from tests.accounts.asking import audited, browser, holding, later, session_of, sign_in
from tests.cast import Cast, Client
from tests.factories import PASSWORD

NEW_PASSWORD = "a heap of new words"


def form(client: Client, **fields: str) -> dict[str, str]:
    """A form of this person's page."""
    return {"user_id": str(client.actor.user_id), **fields}


GUARDED = [
    ("/account/email", {"email": "new@example.org"}),
    ("/account/password", {"password": NEW_PASSWORD}),
    ("/account/tokens", {"name": "export", "scopes": "datasets:read", "days": "30"}),
    ("/admin/people/1/make-administrator", {}),
    ("/admin/people/1/withdraw-administrator", {}),
    ("/admin/people/1/disable", {}),
    ("/admin/people/1/link", {}),
]


@pytest.mark.parametrize(("path", "fields"), GUARDED)
def test_what_a_stolen_session_must_not_do_asks_for_the_password_after_ten_minutes(
    path: str, fields: dict[str, str], cast: Cast, session: Session
) -> None:  # S15
    later(session, "sign_ins", "password_at", "10 minutes 1 second")
    before = audited(session)
    headers = {"Referer": "http://testserver/account/tokens?after=reset"}
    answer = cast.operator.post(path, data=form(cast.operator, **fields), headers=headers)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/account/tokens%3Fafter%3Dreset"
    assert audited(session) == before


def test_within_ten_minutes_the_password_is_not_asked_for_again(cast: Cast, session: Session) -> None:  # S15
    later(session, "sign_ins", "password_at", "9 minutes")
    answer = cast.author.post("/account/email", data=form(cast.author, email="new@example.org"))
    assert answer.headers["location"] == "/account?done=email"
    assert cast.author.get("/api/v1/me").json()["email"] == "new@example.org"


def test_a_page_offers_the_guarded_forms_only_while_the_password_is_fresh(cast: Cast, session: Session) -> None:  # S15
    pages = {"/account": "/account/password", "/account/tokens": 'name="scopes"'}
    for path, guarded in pages.items():
        assert guarded in cast.author.get(path).text
    later(session, "sign_ins", "password_at", "11 minutes")
    for path, guarded in pages.items():
        page = cast.author.get(path).text
        assert guarded not in page
        assert f"/sign-in?next={path}" in page


def test_giving_the_password_again_is_a_new_session(cast: Cast, session: Session, settings: Settings) -> None:  # S19
    later(session, "sign_ins", "password_at", "11 minutes")
    old = cast.author.cookies[settings.cookie_name]
    page = cast.author.get("/sign-in?next=/account").text
    assert "Is it still you?" in page
    assert 'value="ann.author@example.org"' in page
    assert sign_in(cast.author, "ann.author@example.org", next="/account").headers["location"] == "/account"
    assert "/account/password" in cast.author.get("/account").text
    assert session_of(holding(cast.author.app, settings.cookie_name, old)) == 401


def test_a_new_password_ends_all_other_sessions_and_changes_this_one_s_id(
    cast: Cast, session: Session, settings: Settings
) -> None:  # S19, S21
    elsewhere = browser(cast.author.app)
    sign_in(elsewhere, "ann.author@example.org")
    old = cast.author.cookies[settings.cookie_name]
    answer = cast.author.post("/account/password", data=form(cast.author, password=NEW_PASSWORD))
    assert answer.headers["location"] == "/account?done=password"
    assert session_of(cast.author) == 200
    assert session_of(elsewhere) == 401
    assert session_of(holding(cast.author.app, settings.cookie_name, old)) == 401
    assert sign_in(browser(cast.author.app), "ann.author@example.org").status_code == 401
    assert sign_in(browser(cast.author.app), "ann.author@example.org", NEW_PASSWORD).status_code == 303


def test_a_weak_password_is_refused_beside_its_field(cast: Cast) -> None:  # S6
    answer = cast.author.post("/account/password", data=form(cast.author, password="Ann Author"))
    assert answer.status_code == 422
    assert "is made of a name or an address that others know" in answer.text
    assert sign_in(browser(cast.author.app), "ann.author@example.org", PASSWORD).status_code == 303


def test_sign_out_everywhere_ends_every_other_session(cast: Cast, session: Session) -> None:  # S21
    others = [browser(cast.author.app) for _ in range(2)]
    for other in others:
        sign_in(other, "ann.author@example.org")
    newest_two = session.scalars(select(SignIn.id).order_by(SignIn.id.desc()).limit(2)).all()
    assert [is_signed_in(session, one) for one in newest_two] == [True, True]
    cast.author.post("/account/sign-ins/end-others", data=form(cast.author))
    assert [session_of(other) for other in others] == [401, 401]
    assert [is_signed_in(session, one) for one in newest_two] == [False, False], "a stream of theirs would go on"
    assert session_of(cast.author) == 200
    assert session_of(cast.second_author) == 200
    assert "accounts.signed_out_elsewhere" in audited(session)


def test_sessions_are_listed_with_browser_and_address_and_end_one_by_one(cast: Cast, session: Session) -> None:
    other = browser(cast.author.app, "198.51.100.20")
    other.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    sign_in(other, "ann.author@example.org")
    page = cast.author.get("/account").text
    assert "Firefox on Linux" in page
    assert "198.51.100.20" in page
    newest = session.scalars(select(SignIn.id).order_by(SignIn.id.desc()).limit(1)).one()
    stranger = cast.second_author.post(f"/account/sign-ins/{newest}/end", data=form(cast.second_author))
    assert stranger.status_code == 404
    assert session_of(other) == 200
    cast.author.post(f"/account/sign-ins/{newest}/end", data=form(cast.author))
    assert session_of(other) == 401


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/account/name", {"name": "Somebody Else"}),
        ("/account/sign-ins/end-others", {}),
        *GUARDED,
    ],
)
def test_a_form_drawn_for_somebody_else_writes_nothing(
    path: str, fields: dict[str, str], cast: Cast, session: Session
) -> None:  # S26
    """A's page is still open in one tab; in another, the operator has signed in."""
    before = audited(session)
    answer = cast.operator.post(path, data=form(cast.author, **fields))
    assert answer.status_code == 409
    assert "You are now signed in as Otto Operator." in answer.text
    assert audited(session) == before


def test_a_name_is_changed_as_it_is_written(cast: Cast) -> None:
    name = "  Ann  O\u2019Author <b> "
    answer = cast.author.post("/account/name", data=form(cast.author, name=name))
    assert answer.headers["location"] == "/account?done=name"
    assert cast.author.get("/api/v1/me").json()["name"] == name
    assert "Your name is changed." in cast.author.get("/account?done=name").text


@pytest.mark.parametrize("name", ["", " ", "\u200b", "two\nlines", "right\u202eleft", "x" * 201])
def test_a_name_that_cannot_be_seen_or_hides_something_is_refused(name: str, cast: Cast) -> None:  # I10
    assert cast.author.post("/account/name", data=form(cast.author, name=name)).status_code == 422


def test_nobody_raises_themselves_by_a_field_of_a_form(cast: Cast, session: Session) -> None:  # S49
    for field in ("is_admin", "role", "password_hash", "disabled_at", "id"):
        answer = cast.author.post("/account/name", data=form(cast.author, name="Ann", **{field: "1"}))
        assert answer.status_code == 422, field
        assert f"<bdi>{field.replace('_', ' ').capitalize()}</bdi>" in answer.text
    ann = session.scalars(select(User).where(User.id == cast.author.actor.user_id)).one()
    assert (ann.name, ann.is_admin) == ("Ann Author", False)
