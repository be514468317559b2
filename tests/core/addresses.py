"""Addresses of routes for tests that knock at every door."""

import re

from fastapi import FastAPI

from app.core.routes import every_route

PLACE = re.compile(r"\{[a-z_]+(:id)?\}")


def doors(app: FastAPI, *, safe: bool) -> list[tuple[str, str]]:
    """Method and address of every route that only reads (`safe`), or of every other; 1 stands for each id."""
    found = [
        (method, PLACE.sub("1", str(route.path)))
        for route in every_route(app)
        for method in sorted(route.methods or ())
        if (method == "GET") is safe
    ]
    assert found
    return found
