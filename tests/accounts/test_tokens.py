"""Keys for programs: shown once, good for what they say, and dead when anything says so."""

import re
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.accounts.models import ApiToken
from app.core.settings import Settings
from app.core.tokens import token_hash
from tests.accounts.asking import audited, browser, later
from tests.cast import Cast, Client

SECRET = re.compile(r"pen_[\w-]{43}")


def makes(client: Client, **fields: Any) -> Any:
    """The answer to somebody who makes a token."""
    given = {"name": "nightly export", "scopes": ["projects:read"], "days": "30"} | fields
    return client.post("/account/tokens", data={"user_id": str(client.actor.user_id)} | given)


def secret_of(client: Client, **fields: Any) -> str:
    """A new token of this person."""
    answer = makes(client, **fields)
    assert answer.status_code == 201, answer.text
    found = SECRET.search(answer.text)
    assert found
    return found[0]


def asks_with(app: FastAPI, secret: str, path: str = "/api/v1/token") -> Any:
    """The answer to a program that asks with a token."""
    return browser(app).get(path, headers={"Authorization": f"Bearer {secret}"})


def test_a_token_is_shown_once_with_commands_to_paste_and_stored_as_its_hash(cast: Cast, session: Session) -> None:
    page = makes(cast.author).text  # S58
    secret = SECRET.findall(page)[0]
    assert f"curl -H &#34;Authorization: Bearer {secret}&#34; http://testserver/api/v1/token" in page
    assert "urllib.request" in page
    row = session.scalars(select(ApiToken)).one()
    assert (row.token_hash, row.prefix) == (token_hash(secret), secret[:8])
    assert secret not in str(session.execute(text("SELECT * FROM api_tokens")).all())
    listed = cast.author.get("/account/tokens").text
    assert secret not in listed
    assert row.prefix in listed
    assert secret not in cast.author.get("/api/v1/tokens").text


def test_a_token_tells_whose_it_is_and_what_it_may_do(cast: Cast, app: FastAPI) -> None:
    answer = asks_with(app, secret_of(cast.author, scopes=["runs:read", "datasets:read"])).json()
    assert answer["name"] == "Ann Author"
    assert answer["scopes"] == ["datasets:read", "runs:read"]
    assert answer["roles"] == {str(cast.project.id): "annotator"}


def test_a_token_of_one_project_knows_no_other(cast: Cast, app: FastAPI) -> None:  # S58
    assert asks_with(app, secret_of(cast.author, project_id=str(cast.project.id))).json()["roles"]
    refused = makes(cast.author, project_id=str(cast.other_project.id))
    assert refused.status_code == 422
    assert "is none of your projects" in refused.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"days": "366"}, "must be between 1 and 365"),
        ({"days": "0"}, "must be between 1 and 365"),
        ({"scopes": []}, "choose at least one"),
        ({"scopes": ["drafts:read"]}, "choose at least one"),
        ({"scopes": ["runs:read", "runs:read"]}, "choose at least one"),
        ({"name": " "}, "write something that can be seen"),
    ],
)
def test_a_token_has_a_name_known_scopes_and_an_end_within_a_year(
    fields: dict[str, Any], words: str, cast: Cast, session: Session
) -> None:  # S58
    answer = makes(cast.author, **fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert session.scalars(select(ApiToken)).all() == []


def test_a_token_never_exceeds_what_its_owner_may_do_now(cast: Cast, app: FastAPI, session: Session) -> None:  # S59
    secret = secret_of(cast.author)
    session.execute(
        text("UPDATE memberships SET left_at = now() WHERE user_id = :id"), {"id": cast.author.actor.user_id}
    )
    session.commit()
    assert asks_with(app, secret).json()["roles"] == {}


def test_the_last_use_is_kept_at_most_once_a_minute(cast: Cast, app: FastAPI, session: Session) -> None:  # S58
    secret = secret_of(cast.author)
    seen = select(ApiToken.used_at)
    assert session.scalars(seen).one() is None
    asks_with(app, secret)
    first = session.scalars(seen).one()
    assert first
    session.execute(text("UPDATE api_tokens SET used_at = used_at - interval '59 seconds'"))
    session.commit()
    asks_with(app, secret)
    assert session.scalars(seen).one() != first
    session.execute(text("UPDATE api_tokens SET used_at = used_at - interval '2 seconds'"))
    session.commit()
    asks_with(app, secret)
    assert session.scalars(seen).one() == first


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/me"),
        ("GET", "/api/v1/tokens"),
        ("DELETE", "/api/v1/tokens/1"),
        ("DELETE", "/api/v1/session"),
        ("GET", "/account"),
        ("GET", "/account/tokens"),
        ("POST", "/account/tokens"),
        ("POST", "/account/password"),
        ("POST", "/admin/people/1/make-administrator"),
    ],
)
def test_no_token_makes_tokens_changes_people_or_uses_a_page(
    method: str, path: str, cast: Cast, app: FastAPI
) -> None:  # S59
    secret = secret_of(cast.operator, scopes=["runs:write", "datasets:publish"])
    fields = {"user_id": str(cast.operator.actor.user_id), "name": "another", "scopes": "runs:read", "days": "30"}
    fields = {"user_id": fields["user_id"], "password": "a heap of new words"} if "password" in path else fields
    fields = {"user_id": fields["user_id"]} if "people" in path else fields
    answer = browser(app).request(
        method, path, headers={"Authorization": f"Bearer {secret}"}, data=fields if method == "POST" else None
    )
    assert answer.status_code == 403
    assert "no token can" in answer.text


