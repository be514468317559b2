"""Somebody comes in: by page and by JSON, with the right password only, and never too often."""

import json
import re
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.accounts import passwords
from app.accounts.models import Attempt, SignIn, User
from app.core.settings import Settings
from app.core.storage import Storage
from app.main import create_app
from tests import factories
from tests.accounts.asking import audited, browser, holding, later, session_of, sign_in
from tests.cast import Cast, Client


class CountingHasher(PasswordHasher):
    """argon2, and how often it was asked to verify."""

    verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # noqa: A002
        """Count, then do the work."""
        self.verified += 1
        return super().verify(hash, password)


def without_request_id(body: str) -> str:
    """A body, but for what names the request."""
    return re.sub(r"[0-9a-f]{16}", "", body)


def test_the_right_password_leads_to_the_start_page_and_opens_a_session(client: Client, ada: User) -> None:
    answer = sign_in(client, ada.email)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.get("/api/v1/me").json()["name"] == "Ada Writer"


def test_a_wrong_password_says_so_at_the_field_and_keeps_the_address(client: Client, ada: User) -> None:
    answer = sign_in(client, ada.email, "not the password")
    assert answer.status_code == 401
    assert "This password does not fit this e-mail." in answer.text
    assert f'value="{ada.email}"' in answer.text
    assert session_of(client) == 401


