"""May this request come in at all, and from where does it come? Asked before any route, of the headers alone."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import unquote_to_bytes, urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from app.core import percent
from app.core.errors import Invalid, Malformed, NotFound, Place, Refused, TooLong
from app.core.settings import Settings

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}  # RFC 9110, 9.2.1
ADDRESS_LIMIT = 16 << 10
OWN_PORTS = {"http": ":80", "https": ":443"}


class Admission:
    """The rules of one installation: its address, and the proxies that it trusts."""

    def __init__(self, settings: Settings) -> None:
        self.origin = settings.public_url
        parts = urlsplit(settings.public_url)
        host = parts.netloc.lower()
        self.hosts = {host, host + OWN_PORTS[parts.scheme]} if parts.port is None else {host}
        self.proxies = [ip_network(network) for network in settings.trusted_proxies]

    def check(self, scope: Scope, headers: Headers) -> None:
        """Malformed for another host, Refused for another site's write, NotFound for a path that none of ours is."""
        hosts = [host.lower() for host in headers.getlist("host")]
        if len(hosts) != 1 or hosts[0] not in self.hosts:
            raise Malformed("core.unknown_host", f"This site is reached at {self.origin}.")
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > ADDRESS_LIMIT:
            raise TooLong("input.address_too_long", f"An address has at most {ADDRESS_LIMIT >> 10} KiB.")
        check_query(scope["query_string"])
        check_path(scope)
        if scope["method"] not in SAFE_METHODS:
            self._check_origin(headers)

    def _check_origin(self, headers: Headers) -> None:
        """Fetch metadata first; `Origin` where the browser sends none (plain http beyond loopback)."""
        if headers.get("authorization", "").lower().startswith("bearer "):
            return
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None:
            same = site in ("same-origin", "none")
        elif origin is not None:
            same = origin == self.origin
        else:
            same = "cookie" not in headers
        if not same:
            raise Refused("core.cross_site", "This request came from another site and was not carried out.")

    def address(self, scope: Scope, headers: Headers) -> str | None:
        """Where the request comes from: the peer, or, as far as trusted proxies tell it, whoever asked them."""
        client = scope.get("client")
        if client is None:
            return None
        told = [part.strip() for line in headers.getlist("x-forwarded-for") for part in line.split(",")]
        return client_address(str(client[0]), told, self.proxies)


def client_address(peer: str, told: Sequence[str], proxies: Sequence[IPv4Network | IPv6Network]) -> str:
    """The nearest address that is no trusted proxy. `told`: X-Forwarded-For, the nearest last.

    What stands before that address was written by somebody whom nobody trusts.
    """
    nearest = _parsed(peer)
    if nearest is None:
        return peer
    for word in reversed(told):
        if not any(nearest in network for network in proxies):
            break
        before = _parsed(word)
        if before is None:
            break
        nearest = before
    return str(nearest)


@lru_cache(maxsize=1024)
def _parsed(word: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(word)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


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
