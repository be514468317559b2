"""A route that takes exactly what it declares: its query names, its content type, its JSON, its ids."""

import inspect
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from threading import RLock
from typing import Any

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from fastapi.params import Form
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.warnings import UnsupportedFieldAttributeWarning
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path, get_name

from app.core import one_thread
from app.core.database import request_session
from app.core.errors import Invalid, Place, WrongMediaType
from app.core.forms import check_form
from app.core.idempotency import keyed, takes_key
from app.core.signpost import Handler
from app.core.strict_json import loads
from app.core.tokens import bad_token, holds_token

ID_DIGITS = 18
OF_PATH = ("path_regex", "path_format", "param_convertors")


class IdConvertor(Convertor[int]):
    """`{prompt_id:id}`: a positive number of up to 18 ASCII digits; anything else is no address of ours."""

    regex = f"[1-9][0-9]{{0,{ID_DIGITS - 1}}}"

    def convert(self, value: str) -> int:
        """The number that stands in the address."""
        return int(value)

    def to_string(self, value: int) -> str:
        """The number as the address writes it."""
        return str(value)


class TokenConvertor(Convertor[str]):
    """`{token:token}`: what can be the secret of a one-time link, and can stand in a cookie."""

    regex = "[A-Za-z0-9_-]{1,64}"

    def convert(self, value: str) -> str:
        """The secret as it stands in the address."""
        return value

    def to_string(self, value: str) -> str:
        """The secret as the address writes it."""
        return value


register_url_convertor("id", IdConvertor())
register_url_convertor("token", TokenConvertor())


def operation_id(route: APIRoute) -> str:
    """`api.prompts.show` is the operation prompts_show."""
    return route.name.removeprefix("api.").replace(".", "_")


class StrictRoute(APIRoute):
    """A route that reads its content type, its JSON and its query exactly as declared.

    `straight`: what carries a request out without FastAPI around it; None where FastAPI has to.

    What it declares is read when a first request, or the document, asks for it: that takes milliseconds a route, and
    there are hundreds of them.
    """

    straight: Handler | None

    def __init__(self, path: str, endpoint: Callable[..., Any], **declared: Any) -> None:
        """As FastAPI's. Here stands what routes are told apart by: the rest is behind `__getattr__`."""
        self._declared, self._is_read, self._reading = declared, False, RLock()
        self._declared["generate_unique_id_function"] = operation_id
        self.path, self.endpoint = path, endpoint
        self.name = declared.get("name") or get_name(endpoint)
        self.methods = {method.upper() for method in declared.get("methods") or ["GET"]}
        if takes_key(path, self.methods, endpoint):
            self._declared["dependencies"] = [*(declared.get("dependencies") or ()), Depends(keyed)]
        self.include_in_schema = declared.get("include_in_schema", True)

    def __getattr__(self, name: str) -> Any:
        """What a route does not have yet: its pattern by itself; of all else FastAPI reads the declaration, once."""
        with self._reading:
            if name in OF_PATH:
                self.path_regex, self.path_format, self.param_convertors = compile_path(self.path)
            elif not self._is_read:
                self._is_read = True
                super().__init__(self.path, self.endpoint, **self._declared)
                self._complete_models()
        return object.__getattribute__(self, name)

    def _complete_models(self) -> None:
        """Read the models of bodies and queries, which wait for it (`defer_build`). FastAPI would when a request comes,
        and be told that an alias has no effect there: what it ignores itself where models do not wait."""
        everywhere = (self.dependant, *one_thread.below(self.dependant))
        models = [field for one in everywhere for field in (*one.query_params, *one.body_params)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnsupportedFieldAttributeWarning)
            for field in (*models, self.body_field) if self.body_field else models:
                field._type_adapter.rebuild()  # noqa: SLF001

    def get_route_handler(self) -> Handler:
        """FastAPI's handler, or ours where nothing waits, behind our checks of query, content type and JSON."""
        if not one_thread.fits(self.dependant):
            self.straight = None
            return self._strictly(super().get_route_handler())
        in_transaction = any(one.call is request_session for one in one_thread.below(self.dependant))
        self.straight = self._strictly(partial(one_thread.answer, self, in_transaction=in_transaction))
        return self.straight

    def _strictly(self, handler: Handler) -> Handler:
        known = self._query_names()
        form = self.body_field is not None and isinstance(self.body_field.field_info, Form)

        async def strict(request: Request) -> Response:
            check_query_names(request, known)
            if self.body_field is not None:
                await check_body(request, form=form)
            return await handler(request)

        return strict

    def _query_names(self) -> dict[str, bool]:
        """The route's query parameters, and of each whether it may be given several times: a list may."""
        names: dict[str, bool] = {}
        waiting: list[Dependant] = [self.dependant]
        while waiting:
            dependant = waiting.pop()
            waiting += dependant.dependencies
            for field in dependant.query_params:
                model = field.field_info.annotation
                if inspect.isclass(model) and issubclass(model, BaseModel):
                    for name, info in model.model_fields.items():
                        names[info.alias or name] = one_thread.is_list(info.annotation)
                else:
                    names[field.alias] = one_thread.is_list(model)
        return names


def check_query_names(request: Request, known: Mapping[str, bool]) -> None:
    """Refuse a query parameter that the route does not have, or that is given twice; a token there lets nobody in."""
    seen: set[str] = set()
    for name, value in request.query_params.multi_items():
        if name not in known and holds_token(name, value):
            raise bad_token()
        if name not in known or (name in seen and not known[name]):
            detail = "is given twice" if name in seen else "is not known here"
            raise Invalid("input.query", f"A query parameter {detail}.", Place(f"/query/{name[:40]}", detail))
        seen.add(name)


async def check_body(request: Request, *, form: bool) -> None:
    """Refuse another content type than the route's; parse JSON by our rules, once."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if form:
        await check_form(request, kind)
        return
    body = await request.body()
    if kind != "application/json" and (body or kind):
        raise WrongMediaType("input.not_json_type", "Send this as application/json.")
    if body:
        request._json = loads(body)  # noqa: SLF001 - what Request.json() would keep, read by our rules