@pytest.mark.parametrize("path", ["/sign-in", "/api/v1/session"])
def test_nobody_hears_whether_an_address_has_an_account(
    path: str, app: FastAPI, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:  # S3
    factories.user(session, "Known Person", email="known@example.org")
    factories.user(session, "Off Person", email="off@example.org", disabled_at=func.now())
    factories.user(session, "Invited Person", email="invited@example.org", password_hash=None)
    session.commit()
    answers = set()
    for number, name in enumerate(("known", "off", "invited", "nobody", "not an address")):
        hasher = CountingHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        monkeypatch.setattr(passwords, "HASHER", hasher)
        email = name if " " in name else f"{name}@example.org"
        what = {"email": email, "password": "wrong horse battery"}
        client = browser(app, f"192.0.2.{number}")
        answer = client.post(path, data=what) if path == "/sign-in" else client.post(path, json=what)
        assert hasher.verified == 1
        body = without_request_id(answer.text).replace(email, "")
        answers.add((answer.status_code, answer.headers["content-type"], body))
    assert len(answers) == 1


def test_the_right_password_of_a_disabled_account_is_as_wrong_as_any(client: Client, session: Session) -> None:
    factories.user(session, "Off Person", email="off@example.org", disabled_at=func.now())
    session.commit()
    assert sign_in(client, "off@example.org").status_code == 401


def test_a_hash_of_weaker_parameters_is_renewed_at_sign_in(client: Client, session: Session, ada: User) -> None:  # S2
    ada.password_hash = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(factories.PASSWORD)
    session.commit()
    assert sign_in(client, ada.email).status_code == 303
    session.refresh(ada)
    assert ada.password_hash
    assert ada.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.fits(ada.password_hash, factories.PASSWORD)


def test_ten_failures_on_an_account_close_it_to_that_network_alone(app: FastAPI, ada: User) -> None:  # S4
    attacker, owner = browser(app, "192.0.2.66"), browser(app, "198.51.100.1")
    failures = [sign_in(attacker, ada.email, f"guess number {n}").status_code for n in range(10)]
    assert failures == [401] * 10
    refused = sign_in(attacker, ada.email)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 15 * 60
    assert sign_in(owner, ada.email).status_code == 303


def test_a_hundred_failures_over_many_accounts_close_the_network(app: FastAPI, session: Session, ada: User) -> None:
    attacker = browser(app, "2001:db8:1:2::5")  # S4
    sign_in(attacker, "first@example.org", "guess guess")
    session.execute(text("UPDATE attempts SET count = 100 WHERE bucket LIKE 'sign-in-network:%'"))
    session.commit()
    assert sign_in(attacker, "another@example.org", "guess guess").status_code == 429
    same_network = browser(app, "2001:db8:1:2:ffff::9")
    assert sign_in(same_network, ada.email).status_code == 429
    assert sign_in(browser(app, "2001:db8:1:3::5"), ada.email).status_code == 303


def test_every_try_of_a_network_counts(app: FastAPI, session: Session) -> None:
    attacker = browser(app)
    for number in range(3):
        sign_in(attacker, f"person{number}@example.org", "guess guess")
    assert session.scalar(select(Attempt.count).where(Attempt.bucket == "sign-in-network:192.0.2.7")) == 3


def test_counters_survive_a_restart_and_end_with_their_window(
    app: FastAPI, settings: Settings, storage: Storage, session: Session, ada: User
) -> None:  # S4
    for number in range(10):
        sign_in(browser(app), ada.email, f"guess number {number}")
    restarted = create_app(settings, "postgresql://unused", sessions=app.state.sessions, storage=storage)
    assert sign_in(browser(restarted), ada.email).status_code == 429
    later(session, "attempts", "window_start", "16 minutes")
    assert sign_in(browser(restarted), ada.email).status_code == 303


def test_a_success_takes_its_own_tries_back(app: FastAPI, session: Session, ada: User) -> None:
    client = browser(app)
    sign_in(client, ada.email, "guess guess")
    sign_in(client, ada.email)
    assert session.execute(select(Attempt.bucket, Attempt.count)).all() == [("sign-in-network:192.0.2.7", 1)]


def test_counters_do_not_hold_addresses_of_accounts(app: FastAPI, session: Session, ada: User) -> None:
    sign_in(browser(app), ada.email, "guess guess")
    assert not any("ada" in bucket for bucket in session.scalars(select(Attempt.bucket)))


def test_a_session_id_chosen_by_another_is_dead_after_sign_in(
    client: Client, settings: Settings, session: Session, ada: User
) -> None:  # S19
    sign_in(client, ada.email)
    planted = client.cookies[settings.cookie_name]
    sign_in(client, ada.email)
    assert session_of(holding(client.app, settings.cookie_name, planted)) == 401
    assert session_of(client) == 200
    assert len(session.scalars(select(SignIn)).all()) == 1


@pytest.mark.parametrize(
    ("asked", "reached"),
    [
        ("/account", "/account"),
        ("/account?done=name", "/account?done=name"),
        ("https://evil.test", "/"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("\\\\evil.test", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.test", "/"),
        ("/\n/evil.test", "/"),
        (" //evil.test", "/"),
        ("", "/"),
    ],
)
def test_sign_in_leads_on_within_our_own_pages_only(asked: str, reached: str, client: Client, ada: User) -> None:  # S39
    page = client.get("/sign-in", params={"next": asked})
    assert f'name="next" value="{reached}"' in page.text
    assert sign_in(client, ada.email, next=asked).headers["location"] == reached


def test_a_page_that_needs_a_sign_in_leads_there_and_back(client: Client) -> None:
    answer = client.get("/account/tokens")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/account/tokens")


def test_addresses_differ_in_nothing_but_the_case_of_a_to_z(client: Client, session: Session, ada: User) -> None:  # I7
    assert sign_in(client, "ADA.Writer@Example.ORG").status_code == 303
    for lookalike in ("ada.w\u0131ter@example.org", "ada.writer@example.org\u200b", "\u212ada.writer@example.org"):
        assert sign_in(client, lookalike).status_code == 401


def test_the_kelvin_sign_is_no_k(client: Client, session: Session) -> None:  # I7
    factories.user(session, "Kay Writer", email="k@example.org")
    session.commit()
    assert sign_in(client, "\u212a@example.org").status_code == 401


def test_json_sign_in_says_who_is_signed_in_and_sets_the_cookie(client: Client, ada: User) -> None:
    answer = client.post("/api/v1/session", json={"email": ada.email, "password": factories.PASSWORD})
    assert (answer.status_code, answer.json()) == (200, {"user_id": ada.id, "name": "Ada Writer"})
    assert session_of(client) == 200


def test_json_sign_in_refuses_with_the_page_s_words(client: Client, ada: User) -> None:
    answer = client.post("/api/v1/session", json={"email": ada.email, "password": "wrong horse"})
    assert answer.status_code == 401
    assert answer.json()["type"] == "/errors/accounts.wrong_password"
    assert answer.json()["detail"].startswith("This password does not fit this e-mail.")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "a\0@example.org", "password": "x"}, "/email"),
        ({"email": "a@example.org", "password": "\ud800"}, "/password"),
        ({"email": "a@example.org", "password": "x" * 1025}, "/password"),
        ({"email": "a@example.org", "password": 12345678}, "/password"),
        ({"email": "a@example.org", "password": "x", "user_id": 1}, "/user_id"),
        ({"email": "a@example.org", "password": "x", "on_behalf_of": 1}, "/on_behalf_of"),
    ],
)
def test_json_sign_in_takes_only_what_it_asks_for(body: dict[str, Any], pointer: str, client: Client) -> None:  # S60
    answer = client.post(
        "/api/v1/session", content=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_no_header_says_who_acts(cast: Cast) -> None:  # S60
    named = {"X-User": str(cast.admin.actor.user_id), "X-User-Id": "1", "From": "admin@example.org"}
    assert cast.author.get("/api/v1/me", headers=named).json()["name"] == "Ann Author"
    assert cast.visitor.get("/api/v1/me", headers=named).status_code == 401


def test_coming_in_failing_and_going_are_written_down_with_their_origin(
    app: FastAPI, session: Session, ada: User
) -> None:  # S98
    client = browser(app)
    sign_in(client, ada.email, "guess guess")
    sign_in(client, ada.email)
    client.post("/sign-out")
    rows = session.execute(text("SELECT action, actor_id, subject_id, address, details FROM audit_log ORDER BY id"))
    assert rows.all() == [
        ("accounts.sign_in_failed", None, ada.id, "192.0.2.7", {}),
        ("accounts.signed_in", ada.id, ada.id, "192.0.2.7", {}),
        ("accounts.signed_out", ada.id, ada.id, "192.0.2.7", {}),
    ]


def test_a_first_visitor_of_a_fresh_installation_is_told_where_the_link_is(client: Client) -> None:
    assert "first-admin-link" in client.get("/sign-in").text


def test_who_has_an_account_is_not_told_of_the_link(client: Client, ada: User) -> None:
    assert "first-admin-link" not in client.get("/sign-in").text


def test_there_is_no_way_in_without_an_invitation(client: Client) -> None:  # S7
    assert {client.get(path).status_code for path in ("/sign-up", "/register", "/join", "/signup")} == {404}
    assert client.get("/invite").status_code == 410


def test_the_audit_log_names_nobody_s_address(app: FastAPI, session: Session, ada: User) -> None:
    sign_in(browser(app), ada.email, "guess guess")
    assert audited(session) == ["accounts.sign_in_failed"]
    assert "ada" not in str(session.execute(text("SELECT details FROM audit_log")).all())
