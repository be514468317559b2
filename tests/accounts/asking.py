"""How tests of accounts ask: from a network of their choice, many at once, by a link on a page."""

import asyncio
import re
from collections.abc import Iterable
from typing import Any

import httpx2
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from tests.cast import Client
from tests.factories import PASSWORD

NETWORK = "192.0.2.7"


def sign_in(client: TestClient, email: str, password: str = PASSWORD, **more: str) -> Any:
    """Fill in the sign-in page and press its button."""
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def session_of(client: TestClient) -> int:
    """The status that this browser's session gives it."""
    return client.get("/api/v1/me").status_code


def browser(app: Any, address: str = NETWORK) -> Client:
    """A browser in which nobody is signed in, at a network address."""
    return Client(app, address=address)


def holding(app: Any, cookie: str, value: str) -> Client:
    """A browser that holds this cookie and no other."""
    client = browser(app)
    client.cookies.set(cookie, value)
    return client


def at_once(app: FastAPI, requests: Iterable[tuple[str, str, dict[str, Any]]]) -> list[httpx2.Response]:
    """Send all requests (address, path, form) at the same time, each from its own browser."""

    async def one(address: str, path: str, options: dict[str, Any]) -> httpx2.Response:
        transport = httpx2.ASGITransport(app, client=(address, 5000))
        headers = {"Sec-Fetch-Site": "same-origin"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
            return await client.post(path, **options)

    async def all_of_them() -> list[httpx2.Response]:
        return await asyncio.gather(*(one(*request) for request in requests))

    return asyncio.run(all_of_them())


def link_on(page: str) -> str:
    """The path of the one-time link that stands on a page or in a letter."""
    found = re.search(r"http://testserver(/(?:invite|reset|first-admin)/[\w-]+)", page)
    assert found, "no link here"
    return found[1]


def later(session: Session, table: str, column: str, interval: str) -> None:
    """Let time pass for every row of a table: its column moves into the past."""
    session.execute(text(f"UPDATE {table} SET {column} = {column} - interval '{interval}'"))
    session.commit()


def audited(session: Session) -> list[str]:
    """The acts in the audit log, in their order."""
    return list(session.scalars(text("SELECT action FROM audit_log ORDER BY id")))
