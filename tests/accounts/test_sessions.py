"""A session: how its cookie looks, when it ends, and whose address is believed."""

from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from app.accounts.models import Role, SignIn, User
from app.accounts.sign_ins import actor_of_cookie, open_sign_in, renew_ids, renewed_id
from app.core.audit import NOWHERE
from app.core.settings import Settings
from app.core.storage import Storage
from app.core.tokens import token_hash
from app.main import create_app
from app.projects import service
from tests import factories
from tests.accounts.asking import browser, holding, later, session_of, sign_in
from tests.cast import Cast, Client
from tests.hostile import rows


@pytest.fixture
def over_tls(tmp_path: Path, sessions: sessionmaker[Session], storage: Storage) -> TestClient:
    """A browser of an installation that people reach over TLS."""
    settings = Settings(data=tmp_path, public_url="https://penset.example.org")
    app = create_app(settings, "postgresql://unused", sessions=sessions, storage=storage)
    client = TestClient(app, base_url="https://penset.example.org", follow_redirects=False)
    client.headers["Sec-Fetch-Site"] = "same-origin"
    return client


def cookie_of(answer: Any) -> Any:
    """The one cookie that an answer sets."""
    (morsel,) = SimpleCookie(answer.headers["set-cookie"]).values()
    return morsel


def test_the_cookie_is_bound_to_the_host_and_to_tls_and_out_of_reach_of_scripts(
    over_tls: TestClient, session: Session, ada: User
) -> None:  # S18
    cookie = cookie_of(sign_in(over_tls, ada.email))
    assert cookie.key == "__Host-penset"
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "lax")
    assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert len(cookie.value) == 43  # 256 bits in base64url
    assert session.scalars(select(SignIn.token_hash)).one() == token_hash(cookie.value)
    assert session_of(over_tls) == 200


def test_without_tls_the_cookie_has_a_plain_name(client: Client, ada: User) -> None:  # S30
    cookie = cookie_of(sign_in(client, ada.email))
    assert (cookie.key, cookie["secure"], cookie["httponly"]) == ("penset", "", True)


def test_a_plain_cookie_counts_for_nothing_over_tls(over_tls: TestClient, ada: User) -> None:  # S30
    token = cookie_of(sign_in(over_tls, ada.email)).value
    over_tls.cookies.clear()
    over_tls.cookies.set("penset", token)
    assert session_of(over_tls) == 401


@pytest.mark.parametrize(
    ("column", "passed", "status"),
    [
        ("used_at", "11 hours 59 minutes", 200),
        ("used_at", "12 hours 1 minute", 401),
        ("created_at", "6 days 23 hours", 200),
        ("created_at", "7 days 1 minute", 401),
    ],
)
def test_a_session_ends_after_idle_hours_and_in_any_case_after_days(
    column: str, passed: str, status: int, cast: Cast, session: Session
) -> None:  # S23
    later(session, "sign_ins", column, passed)
    assert session_of(cast.author) == status


@pytest.mark.parametrize(
    ("setting", "column", "passed"),
    [("session_idle_hours", "used_at", "61 minutes"), ("session_days", "created_at", "25 hours")],
)
def test_the_operator_sets_when_a_session_ends(
    setting: str, column: str, passed: str,
    tmp_path: Path, sessions: sessionmaker[Session], storage: Storage, session: Session, ada: User,
) -> None:  # S23  # fmt: skip
    usual = Settings(data=tmp_path, public_url="http://testserver", allow_plain_http=True)
    for settings, status in ((usual, 200), (usual.model_copy(update={setting: 1}), 401)):
        client = browser(create_app(settings, "postgresql://unused", sessions=sessions, storage=storage))
        sign_in(client, ada.email)
        later(session, "sign_ins", column, passed)
        assert session_of(client) == status


def test_work_renews_a_session_and_a_poll_in_the_background_does_not(cast: Cast, session: Session) -> None:  # S23
    later(session, "sign_ins", "used_at", "6 hours")
    assert cast.author.get("/api/v1/me", headers={"X-Penset-Poll": "1"}).status_code == 200
    renewed = text("SELECT count(*) FROM sign_ins WHERE used_at > now() - interval '1 hour'")
    assert session.scalar(renewed) == 0
    cast.author.get("/api/v1/me")
    assert session.scalar(renewed) == 1


def test_a_session_that_has_ended_says_so_to_programs_and_leads_people_to_the_sign_in(
    cast: Cast, session: Session
) -> None:
    later(session, "sign_ins", "used_at", "13 hours")
    problem = cast.author.get("/api/v1/me").json()
    assert problem["detail"] == "Your sign-in has ended. Sign in again to go on."
    assert cast.author.get("/account").headers["location"] == "/sign-in?next=/account"


def test_no_answer_shows_the_session_id(cast: Cast, settings: Settings) -> None:  # S27
    token = cast.operator.cookies[settings.cookie_name]
    for path in ("/account", "/account/tokens", "/admin/people", "/api/v1/me", "/api/v1/tokens", "/sign-in"):
        answer = cast.operator.get(path)
        assert token not in answer.text, path
        assert "localStorage" not in answer.text, path


