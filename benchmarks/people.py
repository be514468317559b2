"""Many people at work from one thread that takes little of the machine: raw sockets, requests made by hand.

A browser library takes more of two cores than the web process does. Here a request is a head that was built once and a
body; every answer is read to its end, and its status and its JSON are looked at.
"""

import json
import selectors
import socket
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.core.settings import Settings
from benchmarks.site import Site, host_of

END = b"\r\n\r\n"
LENGTH = b"content-length: "
JSON = b"application/json\r\nContent-Length: "
FORM = b"application/x-www-form-urlencoded\r\nContent-Length: "


@dataclass(frozen=True)
class Ask:
    """One request, and the name under which its milliseconds are kept. A body that is text is a form's."""

    kind: str
    method: str
    path: str
    body: Any = None


Day = Generator[Ask, Any, None]  # what somebody does all day: asks, and is sent what the answer says


class Line:
    """One connection of one person who is signed in. `taken`: milliseconds of every request by kind."""

    def __init__(self, settings: Settings, address: str, cookie: str) -> None:
        parts = urlsplit(address)
        assert parts.hostname
        assert parts.port
        self.socket = socket.create_connection((parts.hostname, parts.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = (
            f"Host: {host_of(settings)}\r\nSec-Fetch-Site: same-origin\r\n"
            f"Cookie: {settings.cookie_name}={cookie}\r\nContent-Type: "
        ).encode()
        self.taken: dict[str, list[float]] = {}
        self.asked, self.begun, self.heard = Ask("", "", ""), 0.0, b""

    def send(self, asked: Ask) -> None:
        """Begin a request."""
        of_form = isinstance(asked.body, str)
        body = b"" if asked.body is None else (asked.body if of_form else json.dumps(asked.body)).encode()
        first = f"{asked.method} {asked.path} HTTP/1.1\r\n".encode()
        kind = FORM if of_form else JSON
        self.asked, self.begun, self.heard = asked, time.perf_counter(), b""
        self.socket.sendall(b"%b%b%b%d%b%b" % (first, self.head, kind, len(body), END, body))

    def hear(self) -> Any:
        """What the answer says, JSON or a page, or None while it is not here as a whole. What was refused ends the
        benchmark."""
        part = self.socket.recv(1 << 16)
        assert part, f"the line was closed during {self.asked.kind}"
        self.heard += part
        head, end, body = self.heard.partition(END)
        if not end or len(body) < length_of(head):
            return None
        self.taken.setdefault(self.asked.kind, []).append((time.perf_counter() - self.begun) * 1000)
        assert head[9:10] in b"23", self.heard[:2000]
        return json.loads(body) if b"application/json" in head else body.decode()


def length_of(head: bytes) -> int:
    """How many bytes of body an answer announces."""
    at = head.lower().find(LENGTH)
    return int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0


def live(lines: Sequence[Line], days: Sequence[Day]) -> None:
    """Let each person live their day, at once with the others, to its end."""
    with selectors.DefaultSelector() as waiting:
        for line, day in zip(lines, days, strict=True):
            line.send(next(day))
            waiting.register(line.socket, selectors.EVENT_READ, (line, day))
        while waiting.get_map():
            for key, _ in waiting.select():
                line, day = key.data
                if (said := line.hear()) is None:
                    continue
                try:
                    line.send(day.send(said))
                except StopIteration:
                    waiting.unregister(line.socket)


def lines_of(here: Site, cookies: Sequence[str]) -> list[Line]:
    """A line for each cookie, dealt out to the web processes."""
    webs = len(here.addresses)
    return [Line(here.settings, here.addresses[at % webs], cookie) for at, cookie in enumerate(cookies)]


def all_taken(lines: Sequence[Line]) -> dict[str, list[float]]:
    """Milliseconds of every request of all of them, by kind."""
    kinds = dict.fromkeys(kind for line in lines for kind in line.taken)
    return {kind: [ms for line in lines for ms in line.taken.get(kind, [])] for kind in kinds}
