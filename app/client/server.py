"""Asking a site: one place that sends requests, tries again where that is safe, and turns refusals into exceptions."""

import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self, TypeVar, cast

import httpx2 as httpx

from app.client.errors import CannotReach, ClientError, NotSignedIn, Problem
from app.client.login import checked

TRIES = 5
Shape = TypeVar("Shape")
LATER = frozenset({429, 502, 503, 504})
LONGEST_WAIT = 30.0
TIMEOUT = httpx.Timeout(60.0, connect=10.0)


class Server:
    """One site. A program asks with a token; a person's own session asks with the cookie of `sign_in`."""

    def __init__(self, url: str, token: str | None = None, *, insecure: bool = False) -> None:
        self.url = checked(url, insecure=insecure)
        headers = {"User-Agent": "penset-client", "Origin": self.url, "Accept-Encoding": "gzip"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        # No redirect is followed: the token goes to no other site.
        self._http = httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def get(self, shape: type[Shape], path: str, **query: Any) -> Shape:
        """What a GET answers. Tried again where no answer came. `shape` is what the site is taken to send."""
        asked = {name: value for name, value in query.items() if value is not None}
        return cast(Shape, said(self._ask("GET", path, again=True, params=asked)))

    def pages(
        self, shape: type[Shape], path: str, rows: str, *, cursor: str | None = None, **query: Any
    ) -> Iterator[Shape]:
        """Every row of a list, page after page, from a cursor on; `rows` is the name under which a page holds them."""
        while True:
            page = self.get(dict[str, Any], path, cursor=cursor, **query)
            yield from page[rows]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def once(self, shape: type[Shape], path: str, body: Mapping[str, Any] | None = None) -> Shape:
        """A POST that the site carries out once however often it is sent: it has an Idempotency-Key."""
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        return cast(Shape, said(self._ask("POST", path, again=True, json=body, headers=headers)))

    def send(
        self, shape: type[Shape] | None, method: str, path: str, body: Mapping[str, Any] | None = None, **more: Any
    ) -> Shape:
        """A write without a key: sent one time. `shape` is None where the site answers without words."""
        answer = self._ask(method, path, again=False, json=body, **more)
        return cast(Shape, said(answer) if shape else None)

    @contextmanager
    def bytes_of(self, path: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """The open answer of a download, not read yet: 200, 206 or 416; anything else raises."""
        plain = {"Accept-Encoding": "identity", **headers}
        with self._http.stream("GET", path, headers=plain) as answer:
            if answer.status_code not in (200, 206, 416):
                answer.read()
                raise problem_of(answer)
            yield answer

    def _ask(self, method: str, path: str, *, again: bool, **more: Any) -> httpx.Response:
        for left in reversed(range(TRIES if again else 1)):
            try:
                answer = self._http.request(method, path, **more)
            except httpx.TransportError as why:
                if not left:
                    raise unreachable(self.url, why) from why
                time.sleep(pause(TRIES - left))
                continue
            if answer.is_success:
                return answer
            if answer.status_code not in LATER or not left:
                raise problem_of(answer)
            time.sleep(pause(TRIES - left, answer.headers.get("retry-after", "")))
        raise AssertionError("the last try answers or raises")


def pause(tried: int, wished: str = "") -> float:
    """Seconds before the next try: what the site wishes, within reason, or twice as long each time."""
    return min(float(wished), LONGEST_WAIT) if wished.isdecimal() else 0.25 * 2**tried


def unreachable(url: str, why: Exception) -> CannotReach:
    """What to tell when no answer comes."""
    return CannotReach(f"{url} does not answer ({type(why).__name__}). Is the address right, and is the site up?")


def said(answer: httpx.Response) -> Any:
    """What an answer says. ClientError where it is no Penset's: a page of a proxy that asks for a password, perhaps."""
    try:
        document = answer.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ClientError(f"{origin_of(answer)} answered something that no Penset says. Is the address right?")
    return document


def problem_of(answer: httpx.Response) -> ClientError:
    """The refusal that an answer is, in the site's own words where it gives any."""
    if answer.has_redirect_location:
        there = answer.url.join(answer.headers["location"])
        return ClientError(
            f"{origin_of(answer)} sends its visitors to {there.scheme}://{there.netloc.decode()}. Give "
            "that address if it is the site's: a token follows nobody."
        )
    document: dict[str, Any] = said(answer) if "json" in answer.headers.get("content-type", "") else {}
    document.setdefault("status", answer.status_code)
    return (NotSignedIn if answer.status_code == 401 else Problem)(document)


def origin_of(answer: httpx.Response) -> str:
    """The address of the site that gave an answer."""
    return f"{answer.url.scheme}://{answer.url.netloc.decode()}"
