"""A road between a client and a site that can be dammed: so many bytes come through, then none till it is opened.

Or it breaks there: `breaks` connections end in the middle.
"""

import socket
from contextlib import suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Thread

PIECE = 4096


class Road(ThreadingTCPServer):
    """Listens on a port of its own and leads to the site. `requests` holds what clients sent, as it was sent."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, site_port: int) -> None:
        super().__init__(("127.0.0.1", 0), Lane)
        self.site_port, self.port = site_port, int(self.server_address[1])
        self.address = f"http://127.0.0.1:{self.port}"
        self.requests = b""
        self.most: int | None = None
        self.breaks = 0
        self.opened = Event()
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        """Let everything through and listen no more."""
        self.opened.set()
        self.shutdown()
        self.server_close()


class Lane(BaseRequestHandler):
    """One connection of a client."""

    server: Road

    def handle(self) -> None:
        """Lead bytes both ways until one side leaves."""
        with socket.create_connection(("127.0.0.1", self.server.site_port)) as site, suppress(OSError):
            Thread(target=self.lead_to, args=(site,), daemon=True).start()
            passed = 0
            while piece := site.recv(PIECE):
                if self.server.most is not None and passed + len(piece) > self.server.most:
                    if self.server.breaks:
                        self.server.breaks -= 1
                        return
                    self.server.opened.wait()
                self.request.sendall(piece)
                passed += len(piece)

    def lead_to(self, site: socket.socket) -> None:
        """What the client sends."""
        with suppress(OSError):
            while piece := self.request.recv(PIECE):
                self.server.requests += piece
                ours, theirs = (f"127.0.0.1:{port}".encode() for port in (self.server.port, self.server.site_port))
                site.sendall(piece.replace(ours, theirs))  # a site answers under its own name alone
            site.shutdown(socket.SHUT_WR)
