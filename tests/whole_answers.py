"""How a browser of the tests asks: a request goes into the event loop and comes back as a whole answer.

Starlette's own transport hands an answer on piece by piece, with seven calls of the loop's thread for each request.
"""

from collections.abc import Callable
from functools import partial
from urllib.parse import unquote

import anyio
import httpx2
from anyio.from_thread import BlockingPortal
from starlette.types import ASGIApp, Message, Scope

PORTS = {"http": 80, "https": 443}


class WholeAnswers(httpx2.BaseTransport):
    """Asks an application, from this address, in the loop behind the portal. What the application raises is raised."""

    def __init__(self, app: ASGIApp, portal: Callable[[], BlockingPortal], address: str) -> None:
        self.app, self.portal, self.address = app, portal, address

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, when the application has done all that it does for this request."""
        url, body = request.url, request.read()
        scope: Scope = {
            "type": "http",
            "http_version": "1.1",
            "method": request.method,
            "path": unquote(url.path),
            "raw_path": url.raw_path.split(b"?", 1)[0],
            "root_path": "",
            "scheme": url.scheme,
            "query_string": url.query,
            "headers": [(name.lower().encode(), value.encode()) for name, value in request.headers.multi_items()],
            "client": (self.address, 50000),
            "server": (url.host, url.port or PORTS[url.scheme]),
            "state": {},
        }
        status, headers, answer = self.portal().call(partial(whole_answer, self.app, scope, body))
        shown = b"" if request.method == "HEAD" else answer
        return httpx2.Response(status, headers=headers, stream=httpx2.ByteStream(shown), request=request)


async def whole_answer(app: ASGIApp, scope: Scope, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body that the application sends."""
    asked: list[Message] = [{"type": "http.request", "body": body}]
    answered = anyio.Event()
    begun: list[Message] = []
    pieces: list[bytes] = []

    async def receive() -> Message:
        if not asked:
            await answered.wait()
            return {"type": "http.disconnect"}
        return asked.pop()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            begun.append(message)
            return
        assert begun, "a body before its status"
        assert not answered.is_set(), "more after the end of an answer"
        pieces.append(bytes(message.get("body", b"")))
        if not message.get("more_body", False):
            answered.set()

    await app(scope, receive, send)
    (start,) = begun
    assert answered.is_set(), "an answer without an end"
    headers = [(name.decode(), value.decode()) for name, value in start.get("headers", [])]
    return start["status"], headers, b"".join(pieces)
