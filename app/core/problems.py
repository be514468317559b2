"""One error, two doors: RFC 9457 problem documents for programs, the same words on a page for people."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from app.core.errors import (
    PLACES_LISTED,
    Conflict,
    DomainError,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NotFound,
    NotSignedIn,
    Place,
    Unavailable,
)
from app.core.logs import logger
from app.core.signpost import methods_at

log = logger("penset.problem")
BEGINNING = re.compile(r"\A(Input|Value|String|List) should ")


def answer(request: Request, error: DomainError) -> Response:
    """The error as this client wants it: a problem document under /api, a page elsewhere."""
    if request.url.path.startswith("/api/"):
        return problem_document(request, error)
    return request.app.state.error_page(request, error)  # type: ignore[no-any-return]


def problem_document(request: Request, error: DomainError) -> JSONResponse:
    """application/problem+json with a stable type; refused values are never repeated."""
    body: dict[str, Any] = {
        "type": f"/errors/{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.sentence,
        "instance": f"urn:request:{request.scope.get('state', {}).get('request_id', '')}",
    }
    if error.places:
        body["errors"] = [{"pointer": p.pointer, "detail": p.detail} for p in error.places[:PLACES_LISTED]]
        body["errors_in_all"] = len(error.places)
    headers = dict(error.headers)
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body | error.extra, error.status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Tell the application how each kind of failure is answered."""
    for kind, handler in HANDLERS.items():
        app.add_exception_handler(kind, handler)


def answer_to(request: Request, error: Exception) -> Response:
    """The answer to whatever a route has raised."""
    handler = next((HANDLERS[kind] for kind in type(error).__mro__ if kind in HANDLERS), _bug)
    return handler(request, error)


def answer_unforeseen(request: Request, error: Exception) -> Response:
    """The answer to what no handler took, or to what broke inside one."""
    if isinstance(error, DBAPIError):
        return _database(request, error)
    if isinstance(error, PoolTimeout):
        return _busy(request, error)
    return _bug(request, error)


def _domain(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    if error.status == 403 and (hook := getattr(request.app.state, "on_refused", None)):
        hook(request, error)
    return answer(request, error)


def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = error.errors()
    if any(item["loc"][0] == "path" for item in wrong):
        return answer(request, NotFound("core.no_such_page", "There is no such page."))
    places = [Place(pointer(item["loc"]), sentence_of(item)) for item in wrong]
    return answer(request, Invalid("input.invalid", "Some of this was not accepted; nothing was stored.", *places))


def pointer(location: tuple[int | str, ...]) -> str:
    """The JSON Pointer of a place in the body, or /query/name for a query parameter."""
    return "".join(step(part) for part in location[location[:1] == ("body",) :])


def step(part: int | str) -> str:
    """One step of a JSON Pointer, of which a long name shows its beginning."""
    return "/" + str(part).replace("~", "~0").replace("/", "~1")[:80]


def sentence_of(item: dict[str, Any]) -> str:
    """What is wrong at a place, in our words where we have them."""
    if item["type"] == "string_unicode":
        return "holds half a surrogate pair"
    if item["type"] == "extra_forbidden":
        return "is not a field that can be given here"
    if item["type"] == "missing":
        return "is missing"
    if item["type"] in ("model_type", "model_attributes_type", "dict_type"):
        return "is not an object"
    return words_of_pydantic(item)


def words_of_pydantic(item: Mapping[str, Any]) -> str:
    """Its sentence, which begins with the verb as ours do."""
    return BEGINNING.sub("should ", str(item["msg"]))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return answer(request, NotFound("core.no_such_page", "There is no such page."))
    if error.status_code == 405:
        allowed = methods_at(request.app, request.url.path)
        return answer(
            request,
            MethodNotAllowed(
                "core.method_not_allowed", "This address does not answer to that method.", allowed=allowed
            ),
        )
    other = Malformed("core.bad_request", "This request cannot be read.")
    other.status = error.status_code
    return answer(request, other)


def _database(request: Request, error: Exception) -> Response:
    """A database failure that says nothing of the inside: too slow, in conflict, or away."""
    assert isinstance(error, DBAPIError)
    cause = error.orig
    state = getattr(cause, "sqlstate", None)
    log.warning("database_refused", sqlstate=state, kind=type(cause).__name__)
    if isinstance(cause, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure):
        return answer(request, Conflict("core.in_each_others_way", "Two changes met. Nothing was stored; try again."))
    if isinstance(cause, psycopg.errors.QueryCanceled | psycopg.errors.LockNotAvailable):
        return answer(request, Unavailable("core.too_slow", "This took too long. Nothing was stored; try again."))
    if error.connection_invalidated or isinstance(error, OperationalError):
        return answer(
            request, Unavailable("core.database_away", "The database is away for a moment. Nothing was stored.")
        )
    return _bug(request, error)


def _busy(request: Request, error: Exception) -> Response:
    return answer(request, Unavailable("core.busy", "Penset is busy. Nothing was changed; please try again."))


def _left(request: Request, error: Exception) -> Response:
    return Response(status_code=400)


def _bug(request: Request, error: Exception) -> Response:
    log.error("bug", kind=type(error).__name__, exc_info=error)
    return answer(
        request, DomainError("core.bug", "This is a fault of Penset. Nothing was stored; the log knows the request.")
    )


HANDLERS: dict[type[Exception], Callable[[Request, Exception], Response]] = {
    DomainError: _domain,
    RequestValidationError: _validation,
    HTTPException: _http,
    DBAPIError: _database,
    PoolTimeout: _busy,
    ClientDisconnect: _left,
}
