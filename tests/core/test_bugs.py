"""A fault of ours is told in a sentence and a request id; what it quotes goes neither to the client nor to the log."""

import io
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.core.database import DB
from app.core.logs import set_up_logs
from app.core.web import api, pages, render
from app.datasets import jobs as datasets
from app.training.mishaps import in_words
from tests.cast import Client

SECRET = "a marker that a person wrote"
inside, outside = api("broken"), pages()


@dataclass(frozen=True)
class TornPage:
    """What a template finds nothing in."""

    title: str


@inside.get("/broken/route", name="api.broken.route")
def broken_route() -> None:
    """Raise with a person's text in the message."""
    raise ValueError(SECRET)


@inside.get("/broken/statement", name="api.broken.statement")
def broken_statement(session: DB) -> None:
    """Send a statement that the database refuses, with a person's text in it."""
    session.execute(text("SELECT CAST(:said AS integer)"), {"said": SECRET})


@inside.get("/broken/constraint", name="api.broken.constraint")
def broken_constraint(session: DB) -> None:
    """Break a constraint, whose message would quote the row."""
    session.execute(
        text("INSERT INTO users (email, email_key, name, password_hash) VALUES (:said, :said, :said, '')"),
        {"said": SECRET},
    )
    session.execute(text("INSERT INTO users (email, email_key, name) SELECT email, email_key, name FROM users"))


@inside.get("/broken/commit", name="api.broken.commit")
def broken_commit(session: DB) -> None:
    """Break what the database looks at only when all is to be kept, with its words in the message."""

    def refuse(session: Session) -> None:
        raise IntegrityError("INSERT INTO users", {"said": SECRET}, psycopg.IntegrityError(SECRET))

    event.listen(session, "before_commit", refuse, once=True)


@inside.get("/broken/answer", name="api.broken.answer", response_model=dict[str, int])
def broken_answer() -> Any:
    """Answer with what the answer's schema does not allow."""
    return {"said": SECRET}


@outside.get("/broken/template", name="core.error")
def broken_template(request: Request) -> Response:
    """Draw a template that finds a name missing."""
    return render(request, TornPage(SECRET))


PLACES = {
    "a route": "/api/v1/broken/route",
    "a statement": "/api/v1/broken/statement",
    "a constraint": "/api/v1/broken/constraint",
    "a commit": "/api/v1/broken/commit",
    "an answer": "/api/v1/broken/answer",
    "a template": "/broken/template",
}


@pytest.fixture
def torn(app: FastAPI) -> Client:
    """A browser on a site that has some faults."""
    app.include_router(inside)
    app.include_router(outside)
    return Client(app)


@pytest.fixture
def log() -> io.StringIO:
    """The log of this test."""
    stream = io.StringIO()
    set_up_logs(stream)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    return stream


@pytest.mark.parametrize("address", PLACES.values(), ids=PLACES)
def test_a_fault_tells_its_request_and_nothing_of_the_inside(torn: Client, address: str) -> None:  # S94
    answer = torn.get(address)
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")  # S36
    inner = ["Traceback", ".py", "ValueError", "DataError", "Violation", "SELECT", "INSERT", "psycopg", "undefined"]
    assert [word for word in (SECRET, *inner) if word.lower() in answer.text.lower()] == []


@pytest.mark.parametrize("address", PLACES.values(), ids=PLACES)
def test_the_log_says_where_it_broke_and_not_what_was_written(torn: Client, log: io.StringIO, address: str) -> None:
    answer = torn.get(address)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    fault = next(line for line in lines if "exception" in line)
    assert fault["request_id"] == answer.headers["x-request-id"]
    assert fault["exception"][0]["at"]
    assert SECRET not in log.getvalue()  # S96


def test_a_fault_is_a_problem_document_at_the_json_door(torn: Client) -> None:  # S95
    answer = torn.get(PLACES["a route"])
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() | {"instance": ""} == {
        "type": "/errors/core.bug",
        "title": "Something went wrong",
        "status": 500,
        "detail": "This is a fault of Penset. Nothing was stored; the log knows the request.",
        "instance": "",
    }


def test_a_fault_is_a_page_at_the_browsers_door(torn: Client) -> None:
    answer = torn.get(PLACES["a template"])
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "This is a fault of Penset." in answer.text


def test_the_site_goes_on_after_a_fault(torn: Client) -> None:
    assert [torn.get(PLACES["a constraint"]).status_code, torn.get("/sign-in").status_code] == [500, 200]


@pytest.mark.parametrize("tell", [datasets.reason, in_words], ids=["a version", "a run"])
@pytest.mark.parametrize(
    "fault",
    [
        ValueError(SECRET),
        PermissionError(13, "Permission denied", f"/srv/{SECRET}"),
        BlockingIOError(SECRET),
        OperationalError("INSERT INTO users", {"said": SECRET}, psycopg.OperationalError(SECRET)),
    ],
    ids=["ours", "a place", "the system's", "the database's"],
)
def test_a_job_that_breaks_tells_nothing_of_the_inside(tell: Callable[[Exception], str], fault: Exception) -> None:
    # S94
    inner = ["/srv", "Error", "INSERT", "psycopg", ".py"]
    assert [word for word in (SECRET, *inner) if word in tell(fault)] == []
