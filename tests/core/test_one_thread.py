"""A route in which nothing waits has one thread: who asks, what is done, the answer and the commit."""

import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Annotated, Any

import pytest
from fastapi import BackgroundTasks, Cookie, Depends, Form, Request
from fastapi.dependencies.utils import get_dependant
from fastapi.security import SecurityScopes
from starlette.testclient import TestClient

from app.accounts.doors import CurrentActor
from app.core.database import DB
from app.core.idempotency import keyed
from app.core.one_thread import below, fits
from app.core.settings import Settings
from app.core.strict_route import StrictRoute
from app.core.web import FormIn, api
from app.main import ROUTES, create_app
from tests import factories
from tests.conftest import raw


class Sent(FormIn):
    """A form of one field."""

    name: str


async def waits() -> None:
    """Wait for something."""


async def holds() -> AsyncIterator[None]:
    """Hold something while the route works."""
    yield


def holds_in_a_thread() -> Iterator[None]:
    """The same without the loop."""
    yield


def reads_a_form(form: Annotated[Sent, Form()]) -> None:
    """Take a part of the body, which is the route's to read."""


@pytest.mark.parametrize("inner", [waits, holds, holds_in_a_thread, reads_a_form])
def test_a_route_that_depends_on_what_waits_is_left_to_fastapi(inner: Any) -> None:
    def route(session: DB, made: Annotated[None, Depends(inner)]) -> None:
        """Depend on it."""

    assert not fits(get_dependant(path="/", call=route))


def reads_a_cookie(session_cookie: Annotated[str, Cookie()] = "") -> str:
    """Take a cookie, which is not given here."""
    return session_cookie


def test_what_only_fastapi_gives_is_left_to_it() -> None:
    def later(tasks: BackgroundTasks) -> None:
        """Leave work for afterwards."""

    def scoped(scopes: SecurityScopes) -> None:
        """Ask what it is to be good for."""

    for route in (reads_a_cookie, later, scoped, partial(waits)):
        assert not fits(get_dependant(path="/", call=route)), route


def test_every_route_that_takes_a_key_is_ours() -> None:
    keyed_routes = [
        route
        for route in ROUTES
        if isinstance(route, StrictRoute) and any(one.call is keyed for one in below(route.dependant))
    ]
    assert len(keyed_routes) > 5
    assert [route.path for route in keyed_routes if not fits(route.dependant)] == []


def test_a_route_that_waits_itself_is_left_to_fastapi() -> None:
    assert not fits(get_dependant(path="/", call=waits))


def test_a_route_of_plain_functions_and_a_session_is_ours() -> None:
    def route(request: Request, session: DB, actor: CurrentActor) -> None:
        """Ask for who is signed in."""

    assert fits(get_dependant(path="/", call=route))


def test_an_answer_that_its_declaration_refuses_undoes_what_was_done(own_database: str, tmp_path: Any) -> None:
    router, threads = api("torn"), list[int]()

    def where() -> None:
        threads.append(threading.get_ident())

    @router.post("/torn", name="api.torn", response_model=dict[str, int])
    def torn(session: DB, _: Annotated[None, Depends(where)]) -> Any:
        """Write, then answer with what cannot be answered."""
        factories.user(session, "Ada Torn")
        threads.append(threading.get_ident())
        return {"said": "no number"}

    settings = Settings(data=tmp_path, public_url="http://testserver", allow_plain_http=True)
    app = create_app(settings, own_database)
    app.router.routes += [route for route in router.routes if isinstance(route, StrictRoute)]
    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.post("/api/v1/torn").status_code == 500
    assert (len(threads), len(set(threads))) == (2, 1)
    with raw(own_database) as connection:
        assert connection.execute("SELECT count(*) FROM users WHERE name = 'Ada Torn'").fetchone() == (0,)
