"""The application as its routes are found: by name for links, by address for requests."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from fastapi import FastAPI
from fastapi.routing import RouteContext
from starlette.datastructures import URLPath
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.middleware import Frontier
from app.core.signpost import Signpost, every_route

ADDRESSES = 4096


class LinkingApp(FastAPI):
    """An application that finds its routes by name and by address. FastAPI asks one after the other.

    A page has many links; and to ask every route twice for each request took four times what answering it takes.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A request goes straight to our frontier: FastAPI would ask each time whether somebody wants telemetry."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        if self.middleware_stack is None:
            self.middleware_stack = self.build_middleware_stack()
        await self.middleware_stack(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """What a request goes through: our frontier, and where no route of ours answers in one thread, FastAPI's own.

        Before FastAPI's router stands our signpost."""
        signpost = Signpost(self.router.app, every_route(self))
        self.router.middleware_stack = signpost
        return Frontier(super().build_middleware_stack(), signpost, self.state.settings)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The address of the route of this name that takes these parameters. NoMatchFound where there is none."""
        return self._kept(name, **path_params)

    @cached_property
    def _kept(self) -> Callable[..., URLPath]:
        """Most of a page's links lead where the links of the page before led."""
        return lru_cache(ADDRESSES)(self._address)

    def _address(self, name: str, /, **path_params: Any) -> URLPath:
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
