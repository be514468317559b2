"""The real server against clients that send too much, too slowly, or what is no HTTP."""

import asyncio
import contextlib
import gc
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from threading import Event, Thread
from time import monotonic, process_time, sleep
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from app.core import bodies, server
from app.core.lasting import lasting
from app.core.settings import Settings
from app.main import create_app
from tests.hostile import Hostile, rows
from tests.waiting import wait_until

MIB = 1 << 20


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """A site whose patience is short. Nothing that is asked of it here needs the database."""
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(bodies, "GRACE_SECONDS", 0.5)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        app = create_app(Settings(data=tmp_path, public_url=f"http://127.0.0.1:{port}"), "postgresql://nowhere/penset")
        app.router.lifespan_context = no_lifespan
        running = server.make_server(app, "127.0.0.1", port)
        thread = Thread(target=run, args=(running, listening), daemon=True)
        thread.start()
        wait_until(lambda: running.started or not thread.is_alive())
        assert running.started
        yield "127.0.0.1", port
        running.should_exit = True
        thread.join(20)


@contextlib.contextmanager
def served(app: Any) -> Iterator[tuple[str, int]]:
    """Any application behind the server of a site."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        running = server.make_server(app, "127.0.0.1", 0)
        thread = Thread(target=run, args=(running, listening), daemon=True)
        thread.start()
        wait_until(lambda: running.started or not thread.is_alive())
        yield listening.getsockname()
        running.should_exit = True
        thread.join(20)


@contextlib.asynccontextmanager
async def no_lifespan(app: FastAPI) -> AsyncIterator[None]:
    """What the site does with its database before it serves is not asked here."""
    yield


def run(running: uvicorn.Server, listening: socket.socket) -> None:
    """Serve on a socket that is bound already."""
    running.run(sockets=[listening])


def said(connection: socket.socket) -> bytes:
    """Everything that the server still says before it closes."""
    connection.settimeout(60)
    told = b""
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            told += part
    return told


def ask(
    address: tuple[str, int], *lines: str, body: bytes = b"", method: str = "POST", path: str = "/sign-in"
) -> bytes:
    """One request in raw bytes, and everything that comes back until the server closes."""
    head = "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {address[0]}:{address[1]}", *lines, "", ""])
    with socket.create_connection(address) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(head.encode("latin-1") + body)
        return said(connection)


def status(answer: bytes) -> int:
    """The status of the first answer."""
    return int(answer.split(b" ", 2)[1]) if answer else 0


JSON = "Content-Type: application/json"
CLOSE = "Connection: close"


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_sent(address: tuple[str, int]) -> None:  # I13
    answer = ask(address, JSON, f"Content-Length: {2 * MIB + 1}", path="/api/v1/session")
    assert (status(answer), b"/errors/input.too_large" in answer) == (413, True)


def test_a_body_that_does_not_say_how_large_it_is_is_counted(address: tuple[str, int]) -> None:  # I13
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    answer = ask(address, JSON, "Transfer-Encoding: chunked", body=chunk * 33, path="/api/v1/session")
    assert (status(answer), b"/errors/input.too_large" in answer) == (413, True)


def test_a_body_of_exactly_2_mib_is_read(address: tuple[str, int]) -> None:  # I13
    body = b" " * (2 * MIB - 2) + b"{}"
    answer = ask(address, JSON, CLOSE, f"Content-Length: {len(body)}", body=body, path="/api/v1/session")
    assert (status(answer), b"/email" in answer) == (422, True)


MALFORMED = {
    "two lengths": ["Content-Length: 3", "Content-Length: 4"],
    "a length of words": ["Content-Length: three"],
    "a negative length": ["Content-Length: -1"],
    "a length and chunks": ["Content-Length: 3", "Transfer-Encoding: chunked", "X: y"],
    "an unknown coding": ["Transfer-Encoding: gzip, chunked, x"],
    "a header without a name": [": x"],
    "a space before the colon": ["X : y"],
    "NUL in a header": ["X: a\0b"],
    "a MiB of header": [f"X: {'a' * MIB}"],
    "a hundred thousand headers": [f"X{number}: y" for number in range(20_000)],
}
HOSTILE = [row for row in rows("header", stored=False) if row.status == 400]


@pytest.mark.parametrize("lines", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_http_is_refused_and_the_line_closed(address: tuple[str, int], lines: list[str]) -> None:  # I26 I27
    answer = ask(address, JSON, *lines, body=b"3\r\nabc\r\n0\r\n\r\n", path="/api/v1/session")
    assert status(answer) in (400, 413, 431, 501), answer[:300]


@pytest.mark.parametrize("row", HOSTILE, ids=lambda row: row.id)
def test_a_hostile_header_is_refused_as_its_row_says(address: tuple[str, int], row: Hostile) -> None:  # I16 I27 S40
    line = row.raw.decode("latin-1").removesuffix("\r\n")
    hosts = [] if line.startswith("Host:") else [f"Host: {address[0]}:{address[1]}"]
    head = "\r\n".join(["POST /api/v1/session HTTP/1.1", *hosts, JSON, CLOSE, line, "", ""])
    with socket.create_connection(address) as connection:
        connection.sendall(head.encode("latin-1") + b"{}   ")
        assert status(said(connection)) == row.status


def test_a_bad_chunk_is_refused_and_the_line_closed(address: tuple[str, int]) -> None:  # I27
    for chunk in (b"5\r\nabc\r\n0\r\n\r\n", b"zz\r\nabc\r\n0\r\n\r\n", b"3\nabc\n0\n\n", b"-3\r\nabc\r\n0\r\n\r\n"):
        answer = ask(address, JSON, "Transfer-Encoding: chunked", body=chunk, path="/api/v1/session")
        assert status(answer) in (400, 408), chunk
        assert answer.count(b"HTTP/1.1 ") == 1


ENDLESS = {
    "a name of a header": b"X" * MIB,
    "a description of a chunk": b"\r\n1;x=" + b"a" * MIB,
    "a trailer": b"\r\n1\r\na\r\n0\r\nX: " + b"a" * MIB,
    "trailers": b"\r\n1\r\na\r\n0\r\n" + b"X: a\r\n" * (MIB // 6),
}


@pytest.mark.parametrize("rest", ENDLESS.values(), ids=ENDLESS)
def test_what_never_comes_to_an_end_is_refused(address: tuple[str, int], rest: bytes) -> None:  # I26
    head = f"{JSON}\r\nTransfer-Encoding: chunked\r\n".encode()
    line = f"POST /api/v1/session HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\n".encode()
    with socket.create_connection(address) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(line + head + rest)
        assert status(said(connection)) in (0, 400)  # none where the line was reset before the answer was read


def test_what_comes_after_the_body_is_no_header(address: tuple[str, int]) -> None:  # I27
    chunks = f"2\r\n{{}}\r\n0\r\n{JSON}\r\n\r\n".encode()
    answer = ask(address, CLOSE, "Transfer-Encoding: chunked", body=chunks, path="/api/v1/session")
    assert status(answer) == 415


OTHER = ("Connection: Upgrade", "Upgrade: h2c")


def test_who_asks_for_another_protocol_is_answered_in_this_one_and_nothing_behind_it_is_read(
    address: tuple[str, int],
) -> None:  # I27
    lines = ["GET /health/live HTTP/1.1", f"Host: {address[0]}:{address[1]}"]
    with socket.create_connection(address) as connection:
        connection.sendall("\r\n".join([*lines, *OTHER, "", "", *lines, "", ""]).encode())
        answer = said(connection)
    assert (status(answer), answer.count(b"HTTP/1.1 ")) == (200, 1)
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize("length", ["Content-Length: {}", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("pause", [False, True], ids=["at once", "later"])
def test_a_body_for_another_protocol_is_refused_and_never_read_as_a_request(
    address: tuple[str, int], length: str, pause: bool
) -> None:  # I27
    host = f"Host: {address[0]}:{address[1]}"
    hidden = f"GET /health/live HTTP/1.1\r\n{host}\r\n\r\n".encode()
    head = ["POST /api/v1/session HTTP/1.1", host, JSON, length.format(len(hidden)), *OTHER, "", ""]
    with socket.create_connection(address) as connection:
        connection.sendall("\r\n".join(head).encode() + (b"" if pause else hidden))
        first = connection.recv(65536) if pause else b""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(hidden if pause else b"")
        answer = first + said(connection)
    assert (status(answer), answer.count(b"HTTP/1.1 ")) == (400, 1)


def test_head_and_body_of_an_answer_leave_together(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(f"GET /health/live HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\n\r\n".encode())
        assert connection.recv(65536).endswith(b'{"status":"alive"}')


def test_a_head_whose_body_comes_later_does_not_wait_for_it() -> None:
    go_on = Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await asyncio.to_thread(go_on.wait, 60)
            await send({"type": "http.response.body", "body": b"later"})

    with served(slow) as there, socket.create_connection(there) as connection:
        connection.settimeout(30)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        head = connection.recv(65536)
        go_on.set()
        assert (status(head), b"later" in head, b"later" in said(connection)) == (200, False, True)


def test_what_is_no_http_amid_an_answer_only_closes_the_line() -> None:  # I27
    """A refusal amid the answer that is under way, or before those that wait, would be read as a part of them."""
    begun, go_on = Event(), Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
            begun.set()
            await asyncio.to_thread(go_on.wait, 60)
            await send({"type": "http.response.body", "body": b"later"})

    asked = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    for behind in (b"no HTTP\r\n\r\n", asked + b"no HTTP\r\n\r\n"):
        with served(slow) as there, socket.create_connection(there) as connection:
            connection.sendall(asked)
            begun.wait(60)
            connection.sendall(behind)
            answer = said(connection)
            go_on.set()
        assert b" 400 " not in answer
        begun.clear()
        go_on.clear()


def test_requests_that_do_not_wait_for_each_other_are_answered_in_turn(address: tuple[str, int]) -> None:
    lines = ["GET /static/icon.svg HTTP/1.1", f"Host: {address[0]}:{address[1]}"]
    with socket.create_connection(address) as connection:
        twice = "\r\n".join([*lines, "", *lines, CLOSE, "", ""])
        connection.sendall(twice.encode())
        assert said(connection).count(b"HTTP/1.1 200") == 2


def test_an_address_of_100_kib_is_refused(address: tuple[str, int]) -> None:  # I26
    assert status(ask(address, CLOSE, method="GET", path=f"/sign-in?next=/{'a' * 102_400}")) in (400, 414)


def test_ten_thousand_fields_of_a_form_are_refused(address: tuple[str, int]) -> None:  # I26
    body = "&".join(f"f{number}=1" for number in range(10_000)).encode()
    kind = "Content-Type: application/x-www-form-urlencoded"
    answer = ask(address, kind, CLOSE, f"Content-Length: {len(body)}", body=body)
    assert status(answer) in (400, 413, 422)


def multipart(boundary: str, parts: int, *, before: bytes = b"", after: bytes = b"") -> bytes:
    """A form of some files."""
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nx\r\n'.encode()
    return before + part * parts + f"--{boundary}--\r\n".encode() + after


FORMS = {
    "a thousand files": ("b", multipart("b", 1_001)),
    "a long boundary": ("b" * 5_000, multipart("b" * 5_000, 1)),
    "no boundary at all": ("", multipart("b", 1)),
    "data before the boundary": ("b", multipart("b", 1, before=b"x\r\n" * 50_000)),
    "data after the boundary": ("b", multipart("b", 1, after=b"\r\n" * 50_000)),
    "no end": ("b", b"--b\r\n" * 10_000),
}


@pytest.mark.parametrize(("boundary", "body"), FORMS.values(), ids=FORMS)
def test_a_form_that_is_none_is_refused_soon(address: tuple[str, int], boundary: str, body: bytes) -> None:  # I26
    kind = f"Content-Type: multipart/form-data; boundary={boundary}"
    began = process_time()
    answer = ask(address, kind, CLOSE, f"Content-Length: {len(body)}", body=body)
    assert status(answer) in (400, 413, 415, 422)
    assert process_time() - began < 5  # the server runs in this process


@pytest.mark.parametrize("head", [b"", b"GET /sign-in HTTP/1.1\r\nHo"], ids=["nothing", "half a head"])
def test_who_says_nothing_is_not_waited_for(address: tuple[str, int], head: bytes) -> None:  # I25
    with socket.create_connection(address) as connection:
        connection.sendall(head)
        assert said(connection) == b""


def dribble(connection: socket.socket, seconds: float = 60) -> None:
    """Send a byte now and then."""
    began = monotonic()
    while monotonic() - began < seconds:
        connection.sendall(b"G")
        sleep(0.05)


def test_who_says_a_byte_now_and_then_is_not_waited_for(address: tuple[str, int]) -> None:  # I25
    with socket.create_connection(address) as connection, pytest.raises((BrokenPipeError, ConnectionResetError)):
        dribble(connection)


def test_a_body_that_comes_too_slowly_is_refused(address: tuple[str, int]) -> None:  # I25
    answer = ask(address, JSON, "Content-Length: 100", body=b'{"email": ', path="/api/v1/session")
    assert (status(answer), b"/errors/input.too_slow" in answer) == (408, True)


def test_who_goes_on_after_a_refusal_is_not_listened_to_for_ever(address: tuple[str, int]) -> None:  # I25
    with socket.create_connection(address) as connection:
        lines = ["POST /sign-in HTTP/1.1", f"Host: {address[0]}:{address[1]}", f"Content-Length: {3 * MIB}", "", ""]
        connection.sendall("\r\n".join(lines).encode())
        assert status(connection.recv(65536)) == 413
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            dribble(connection)


def test_two_hundred_slow_clients_keep_nobody_else_waiting(address: tuple[str, int]) -> None:  # I25
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(address)) for _ in range(200)]
        for connection in slow:
            connection.sendall(b"POST /sign-in HTTP/1.1\r\nHost: x\r\n")
        answer = ask(address, CLOSE, method="GET", path="/static/icon.svg")
        assert status(answer) == 200


def test_a_head_comes_without_a_body(address: tuple[str, int]) -> None:
    answer = ask(address, CLOSE, method="HEAD", path="/static/icon.svg")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert (status(answer), body) == (200, b"")
    assert b"content-length: 0" not in head.lower()


def test_the_server_does_not_tell_what_it_is(address: tuple[str, int]) -> None:
    assert b"uvicorn" not in ask(address, CLOSE, method="GET", path="/static/icon.svg")


def test_what_a_site_has_loaded_is_looked_through_by_no_later_collection() -> None:
    with lasting():
        loaded: list[object] = []
        assert not gc.isenabled()
        assert any(one is loaded for one in gc.get_objects())
    assert gc.isenabled()
    assert not any(one is loaded for one in gc.get_objects())
