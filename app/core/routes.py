"""Which routes does the application have? FastAPI keeps them folded in the routers that they came with."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.datastructures import URLPath
from starlette.types import ASGIApp

from app.core.signpost import Signpost


class LinkingApp(FastAPI):
    """An application that finds its routes by name and by address. FastAPI asks one after the other.

    A page has many links; and to ask every route twice for each request took four times what answering it takes.
    """

    def build_middleware_stack(self) -> ASGIApp:
        """What a request goes through: before FastAPI's own router stands our signpost."""
        self.router.middleware_stack = Signpost(self.router.app, every_route(self))
        return super().build_middleware_stack()

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The address of the route of this name that takes these parameters. NoMatchFound where there is none."""
        for route in self._named.get(name, ()):
            if route.param_convertors.keys() == path_params.keys():
                return route.url_path_for(name, **path_params)  # type: ignore[no-any-return]
        return super().url_path_for(name, **path_params)

    @cached_property
    def _named(self) -> Mapping[str, Sequence[RouteContext]]:
        found: dict[str, list[RouteContext]] = defaultdict(list)
        for route in every_route(self):
            found[str(route.name)].append(route)
        return found


def every_route(app: FastAPI) -> Iterator[RouteContext]:
    """Every route of ours as it is reached, in the order in which they are tried. Mounts such as /static are none."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            yield context


def methods_at(app: FastAPI, path: str) -> list[str]:
    """The methods that an address answers to, for `Allow`. Whatever can be got, its head can be got."""
    found = {method for route in every_route(app) if route.path_regex.match(path) for method in route.methods or ()}
    if not found or "GET" in found:
        found |= {"GET", "HEAD"}
    return sorted(found)