def test_a_scope_that_a_token_lacks_is_named(cast: Cast, app: FastAPI) -> None:  # S59
    secret = secret_of(cast.admin, scopes=["datasets:read"])
    path = f"/api/v1/projects/{cast.project.id}/prompts"
    answer = asks_with(app, secret, path)
    assert answer.status_code == 403
    assert answer.json()["type"] == "/errors/accounts.scope_missing"
    assert "prompts:read" in answer.json()["detail"]


def test_every_token_that_is_no_good_gets_the_same_401(
    cast: Cast, app: FastAPI, session: Session, settings: Settings
) -> None:  # S61
    expired, revoked = secret_of(cast.author), secret_of(cast.author)
    session.execute(text("UPDATE api_tokens SET expires_at = now() WHERE token_hash = :h"), {"h": token_hash(expired)})
    session.execute(text("UPDATE api_tokens SET revoked_at = now() WHERE token_hash = :h"), {"h": token_hash(revoked)})
    session.commit()
    cookie = cast.author.cookies[settings.cookie_name]
    headers = [f"Bearer {token}" for token in (expired, revoked, "pen_" + "x" * 43, "", "pen_", cookie, "é")]
    headers += ["Basic cGVuOnBlbg==", "bearer", f"Bearer  {revoked}", "pen_nothing"]
    answers = set()
    for header in headers:
        answer = browser(app).get("/api/v1/token", headers={b"Authorization": header.encode()})
        assert answer.headers["www-authenticate"] == "Bearer"
        body = answer.json()
        body.pop("instance")
        answers.add((answer.status_code, str(body)))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 401


def test_a_token_in_an_address_is_no_token(cast: Cast, app: FastAPI) -> None:  # S61
    secret = secret_of(cast.author)
    refused = asks_with(app, "pen_nothing")
    for name in ("token", "access_token", "api_key"):
        for path in ("/api/v1/token", f"/api/v1/projects/{cast.project.id}/prompts", "/projects"):
            answer = browser(app).get(f"{path}?{name}={secret}")
            assert answer.status_code == 401
            if path.startswith("/api/"):
                assert answer.headers["www-authenticate"] == "Bearer"
                assert answer.json() | {"instance": ""} == refused.json() | {"instance": ""}
    assert browser(app).get("/api/v1/token?access_token=1").status_code == 401


def test_revoking_works_at_the_next_request(cast: Cast, app: FastAPI, session: Session) -> None:  # S61
    secret = secret_of(cast.author)
    assert asks_with(app, secret).status_code == 200
    (token,) = cast.author.get("/api/v1/tokens").json()["tokens"]
    assert cast.second_author.delete(f"/api/v1/tokens/{token['id']}").status_code == 404
    assert cast.author.delete(f"/api/v1/tokens/{token['id']}").status_code == 204
    assert asks_with(app, secret).status_code == 401
    assert cast.author.delete(f"/api/v1/tokens/{token['id']}").status_code == 409
    assert audited(session)[-2:] == ["accounts.token_made", "accounts.token_revoked"]


def test_who_runs_the_installation_sees_and_revokes_everybody_s_tokens(cast: Cast, app: FastAPI) -> None:  # S58
    secret = secret_of(cast.author)
    person = cast.author.actor.user_id
    assert secret[:8] in cast.operator.get(f"/admin/people/{person}").text
    (token,) = cast.author.get("/api/v1/tokens").json()["tokens"]
    answer = cast.operator.post(
        f"/account/tokens/{token['id']}/revoke", data={"user_id": str(cast.operator.actor.user_id)}
    )
    assert answer.headers["location"] == f"/admin/people/{person}"
    assert asks_with(app, secret).status_code == 401


def test_an_expired_token_is_no_longer_listed(cast: Cast, session: Session) -> None:
    secret_of(cast.author)
    later(session, "api_tokens", "expires_at", "31 days")
    assert cast.author.get("/api/v1/tokens").json() == {"tokens": []}
    assert "No token yet" in cast.author.get("/account/tokens").text
