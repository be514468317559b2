"""The OpenAPI document of the JSON doors, made so that a generator of clients can use it as it stands."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant

from app.core.routes import LinkingApp
from app.core.signpost import every_route
from app.core.strict_route import ID_DIGITS

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
CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
# What every operation may answer, what one that is told what is meant, what one of which the address names it, and what
# one that is sent something or changes it.
ANYWHERE = {
    "400": "The request cannot be read.",
    "401": "Nobody is signed in, or the token is no good.",
    "403": "You may know of it, but may not do it.",
    "414": "The address is too long.",
    "422": "Well-formed but refused; `errors` names each place.",
    "429": "Too many tries; `Retry-After` says how long to wait.",
    "503": "No capacity now; `Retry-After` says when to try again.",
}
OF_SOMETHING = {"404": "There is no such thing for you."}
NOT_NOW = {"409": "The state moved on, or something stands against it now; `detail` says what."}
OF_ONE = {**NOT_NOW, "410": "It is gone for good, as with a person who was erased; `detail` says why."}
CHANGING = {
    "408": "What was sent did not arrive in time.",
    **NOT_NOW,
    "413": "More bytes than the limit.",
    "415": "A content type that is not taken here.",
}
REFUSALS = ANYWHERE | OF_SOMETHING | OF_ONE | CHANGING
# pydantic's names of bounds behind a validator of ours, and JSON Schema's.
BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
BODILESS = ("204", "304", "416")
FILE = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
# What a route that sends a file also answers, and what it looks at: for `responses` and `openapi_extra`.
SENDS_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole file.", "content": FILE},
    206: {"description": "The part that was asked for.", "content": FILE},
    304: {"description": "You have these bytes already."},
    412: {"description": "The file is another than If-Match names.", "content": CONTENT},
    416: {"description": "The file has no such part; `Content-Range` says its size."},
}
ASKED_OF_FILE = {
    "parameters": [
        {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "description": what}
        for name, what in (
            ("Range", "One range of bytes, as in `bytes=1000-`."),
            ("If-Range", "The ETag that the part must be of; the whole comes where it is another."),
            ("If-None-Match", "The ETag that you have already, or several; with `*` whatever you have."),
            ("If-Match", "The ETag that the file must have, or several."),
        )
    ]
}
TOKEN = {"type": "http", "scheme": "bearer", "description": "A token made under Account, Tokens."}


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
            document["components"]["responses"] = {
                status: {"description": why, "content": CONTENT} for status, why in REFUSALS.items()
            }
            scopes = dict(_scopes(self))
            for method, operation in _operations(document):
                _complete(method, operation, scopes.get(operation["operationId"]))
            _spell_bounds(document)
        return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, Operation]]:
    for path in document["paths"].values():
        yield from path.items()


def _complete(method: str, operation: Operation, scope: str | None) -> None:
    answers, given = operation["responses"], operation.get("parameters", [])
    answers.pop("422", None)
    for status, answer in answers.items():
        if status not in BODILESS:
            answer.setdefault("content", FILE)
    named = [one["schema"] for one in given if one["in"] == "path"]
    for schema in named:
        if schema["type"] == "integer":
            schema |= {"minimum": 1, "exclusiveMaximum": 10**ID_DIGITS}
    may = ANYWHERE | (OF_SOMETHING if given else {}) | (OF_ONE if named else {}) | (CHANGING if method != "get" else {})
    answers |= {status: {"$ref": f"#/components/responses/{status}"} for status in sorted(may) if status not in answers}
    operation["summary"] = operation["description"].partition(".")[0]
    if scope:
        operation["security"] = [{"token": [scope]}, {"browser": []}]


def _spell_bounds(part: Any) -> None:
    """Say the bounds of numbers in JSON Schema's words, all over the document."""
    if isinstance(part, dict):
        for ours, theirs in BOUNDS.items():
            if isinstance(part.get(ours), int | float):
                part[theirs] = part.pop(ours)
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _spell_bounds(inner)


def _scopes(app: FastAPI) -> Iterator[tuple[str, str]]:
    for route in every_route(app):
        if route.include_in_schema and (scope := scope_of(route.dependant)):
            yield str(route.unique_id), scope


def scope_of(dependant: Dependant) -> str | None:
    """The scope that a token needs here: of the door (accounts.doors.with_scope) among a route's dependencies."""
    scope = getattr(dependant.call, "token_scope", None)
    return scope or next((found for inner in dependant.dependencies if (found := scope_of(inner))), None)
