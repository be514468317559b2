"""The HTTP server: uvicorn with limits on what a client may send, and on how long it may take to say what it wants."""

import asyncio
from contextlib import suppress
from typing import Any, cast

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.core.errors import StartRefused

HEAD_SECONDS = 20
HEAD_BYTES = 64 << 10
GRACE_SECONDS = 30
CONNECTIONS = 1000


class TooMuch(Exception):
    """A head that is longer than HEAD_BYTES."""


class AnotherProtocol(Exception):
    """A request for another protocol that has a body: the parser would leave that to the other protocol, and read it as
    the next request."""


class Together:
    """The transport of one answer, whose head waits for the body: what follows at once leaves with it.

    Two writes are two packets, each of which wakes the client up.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.transport, self.loop = transport, loop
        self.head: bytes | None = None
        self.begun = False

    def write(self, data: bytes) -> None:
        """Send, the head with what comes next or, where nothing does, in the loop's next round."""
        if not self.begun:
            self.begun, self.head = True, data
            self.loop.call_soon(self.flush)
        elif self.head is None:
            self.transport.write(data)
        else:
            whole, self.head = self.head + data, None
            self.transport.write(whole)

    def flush(self) -> None:
        """Send the head if it still waits."""
        if self.head is not None:
            head, self.head = self.head, None
            self.transport.write(head)

    def close(self) -> None:
        """Close, once everything is sent."""
        self.flush()
        self.transport.close()

    def is_closing(self) -> bool:
        """Whether the line is being closed."""
        return self.transport.is_closing()


def has_length(name: bytes, value: bytes) -> bool:
    """Whether a header announces a body."""
    return name == b"content-length" and value.strip(b" \t0") != b""


class HurriedProtocol(HttpToolsProtocol):
    """A connection on which nothing is asked for HEAD_SECONDS is closed, even while it sends a byte now and then.

    What a client still sends after an early answer (413) is read and dropped for as long: closed at once, it would
    hear of a broken line and not the answer.

    The parser bounds nothing. So a head is measured when it is whole, and what makes nothing whole (half a head, the
    description of a chunk, the trailers behind the last one) is counted as it comes.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.patience: asyncio.TimerHandle | None = None
        self.incomplete = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait_for_a_head()

    def data_received(self, data: bytes) -> None:
        """Read on. What stays incomplete for longer than a head may be is refused."""
        self.incomplete += len(data)
        super().data_received(data)
        if self.incomplete > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("Too much of it says nothing.")

    def on_headers_complete(self) -> None:
        """Answer, unless the head is too long. What comes by its name later is a trailer, and nobody's header."""
        self.incomplete = 0
        if len(self.url) + sum(len(name) + len(value) + len(": \r\n") for name, value in self.headers) > HEAD_BYTES:
            raise TooMuch
        is_last = self.parser.should_upgrade()
        if is_last and any(name == b"transfer-encoding" or has_length(name, value) for name, value in self.headers):
            raise AnotherProtocol
        super().on_headers_complete()
        self.headers = []
        if is_last:  # of what comes behind it nothing is read
            self.cycle.keep_alive = False
        self.cycle.transport = cast(asyncio.Transport, Together(self.transport, self.loop))

    def on_body(self, body: bytes) -> None:
        """A part of the body, which the application bounds."""
        self.incomplete = 0
        super().on_body(body)

    def on_chunk_header(self) -> None:
        """The size of a chunk."""
        self.incomplete = 0

    def on_message_complete(self) -> None:
        """All of a request is there."""
        self.incomplete = 0
        super().on_message_complete()

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing to warn of: who asks for another protocol is answered in this one, as whoever asks knows."""

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP and close the line; amid an answer, or while others wait for one, only close it."""
        begun = getattr(self.cycle, "response_started", False)
        if self.pipeline or (begun and not self.cycle.response_complete):
            self.transport.close()
        else:
            super().send_400_response(msg)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        super().on_response_complete()
        self._wait_for_a_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        super().connection_lost(exc)
        if self.patience:
            self.patience.cancel()

    def _wait_for_a_head(self) -> None:
        if self.patience:
            self.patience.cancel()
        self.patience = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _give_up(self) -> None:
        answered = getattr(self.cycle, "response_complete", True)  # before the first request there is no cycle
        if answered and not self.transport.is_closing():
            self.transport.close()


def make_server(app: FastAPI, host: str, port: int) -> uvicorn.Server:
    """A server with our limits, that does not serve yet."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http=HurriedProtocol,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=GRACE_SECONDS,
            limit_concurrency=CONNECTIONS,
        )
    )


def serve_until_told(app: FastAPI, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; then take no new connection and let running requests finish."""
    server = make_server(app, host, port)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise StartRefused(f"Cannot listen on {host}:{port}. Is something else there?")
