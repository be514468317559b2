"""The way of a test's request into the application: one step into its event loop, and the whole answer back.

Starlette's own passes each part of an answer between the threads, at twice the cost of what many requests do.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx2
from starlette.types import ASGIApp, Message


class Passage(httpx2.BaseTransport):
    """Asks the application from a network address, in the loop of all tests. What it raises, the test hears."""

    loop: asyncio.AbstractEventLoop

    def __init__(self, app: ASGIApp, address: str) -> None:
        self.app = app
        self.address = address

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, when the application has done all that it does for this request."""
        scope = scope_of(request, self.address)
        answered = asyncio.run_coroutine_threadsafe(ask(self.app, scope, request.read()), self.loop)
        start, *parts = answered.result()
        body = b"" if request.method == "HEAD" else b"".join(part.get("body", b"") for part in parts)
        stream = httpx2.ByteStream(body)
        return httpx2.Response(start["status"], headers=start["headers"], stream=stream, request=request)


def scope_of(request: httpx2.Request, address: str) -> dict[str, Any]:
    """The request as a server tells it to an application."""
    return {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?", 1)[0],
        "root_path": "",
        "query_string": request.url.query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": (address, 50000),
        "server": (request.url.host, request.url.port or {"http": 80, "https": 443}[request.url.scheme]),
        "state": {},
    }


async def ask(app: ASGIApp, scope: dict[str, Any], body: bytes) -> Sequence[Message]:
    """All messages of the answer. The browser stays until it has heard the last one."""
    asked, answered = [{"type": "http.request", "body": body}], asyncio.Event()
    told: list[Message] = []

    async def receive() -> Message:
        if asked:
            return asked.pop()
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        told.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            answered.set()

    await app(scope, receive, send)
    return told
