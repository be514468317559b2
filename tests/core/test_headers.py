"""What every answer wears, and to whom the site answers at all."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.core.settings import Settings
from app.main import create_app
from tests.cast import Cast, Client

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
ANSWERS = {
    "a page": ("GET", "/sign-in", 200),
    "a page that needs a sign-in": ("GET", "/projects", 303),
    "a page that is not there": ("GET", "/nothing", 404),
    "a refused method": ("DELETE", "/sign-in", 405),
    "a refused form": ("POST", "/sign-in", 415),
    "a problem document": ("GET", "/api/v1/me", 401),
    "a file": ("GET", "/static/css/base.css", 200),
    "a file that is not there": ("GET", "/static/nothing.css", 404),
    "a query that cannot be read": ("GET", "/sign-in?a=%ff", 400),
}


@pytest.mark.parametrize(("method", "address", "status"), ANSWERS.values(), ids=ANSWERS)
def test_every_answer_forbids_what_it_does_not_need(client: Client, method: str, address: str, status: int) -> None:
    answer = client.request(method, address)
    assert answer.status_code == status
    assert answer.headers["content-security-policy"] == POLICY  # S36
    assert answer.headers["x-content-type-options"] == "nosniff"  # S38
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert set(answer.headers["permissions-policy"].replace(" ", "").split(",")) >= {"camera=()", "microphone=()"}
    assert "server" not in answer.headers


@pytest.mark.parametrize("host", ["evil.test", "testserver:8080", "testserver.evil.test", "testserver@evil.test", ""])
def test_another_host_is_answered_with_400_and_nothing_is_built_from_it(client: Client, host: str) -> None:  # S40
    answer = client.get("/projects", headers={"Host": host})
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "evil" not in answer.text


def test_the_refusal_of_another_host_is_dressed_too(client: Client) -> None:  # S36
    assert client.get("/", headers={"Host": "evil.test"}).headers["content-security-policy"] == POLICY


def test_a_forwarded_host_is_not_listened_to(cast: Cast) -> None:  # S40
    answer = cast.author.get("/projects", headers={"X-Forwarded-Host": "evil.test", "Forwarded": "host=evil.test"})
    assert answer.status_code == 200
    assert "evil.test" not in answer.text


def over_tls(tmp_path: Path) -> TestClient:
    """A browser that reaches an installation over TLS. Nothing that it asks here needs the database."""
    settings = Settings(data=tmp_path, public_url="https://penset.example")
    app = create_app(settings, "postgresql://nowhere/penset")
    return TestClient(app, base_url="https://penset.example", follow_redirects=False)


def test_over_tls_browsers_are_told_to_stay_there_for_a_year(tmp_path: Path, client: Client) -> None:  # S38
    assert over_tls(tmp_path).get("/static/icon.svg").headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in client.get("/static/icon.svg").headers


@pytest.mark.parametrize("host", ["penset.example", "PENSET.example", "penset.example:443"])
def test_a_host_is_the_same_in_capitals_and_with_its_own_port(tmp_path: Path, host: str) -> None:  # S40
    assert over_tls(tmp_path).get("/static/icon.svg", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.test", "null", "http://testserver"])
def test_no_origin_is_granted_anything(cast: Cast, origin: str) -> None:  # S35
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    answers = [
        cast.author.get("/api/v1/me", headers={"Origin": origin}),
        cast.author.options("/api/v1/projects", headers=asked),
        cast.author.get("/static/css/base.css", headers={"Origin": origin}),
    ]
    granted = [name for answer in answers for name in answer.headers if name.startswith("access-control-")]
    assert (granted, [answer.status_code for answer in answers]) == ([], [200, 405, 200])


def test_what_a_person_sees_is_kept_in_no_cache(cast: Cast) -> None:  # S28
    for address in ("/", "/projects", "/api/v1/me", "/nothing"):
        assert cast.author.get(address).headers["cache-control"] == "no-store"


def test_each_answer_names_its_request(app: FastAPI) -> None:  # S94
    client = Client(app)
    first, second = (client.get("/nothing") for _ in range(2))
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert first.headers["x-request-id"] in first.text
