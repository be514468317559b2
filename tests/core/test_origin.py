"""A write that another site caused is not carried out, at whichever door it knocks."""

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.projects.models import Project
from tests.cast import Cast
from tests.core.addresses import doors

NEW = "/api/v1/projects"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "nonsense"])
def test_a_write_from_another_site_is_refused_at_every_door(app: FastAPI, site: str) -> None:  # S31
    client = TestClient(app, headers={"Sec-Fetch-Site": site})
    for method, address in doors(app, safe=False):
        answer = client.request(method, address)
        assert (answer.status_code, "came from another site" in answer.text) == (403, True), (method, address)


def test_a_refused_write_has_written_nothing(cast: Cast, session: Session) -> None:  # S31
    before = session.scalar(select(func.count()).select_from(Project))
    answer = cast.operator.post(NEW, json={"name": "Forged"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert session.scalar(select(func.count()).select_from(Project)) == before


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_write_from_our_own_page_passes(cast: Cast, site: str) -> None:  # S31
    answer = cast.operator.post(NEW, json={"name": "Ours"}, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 201


def test_reading_from_another_site_is_only_a_link(cast: Cast) -> None:  # S31
    assert cast.author.get("/projects", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://testserver",
        "http://testserver:8080",
        "http://testserver.evil.test",
        "http://evil.test",
        "http://testserver/",
        "HTTP://TESTSERVER",
        "",
    ],
)
def test_without_fetch_metadata_another_origin_is_refused(cast: Cast, origin: str) -> None:  # S32
    del cast.operator.headers["Sec-Fetch-Site"]
    answer = cast.operator.post(NEW, json={"name": "Forged"}, headers={"Origin": origin})
    assert (answer.status_code, answer.json()["type"]) == (403, "/errors/core.cross_site")


def test_without_fetch_metadata_our_own_origin_passes(cast: Cast) -> None:  # S32
    del cast.operator.headers["Sec-Fetch-Site"]
    assert cast.operator.post(NEW, json={"name": "Ours"}, headers={"Origin": "http://testserver"}).status_code == 201


def test_a_cookie_that_comes_with_neither_header_is_refused(cast: Cast) -> None:  # S32
    del cast.operator.headers["Sec-Fetch-Site"]
    assert cast.operator.post(NEW, json={"name": "Forged"}).status_code == 403


def test_a_program_without_cookie_and_headers_is_asked_who_it_is(app: FastAPI) -> None:  # S32
    assert TestClient(app).post(NEW, json={"name": "Mine"}).status_code == 401


def test_a_bearer_needs_no_origin_and_its_cookie_counts_for_nothing(cast: Cast) -> None:  # S32
    headers = {"Authorization": "Bearer pen_nonsense", "Sec-Fetch-Site": "cross-site"}
    answer = cast.operator.post(NEW, json={"name": "Forged"}, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (401, "/errors/accounts.bad_token")
