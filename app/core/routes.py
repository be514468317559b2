"""Which routes does the application have? FastAPI keeps them folded in the routers that they came with."""

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts


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
