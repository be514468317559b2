"""What happens to every request before and after its route: id, admission, headers, log."""

import secrets
import time
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.admission import Admission
from app.core.bodies import limited
from app.core.errors import DomainError
from app.core.logs import logger
from app.core.problems import answer, answer_unforeseen
from app.core.settings import Settings

log = logger("penset.request")
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
}


class Frontier:
    """Refuses what may not come in, dresses what goes out, answers what went wrong. The outermost of our middleware."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.secure, self.admission = app, settings.secure, Admission(settings)

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
        request = Request(scope)
        try:
            self.admission.check(scope, headers)
            await self.app(scope, limited(receive, scope, headers), outward)
        except DomainError as error:
            await answer(request, error)(scope, receive, outward)
        except Exception as error:
            if outward.status is not None:
                raise  # half an answer has left: only breaking the connection tells the client
            await answer_unforeseen(request, error)(scope, receive, outward)


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
            self._dress(MutableHeaders(scope=message))
        elif self.only_head:
            message = {**message, "body": b""}
        await self.send(message)

    def _dress(self, headers: MutableHeaders) -> None:
        for name, value in ALWAYS.items():
            headers[name] = value
        headers["X-Request-Id"] = self.request_id
        headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        headers.setdefault("Cache-Control", "no-store")
        if self.state.get("committed") and (cookie := self.state.get("new_cookie")):
            headers.raw.insert(0, (b"set-cookie", cookie.encode("latin-1")))  # one that the route sets comes later
        if self.secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"

    def write_log(self, method: str, route: str | None) -> None:
        """One line a request. The address is not in it: it may hold a one-time link."""
        ms = round((time.monotonic() - self.started) * 1000, 1)
        log.info("request", method=method, route=route, status=self.status or 500, ms=ms)
