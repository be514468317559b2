"""The OpenAPI document of the JSON doors, made so that a generator of clients can use it as it stands."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.core.routes import LinkingApp, every_route

Operation = dict[str, Any]
ABOUT = """\
Text travels as it was written: nothing is trimmed, normalised or cut. Unknown fields and query names are refused.
A program sends a token (`Authorization: Bearer pen_…`) whose scope the operation names; a browser sends its session.
Whatever is not a success is a problem document (RFC 9457) whose `type` never changes its meaning."""
PLACE = {
    "type": "object",
    "required": ["pointer", "detail"],
    "properties": {
        "pointer": {"type": "string", "description": "JSON Pointer into the body, or /query/ and a name."},
        "detail": {"type": "string", "description": "What is wrong there; never the value."},
    },
}
PROBLEM = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {
            "type": "string",
            "description": "/errors/ and a code, as in /errors/prompts.already_decided.",
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for a person."},
        "instance": {"type": "string", "description": "Names the request in the log."},
        "errors": {"type": "array", "items": PLACE, "description": "The first hundred places that were refused."},
        "errors_in_all": {"type": "integer"},
    },
}
REFUSED = {
    "description": "What went wrong.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
FILE = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
TOKEN = {"type": "http", "scheme": "bearer", "description": "A token made under Account, Tokens."}


def operation_id(route: APIRoute) -> str:
    """`api.prompts.show` is the operation prompts_show."""
    return route.name.removeprefix("api.").replace(".", "_")


class DescribedApp(LinkingApp):
    """An application whose OpenAPI document tells refusals and scopes too."""

    def openapi(self) -> dict[str, Any]:
        """The document."""
        document = super().openapi()
        parts = document.setdefault("components", {}).setdefault("schemas", {})
        if "Problem" not in parts:
            for unused in ("HTTPValidationError", "ValidationError"):
                parts.pop(unused, None)
            parts["Problem"] = PROBLEM
            cookie = {"type": "apiKey", "in": "cookie", "name": self.state.settings.cookie_name}
            document["components"]["securitySchemes"] = {"browser": cookie, "token": TOKEN}
            document["security"] = [{"browser": []}]
            scopes = dict(_scopes(self))
            for operation in _operations(document):
                _complete(operation, scopes.get(operation["operationId"]))
        return document


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path in document["paths"].values():
        yield from path.values()


def _complete(operation: Operation, scope: str | None) -> None:
    answers = operation["responses"]
    answers.pop("422", None)
    for status, answer in answers.items():
        if status != "204":
            answer.setdefault("content", FILE)
    answers["default"] = REFUSED
    if scope:
        operation["security"] = [{"token": [scope]}, {"browser": []}]


def _scopes(app: FastAPI) -> Iterator[tuple[str, str]]:
    for route in every_route(app):
        if route.include_in_schema and (scope := scope_of(route.dependant)):
            yield str(route.unique_id), scope


def scope_of(dependant: Dependant) -> str | None:
    """The scope that a token needs here: of the door (accounts.doors.with_scope) among a route's dependencies."""
    scope = getattr(dependant.call, "token_scope", None)
    return scope or next((found for inner in dependant.dependencies if (found := scope_of(inner))), None)
