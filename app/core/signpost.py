"""Which route is meant? Found by the fixed words of an address, where FastAPI asks hundreds of routes, one by one."""

from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
API = ["", "api", "v1"]


class Signpost:
    """Leads a request to its route. What no route takes goes `otherwise`: FastAPI knows mounts, and why it refuses."""

    def __init__(self, otherwise: ASGIApp, routes: Iterable[RouteContext]) -> None:
        self.otherwise = otherwise
        self.routes: dict[tuple[str, tuple[int | str, ...]], list[RouteContext]] = defaultdict(list)
        for route in routes:
            for method in route.methods or ():
                self.routes[method, sign(str(route.path))].append(route)
        self.by_last_word = {
            (where, word): [one for one in there if may_end(one, word)]
            for where, there in self.routes.items()
            for word in {last_word(str(one.path)) for one in there}
        }
        assert not any("{" in str(words) for words in self.routes), "an address whose first word is a parameter"

    def find(self, scope: Scope) -> tuple[RouteContext, Scope] | None:
        """The route that takes this address by this method, and what it adds to the scope. None where none does."""
        where = scope["method"], sign(scope["path"])
        there = self.by_last_word.get((where, last_word(scope["path"]))) or self.routes.get(where, [])
        for route in there:
            match, found = route.matches(scope)
            if match is Match.FULL:
                return route, {**found, "route": route.original_route}
        return None

    def straight(self, scope: Scope) -> Handler | None:
        """What carries this request out by itself, if its route can; then the scope tells of the route."""
        if (found := self.find(scope)) is None:
            return None
        handler: Handler | None = found[1]["route"].straight
        if handler is not None:
            scope.update(found[1])
        return handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As FastAPI's router, which it stands before."""
        if scope["type"] == "http" and (found := self.find(scope)):
            route, added = found
            scope.update(added)
            await route.app(scope, receive, send)
        else:
            await self.otherwise(scope, receive, send)


def sign(path: str) -> tuple[int | str, ...]:
    """How many words an address has, and the first that tells routes apart: `/runs/7` is (3, 1, "runs")."""
    words = path.split("/")
    first = 3 if words[:3] == API else 1
    return len(words), first, *words[first : first + 1]


def last_word(path: str) -> str:
    """The last word of an address."""
    return path.rpartition("/")[2]


def may_end(route: RouteContext, word: str) -> bool:
    """Whether the last word of a route's address is this one, or a parameter."""
    last = last_word(str(route.path))
    return last == word or "{" in last


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
