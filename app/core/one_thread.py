"""A request in one thread: who asks, what is done, what is answered, the commit. FastAPI changes threads for each.

A change of threads takes longer than most of what is done between two of them. What reads the request is done in the
event loop before; a route whose dependencies wait for something (an upload, a password's hash) is left to FastAPI.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from inspect import isclass
from typing import Any, get_args, get_origin

from fastapi._compat import ModelField, Undefined
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant, _is_async_gen_callable, _is_coroutine_callable, _is_gen_callable
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from fastapi.params import Form
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from app.core.database import Turn, request_session
from app.core.idempotency import answer_once, keyed
from app.core.threads import in_a_thread

Given = tuple[dict[str, Any], list[Any]]  # values by name, and what is wrong with others


def fits(dependant: Dependant) -> bool:
    """Whether nothing here waits: the route and what it depends on are plain functions, or the request's session."""
    inner = list(below(dependant))
    plain = all(one.call is request_session or is_plain(one.call) for one in (dependant, *inner))
    return plain and not any(one.body_params for one in inner) and not any(map(asks_for_more, (dependant, *inner)))


def below(dependant: Dependant) -> Iterator[Dependant]:
    """All that something depends on."""
    for inner in dependant.dependencies:
        yield inner
        yield from below(inner)


def is_plain(call: Any) -> bool:
    """Whether FastAPI would neither wait for it nor go on with it later."""
    return not (_is_coroutine_callable(call) or _is_gen_callable(call) or _is_async_gen_callable(call))


def asks_for_more(dependant: Dependant) -> bool:
    """Whether it wants what is not given here: cookies, work for afterwards, scopes, to be asked twice."""
    return bool(
        dependant.cookie_params
        or dependant.background_tasks_param_name
        or dependant.security_scopes_param_name
        or dependant.http_connection_param_name
        or dependant.websocket_param_name
        or not dependant.use_cache
    )


async def answer(route: APIRoute, request: Request, *, in_transaction: bool) -> Response:
    """Carry a request out, in a transaction of its own where the route takes a session."""
    try:
        act = Act(route, request, await body_of(route, request))
        if not in_transaction:
            return await run_in_threadpool(act.answered)
        async with Turn(request):
            return await in_a_thread(act.answered_and_committed)
    finally:
        await request.close()


async def body_of(route: APIRoute, request: Request) -> Given:
    """What the route takes of what was sent."""
    if request.method != "GET":
        request.state.body = await request.body()
    if route.body_field is None:
        return {}, []
    if not isinstance(route.body_field.field_info, Form):
        sent = await request.json() if request.state.body else Undefined
    else:
        sent = await request.form()
    return await request_body_to_args(route.dependant.body_params, sent, route._embed_body_fields)  # noqa: SLF001


def read_path(fields: Sequence[ModelField], received: Mapping[str, Any]) -> Given:
    """Parts of the address by name. All of them are there, or it would not be that of the route."""
    values, wrong = dict[str, Any](), list[Any]()
    for one in fields:
        values[one.name], wrong_there = one.validate(received[one.alias], values, loc=("path", one.alias))
        wrong += wrong_there
    return values, wrong


def read(fields: Sequence[ModelField], received: Any) -> Given:
    """Parameters by name, as FastAPI reads them. Where a query is one model of plain fields, whose names have been
    looked at, the model says by itself what is wrong; FastAPI asks for each field anew how it is declared."""
    declared: Any = fields[0].field_info.annotation
    if isinstance(received, QueryParams) and len(fields) == 1 and is_plain_model(declared):
        value, wrong = fields[0].validate(dict(received), {}, loc=("query",))
        return ({} if wrong else {fields[0].name: value}), wrong
    return request_params_to_args(fields, received)


@cache
def is_plain_model(annotation: Any) -> bool:
    """Whether it is a model that has a value for each name, and each by its own."""
    if not (isclass(annotation) and issubclass(annotation, BaseModel)):
        return False
    fields = annotation.model_fields.values()
    return all(one.alias is None and one.validation_alias is None and not is_list(one.annotation) for one in fields)


def is_list(annotation: Any) -> bool:
    """Whether a parameter of this type takes several values: a list, or a list or none."""
    return get_origin(annotation) is list or any(get_origin(one) is list for one in get_args(annotation))


@dataclass
class Act:
    """One request on its way through its route. `made`: what its dependencies have given so far."""

    route: APIRoute
    request: Request
    body: Given
    made: dict[Any, Any] = field(default_factory=dict)

    @cached_property
    def beside(self) -> Response:
        """What takes the headers that a route or a dependency sets beside what it says."""
        return Response(status_code=200)

    def answered_and_committed(self) -> Response:
        """The answer, of which the client hears when all that was done is stored; the transaction is undone else."""
        with self.request.app.state.sessions.begin() as session:
            self.request.state.session = self.made[request_session] = session
            response = self.answered()
        self.request.state.committed = True
        return response

    def answered(self) -> Response:
        """The answer of the route; the first one again where the request's key has been answered."""
        values, wrong = self.values_for(self.route.dependant)
        wrong += self.body[1]
        if wrong:
            raise RequestValidationError(wrong)
        carry_out = partial(self.carried_out, values | self.body[0])
        if key := self.made.get(keyed):
            return answer_once(self.made[request_session], key, self.request.state.actor.user_id, carry_out)
        return carry_out()

    def carried_out(self, values: dict[str, Any]) -> Response:
        """The answer to what the route does now."""
        assert self.route.dependant.call
        said = self.route.dependant.call(**values)
        return said if isinstance(said, Response) else self.written(said)

    def values_for(self, dependant: Dependant) -> Given:
        """What a function is to be called with. Each dependency is asked once."""
        values, wrong = dict[str, Any](), list[Any]()
        for inner in dependant.dependencies:
            if inner.call not in self.made:
                given, wrong_there = self.values_for(inner)
                if wrong_there:
                    wrong += wrong_there
                    continue
                assert inner.call
                self.made[inner.call] = inner.call(**given)
            if inner.name is not None:
                values[inner.name] = self.made[inner.call]
        request = self.request
        of_path, wrong_there = read_path(dependant.path_params, request.path_params)
        values |= of_path
        wrong += wrong_there
        for fields, received in (
            (dependant.query_params, request.query_params),
            (dependant.header_params, request.headers),
        ):
            if fields:
                given, wrong_there = read(fields, received)
                values |= given
                wrong += wrong_there
        if dependant.request_param_name:
            values[dependant.request_param_name] = request
        if dependant.response_param_name:
            values[dependant.response_param_name] = self.beside
        return values, wrong

    def written(self, said: Any) -> Response:
        """What a route said, in JSON: only the fields that its declaration names. The headers are those it set."""
        status, described = self.route.status_code or 200, self.route.response_field
        if described is None:
            declared = self.route.response_class
            kind = declared.value if isinstance(declared, DefaultPlaceholder) else declared
            response: Response = kind(jsonable_encoder(said), status)
        else:
            value, wrong = described.validate(said, {}, loc=("response",))
            if wrong:
                raise ResponseValidationError(wrong, body=said)
            response = Response(described.serialize_json(value), status, media_type="application/json")
        if status == 204:
            response.body = b""
        response.headers.raw.extend(one for one in self.beside.headers.raw if one[0] != b"content-length")
        return response
