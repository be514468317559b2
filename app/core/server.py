"""The HTTP server: uvicorn with limits on what a client may send, and on how long it may take to say what it wants."""

import asyncio
from contextlib import suppress
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.core.errors import StartRefused

HEAD_SECONDS = 20
HEAD_BYTES = 64 << 10
GRACE_SECONDS = 30
CONNECTIONS = 1000


class HurriedProtocol(H11Protocol):
    """A connection on which nothing is asked for HEAD_SECONDS is closed, even while it sends a byte now and then.

    What a client still sends after an early answer (413) is read and dropped for as long: closed at once, it would
    hear of a broken line and not the answer.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait_for_a_head()

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
            h11_max_incomplete_event_size=HEAD_BYTES,
        )
    )


def serve_until_told(app: FastAPI, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; then take no new connection and let running requests finish."""
    server = make_server(app, host, port)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise StartRefused(f"Cannot listen on {host}:{port}. Is something else there?")
