"""What happens to every request before and after its route: id, admission, headers, log."""

import secrets
import time
from collections.abc import Iterable
from typing import Any

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.admission import Admission
from app.core.bodies import limited
from app.core.errors import DomainError
from app.core.logs import say
from app.core.problems import answer, answer_to, answer_unforeseen
from app.core.settings import Settings
from app.core.signpost import Handler, Signpost

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
ALWAYS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
}
UNLESS_SET = {b"content-security-policy": CONTENT_POLICY.encode(), b"cache-control": b"no-store"}
ONLY_OURS = {*ALWAYS, b"x-request-id", b"strict-transport-security"}


class Frontier:
    """Refuses what may not come in, dresses what goes out, answers what went wrong. The outermost of our middleware."""

    def __init__(self, app: ASGIApp, signpost: Signpost, settings: Settings) -> None:
        self.app, self.signpost = app, signpost
        self.secure, self.admission = settings.secure, Admission(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, outward = Headers(scope=scope), Outward(send, scope, secure=self.secure)
        state = scope["state"]
        state["request_id"], state["address"] = outward.request_id, self.admission.address(scope, headers)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=outward.request_id)
        # The routes know GET. A head is what they answer to it, less the body (RFC 9110, 9.3.2).
        inner = {**scope, "method": "GET"} if outward.only_head else scope
        try:
            await self._answer(inner, receive, outward, headers)
        finally:
            outward.write_log(scope["method"], getattr(inner.get("route"), "name", None))

    async def _answer(self, scope: Scope, receive: Receive, outward: "Outward", headers: Headers) -> None:
        try:
            self.admission.check(scope, headers)
            bounded = limited(receive, scope, headers)
            if handler := self.signpost.straight(scope):
                response = await answered(handler, Request(scope, bounded))
                await response(scope, bounded, outward)
            else:
                await self.app(scope, bounded, outward)
        except Exception as error:
            if outward.status is not None:
                raise  # half an answer has left: only breaking the connection tells the client
            request = Request(scope)
            told = answer(request, error) if isinstance(error, DomainError) else answer_unforeseen(request, error)
            await told(scope, receive, outward)


async def answered(handler: Handler, request: Request) -> Response:
    """What the route answers, or what is answered to what it raised."""
    try:
        return await handler(request)
    except Exception as error:
        told = await run_in_threadpool(answer_to, request, error)
        error.__traceback__ = None  # one that is raised again and again would remember each time
        return told


class Outward:
    """The `send` of one request: puts on what every answer wears, and remembers what it was.

    A `new_cookie` that the request's transaction made is handed over once that is committed, never before.
    """

    def __init__(self, send: Send, scope: Scope, *, secure: bool) -> None:
        self.send, self.only_head, self.secure = send, scope["method"] == "HEAD", secure
        self.state: dict[str, Any] = scope.setdefault("state", {})
        self.request_id = secrets.token_hex(8)
        self.started = time.monotonic()
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self._dressed(message.get("headers", ()))
        elif self.only_head:
            message = {**message, "body": b""}
        await self.send(message)

    def _dressed(self, given: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        headers = [header for header in given if header[0] not in ONLY_OURS]
        names = {name for name, _ in headers}
        headers += ALWAYS.items()
        headers += [header for header in UNLESS_SET.items() if header[0] not in names]
        headers.append((b"x-request-id", self.request_id.encode()))
        if self.state.get("committed") and (cookie := self.state.get("new_cookie")):
            headers.insert(0, (b"set-cookie", cookie.encode("latin-1")))  # one that the route sets comes later
        if self.secure:
            headers.append((b"strict-transport-security", b"max-age=31536000"))
        return headers

    def write_log(self, method: str, route: str | None) -> None:
        """One line a request. The address is not in it: it may hold a one-time link."""
        ms = round((time.monotonic() - self.started) * 1000, 1)
        say("request", request_id=self.request_id, method=method, route=route, status=self.status or 500, ms=ms)
