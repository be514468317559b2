"""Addresses of routes for tests that knock at every door."""

import re
from collections.abc import Iterator

from fastapi import FastAPI

from app.core.signpost import every_route

# Ways out of the folder of static files, or to it by another name.
ONLY_STATIC = (
    "/static/../app/main.py",
    "/static/..%2fapp/main.py",
    "/static..%2fapp/main.py",
    "/static/..%5capp",
    "/static//etc/passwd",
    "//static/icon.svg",
    "/static/css/..;/base.css",
    "/static/css/%2e/base.css",
    "/static/icon.svg.",
    "/static/icon.svg/",
    "/static/%2e%2e/pyproject.toml",
    "/static/icon.svg%00.css",
    "/static/css/..%2f..%2fpyproject.toml",
)


ID = re.compile(r"\{[a-z_]+:id\}")
NAME = re.compile(r"\{[a-z_]+(:token)?\}")


def doors(app: FastAPI, *, safe: bool) -> list[tuple[str, str]]:
    """Method and address of every route that only reads (`safe`), or of every other; 1 stands for each id or name."""
    return [(method, address(path, "1")) for method, path in _ways(app) if (method == "GET") is safe]


def doors_with_ids(app: FastAPI, number: str) -> list[tuple[str, str]]:
    """Method and address of every route with an id in its path, and this number for each."""
    return [(method, address(path, number)) for method, path in _ways(app) if ID.search(path)]


def address(path: str, number: str) -> str:
    """The address of a route's path: the number for each id, 1 for each name."""
    return NAME.sub("1", ID.sub(number, path))


def _ways(app: FastAPI) -> Iterator[tuple[str, str]]:
    routes = list(every_route(app))
    assert routes
    for route in routes:
        for method in sorted(route.methods or ()):
            yield method, str(route.path)
