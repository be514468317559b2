"""What happens to every request before and after its route: id, host, origin, size, headers, log."""

import secrets
import time
from ipaddress import ip_address, ip_network
from urllib.parse import unquote_to_bytes, urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import percent
from app.core.errors import DomainError, Invalid, Malformed, NotFound, Place, Refused, TooLarge
from app.core.logs import logger
from app.core.problems import answer
from app.core.settings import Settings, is_loopback

log = logger("penset.request")
BODY_LIMIT = 2 << 20
IMPORT_LIMIT = 64 << 20
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"


class Frontier:
    """Refuses what may not come in, and dresses what goes out. The outermost of our middleware."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings
        self.proxies = [ip_network(network) for network in settings.trusted_proxies]
        self.hosts = {urlsplit(settings.public_url).netloc}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.monotonic()
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        headers = Headers(scope=scope)
        scope["state"]["address"] = self._address(scope, headers)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        status = 500

        async def send_dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._dress(MutableHeaders(scope=message), scope, request_id)
            await send(message)

        try:
            self._admit(scope, headers)
            await self.app(scope, limited(receive, scope, headers), send_dressed)
        except DomainError as error:
            await answer(Request(scope), error)(scope, receive, send_dressed)
        finally:
            route = scope.get("route")
            log.info(
                "request",
                method=scope["method"],
                route=getattr(route, "path", None),
                status=status,
                ms=round((time.monotonic() - started) * 1000, 1),
            )

    def _admit(self, scope: Scope, headers: Headers) -> None:
        host = headers.get("host", "")
        if host not in self.hosts and not (self.settings.host == "testserver" and host == "testserver"):
            raise Malformed("core.unknown_host", f"This site is reached at {self.settings.public_url}.")
        if scope["method"] == "TRACE":
            raise NotFound("core.no_such_page", "There is no such page.")
        check_query(scope["query_string"])
        check_path(scope)
        if scope["method"] not in SAFE_METHODS:
            self._same_origin(headers)

    def _same_origin(self, headers: Headers) -> None:
        """Fetch metadata first; `Origin` where the browser sends none (plain http beyond loopback)."""
        if headers.get("authorization", "").lower().startswith("bearer "):
            return
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None:
            same = site in ("same-origin", "none")
        elif origin is not None:
            same = origin == self.settings.public_url
        else:
            same = "cookie" not in headers
        if not same:
            raise Refused("core.cross_site", "This request came from another site and was not carried out.")

    def _address(self, scope: Scope, headers: Headers) -> str | None:
        peer: str | None = scope["client"][0] if scope.get("client") else None
        if peer is None:
            return None
        try:
            if any(ip_address(peer) in network for network in self.proxies):
                forwarded = headers.get("x-forwarded-for", "").split(",")[-1].strip()
                return str(ip_address(forwarded)) if forwarded else peer
        except ValueError:
            pass
        return peer

    def _dress(self, headers: MutableHeaders, scope: Scope, request_id: str) -> None:
        fixed = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": PERMISSIONS,
            "X-Request-Id": request_id,
        }
        for name, value in fixed.items():
            headers[name] = value
        headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        if self.settings.secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if not scope["path"].startswith("/static/"):
            headers.setdefault("Cache-Control", "no-store")


def check_query(raw: bytes) -> None:
    """Refuse a query that is not percent-encoded UTF-8 (400) or holds NUL (422)."""
    if "\0" in percent.decoded(raw, "address"):
        raise Invalid("input.nul", "The address holds a NUL character.", Place("/query", "holds a NUL character"))


def check_path(scope: Scope) -> None:
    """A path that is not UTF-8, or holds what no route of ours can, is nothing that we have."""
    try:
        path = unquote_to_bytes(scope.get("raw_path", b"").split(b"?")[0]).decode("utf-8")
    except UnicodeDecodeError:
        raise NotFound("core.no_such_page", "There is no such page.") from None
    if "\0" in path or "\\" in path or "/../" in path or path.endswith("/..") or "//" in path:
        raise NotFound("core.no_such_page", "There is no such page.")


def body_limit(path: str) -> int:
    """Bytes that a route takes: 64 MiB for an import, 2 MiB for everything else."""
    return IMPORT_LIMIT + (1 << 16) if path.rstrip("/").endswith("/import") else BODY_LIMIT


def limited(receive: Receive, scope: Scope, headers: Headers) -> Receive:
    """A `receive` that stops at the route's limit, by the declared length or by counting."""
    limit = body_limit(scope["path"])
    declared = headers.get("content-length", "0")
    if declared.isascii() and declared.isdigit() and int(declared) > limit:
        raise TooLarge("input.too_large", f"At most {limit >> 20} MiB can be sent here.")
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise TooLarge("input.too_large", f"At most {limit >> 20} MiB can be sent here.")
        return message

    return counted


def listens_beyond_loopback(host: str) -> bool:
    """Whether a bind address can be reached from another machine."""
    return not is_loopback(host)
