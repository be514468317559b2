"""A request is led to the route that FastAPI would find, without asking each."""

import re
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.routing import Match

from app.core.settings import Settings
from app.core.signpost import Signpost, every_route
from app.core.web import api
from app.main import create_app


async def nowhere(*_: Any) -> None:
    """What stands behind the signpost here."""


def whole(tmp_path: Path) -> FastAPI:
    """The application, which asks nothing of its database here."""
    return create_app(Settings(data=tmp_path), "postgresql://nowhere/penset")


def asked(path: str, method: str) -> dict[str, Any]:
    """The scope of a request."""
    return {"type": "http", "path": path, "method": method}


def test_every_address_leads_where_fastapi_leads(tmp_path: Path) -> None:
    routes = list(every_route(whole(tmp_path)))
    signpost = Signpost(nowhere, routes)
    for route in routes:
        for method in route.methods or ():
            scope = asked(re.sub(r"{[^}]*}", "7", str(route.path)), method)
            first = next(one for one in routes if one.matches(scope)[0] is Match.FULL)
            found = signpost.find(scope)
            assert found, scope
            assert (found[0].path, found[0].methods) == (first.path, first.methods), scope
            assert found[1]["path_params"].keys() == route.param_convertors.keys()


def test_no_address_of_ours_leads_nowhere(tmp_path: Path) -> None:
    signpost = Signpost(nowhere, every_route(whole(tmp_path)))
    strange = ["", "*", "/", "//", "/api/v1", "/api/v1/", "/api/v1/nothing", "/runs/7/", "/runs/0", "/static/css/a.css"]
    assert [path for path in strange if signpost.find(asked(path, "GET"))] == ["/"]
    assert signpost.find(asked("/sign-in", "DELETE")) is None


def test_few_routes_are_asked_for_any_address(tmp_path: Path) -> None:
    signpost = Signpost(nowhere, every_route(whole(tmp_path)))
    assert max(map(len, signpost.routes.values())) <= 40
    ends_in_a_word = [routes for (_, word), routes in signpost.by_last_word.items() if "{" not in word]
    assert max(map(len, ends_in_a_word)) <= 5


def test_what_a_route_declares_is_read_when_it_is_first_asked_for() -> None:
    route = api("tests").route_class("/x/{number:id}", nowhere, methods=["GET"])
    assert "dependant" not in vars(route)
    assert route.unique_id == "nowhere"
    assert route.dependant.call is nowhere
    assert not hasattr(route, "no_such_thing")