def test_a_forwarded_address_counts_from_a_named_proxy_only(
    tmp_path: Path, sessions: sessionmaker[Session], storage: Storage, session: Session, ada: User
) -> None:  # S29
    behind = Settings(
        data=tmp_path, public_url="http://testserver", allow_plain_http=True, trusted_proxies=["10.0.0.0/8"]
    )
    app = create_app(behind, "postgresql://unused", sessions=sessions, storage=storage)
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    for peer in ("10.1.2.3", "192.0.2.44"):
        client = browser(app, peer)
        client.headers |= forged
        sign_in(client, ada.email)
    addresses = session.scalars(text("SELECT address FROM audit_log ORDER BY id")).all()
    assert addresses == ["203.0.113.9", "192.0.2.44"]
    counted = session.scalars(text("SELECT bucket FROM attempts WHERE bucket LIKE '%network%' ORDER BY bucket")).all()
    assert counted == ["sign-in-network:192.0.2.44", "sign-in-network:203.0.113.9"]


def test_a_token_beside_a_cookie_makes_the_cookie_count_for_nothing(cast: Cast, app: FastAPI) -> None:
    """Requests with a token are free of the same-origin check, so they must not act by cookie."""
    answer = cast.author.get("/api/v1/me", headers={"Authorization": "Bearer pen_nothing"})
    assert answer.status_code == 401


def test_another_role_brings_another_cookie_with_the_next_page(
    cast: Cast, app: FastAPI, session: Session, settings: Settings
) -> None:  # S19
    name, author, person = settings.cookie_name, browser(app), cast.author.actor
    sign_in(author, person.email)
    old = author.cookies[name]
    service.set_role(session, cast.admin.actor, cast.project.id, user_id=person.user_id, role=Role.REVIEWER)
    session.commit()
    assert author.get("/api/v1/me").status_code == 200
    assert author.get("/projects/999999").status_code == 404
    assert author.cookies[name] == old  # a program's answer leaves the id alone, and so does what was rolled back
    assert author.get(f"/projects/{cast.project.id}/review").status_code == 200
    new = author.cookies[name]
    assert new != old
    assert session_of(author) == 200
    assert session_of(holding(app, name, old)) == 401
    author.get("/projects")
    assert author.cookies[name] == new
    author.post("/sign-out")
    assert session_of(holding(app, name, new)) == 401


def test_whoever_is_brought_into_a_project_gets_another_cookie_too(
    cast: Cast, app: FastAPI, session: Session, settings: Settings
) -> None:  # S19
    outsider, person = browser(app), cast.outsider.actor
    old = cookie_of(sign_in(outsider, person.email)).value
    service.add_member(session, cast.admin.actor, cast.project.id, user_id=person.user_id, role=Role.ADMIN)
    session.commit()
    cookie = cookie_of(outsider.get("/projects"))
    assert (cookie.key, cookie["httponly"], cookie["samesite"]) == (settings.cookie_name, True, "lax")
    assert cookie.value != old
    assert session_of(outsider) == 200


def test_two_pages_opened_at_once_get_one_new_cookie(
    committing: sessionmaker[Session], settings: Settings
) -> None:  # S19
    with committing.begin() as session:
        person = factories.user(session)
        old = open_sign_in(session, person)
        renew_ids(session, person.id)
    with committing.begin() as first, committing.begin() as second:
        actors = [actor_of_cookie(one, old, settings, origin=NOWHERE) for one in (first, second)]
        assert actors[0]
        assert actors[1]
        assert renewed_id(first, actors[0])
        first.commit()
        assert renewed_id(second, actors[1]) is None


def test_a_part_that_a_page_asks_for_by_itself_ends_with_the_session(cast: Cast, app: FastAPI) -> None:  # S21
    part = app.url_path_for("training.live", run_id=1)
    poll = {"HX-Request": "true", "X-Penset-Poll": "1"}
    ended = cast.visitor.get(part, headers=poll)
    assert (ended.status_code, ended.headers["hx-refresh"]) == (401, "true")
    taken = cast.author.get(part, headers=poll)
    assert (taken.status_code, taken.headers["hx-refresh"]) == (404, "true")
    assert "hx-refresh" not in cast.visitor.get(part, headers={"HX-Request": "true"}).headers


def test_what_a_browser_calls_itself_is_kept_and_shown_as_text(client: Client, session: Session, ada: User) -> None:
    [row] = rows("header", stored=True)  # S62
    assert sign_in(client, ada.email).status_code == 303
    client.headers["User-Agent"] = row.text.removeprefix("User-Agent: ")
    client.cookies.clear()
    assert sign_in(client, ada.email).status_code == 303
    kept = session.scalars(select(SignIn.browser).where(SignIn.user_id == ada.id).order_by(SignIn.id)).all()
    assert kept[-1] == row.text.removeprefix("User-Agent: ")
    page = client.get("/account").text
    assert kept[-1] not in page
