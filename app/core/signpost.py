"""Which route is meant? Found by the fixed words of an address, where FastAPI asks hundreds of routes, one by one."""

from collections import defaultdict
from collections.abc import Iterable

from fastapi.routing import RouteContext
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

API = ["", "api", "v1"]


class Signpost:
    """Leads a request to its route. What no route takes goes `otherwise`: FastAPI knows mounts, and why it refuses."""

    def __init__(self, otherwise: ASGIApp, routes: Iterable[RouteContext]) -> None:
        self.otherwise = otherwise
        self.routes: dict[tuple[int | str, ...], list[RouteContext]] = defaultdict(list)
        for route in routes:
            self.routes[sign(str(route.path))].append(route)
        assert not any("{" in str(words) for words in self.routes), "an address whose first word is a parameter"

    def find(self, scope: Scope) -> tuple[RouteContext, Scope] | None:
        """The route that takes this address by this method, and what it adds to the scope. None where none does."""
        for route in self.routes.get(sign(scope["path"]), ()):
            match, found = route.matches(scope)
            if match is Match.FULL:
                return route, {**found, "route": route.original_route}
        return None

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
