"""A door takes the kind of content that it was made for, and no other."""

import pytest
from fastapi import FastAPI
from fastapi.params import Form
from fastapi.routing import RouteContext

from app.core.signpost import every_route
from tests.cast import Cast
from tests.core.addresses import address

JSON_TYPES = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", ""]
FORM_TYPES = ["application/json", "text/plain", ""]


def takes_form(route: RouteContext) -> bool:
    """Whether a route reads a form."""
    return isinstance(route.body_field.field_info, Form)


def with_body(app: FastAPI, *, form: bool) -> list[tuple[str, str]]:
    """Method and address of every route that reads a form, or that reads JSON."""
    found = [
        (method, address(str(route.path), "1"))
        for route in every_route(app)
        for method in route.methods or ()
        if route.body_field is not None and takes_form(route) is form
    ]
    assert found
    return found


@pytest.mark.parametrize("kind", JSON_TYPES)
def test_a_json_route_takes_json_only(cast: Cast, app: FastAPI, kind: str) -> None:  # S34
    for method, where in with_body(app, form=False):
        answer = cast.operator.request(method, where, content=b'{"a": 1}', headers={"Content-Type": kind})
        assert (answer.status_code, answer.json()["type"]) == (415, "/errors/input.not_json_type"), (method, where)


@pytest.mark.parametrize("kind", FORM_TYPES)
def test_a_form_route_takes_forms_only(cast: Cast, app: FastAPI, kind: str) -> None:  # S34
    for method, where in with_body(app, form=True):
        answer = cast.operator.request(method, where, content=b'{"a": 1}', headers={"Content-Type": kind})
        assert answer.status_code == 415, (method, where)


def test_json_is_json_however_its_type_is_written(cast: Cast) -> None:
    for kind in ("application/json", "Application/JSON", "application/json; charset=utf-8"):
        answer = cast.operator.post("/api/v1/projects", content=b'{"name": "x"}', headers={"Content-Type": kind})
        assert answer.status_code == 201
