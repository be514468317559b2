"""A real S3 server of the tests, and a way to it on which requests get lost: plain HTTP, as any S3 is reached."""

import hashlib
import http.client
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx2

BUCKET = "penset-tests"
SIGNED = "AWS4-HMAC-SHA256 Credential=an-id/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none"


@contextmanager
def s3_server() -> Iterator[str]:
    """Moto's server with one bucket. Its address."""
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer  # dear to import: few tests have files in S3

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    made = httpx2.put(f"{address}/{BUCKET}", headers={"Authorization": SIGNED}, timeout=120)
    assert made.status_code == 200, made.text
    try:
        yield address
    finally:
        server.stop()


def environment_of(address: str) -> dict[str, str]:
    """The variables by which an operator says where the object storage is and who they are."""
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "an-id",
        "AWS_SECRET_ACCESS_KEY": "hush-hush",
    }


class Way(ThreadingHTTPServer):
    """Leads to the server. What befalls the next requests stands in `troubles`, the first first; then all is well.

    `drop`: the connection ends before the request is read by anybody. `lose`: the server carries the request out and
    its answer is lost. `spoil`: a byte of the body changes on its way, which S3 notices by the SHA-256 of the request
    (moto does not, so the way does as S3 is documented to); `spoil unseen`: nobody notices. A number: this status,
    from the way itself.
    """

    daemon_threads = True

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), Passage)
        self.target = target.removeprefix("http://")
        self.troubles: deque[str | int] = deque()
        self.seen: list[str] = []

    @property
    def address(self) -> str:
        """Where it begins."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Passage(BaseHTTPRequestHandler):
    """One request on its way."""

    protocol_version = "HTTP/1.1"
    server: Way

    def pass_on(self) -> None:
        """Let the request meet its trouble, or the server."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append(f"{self.command} {self.path}")
        trouble = self.server.troubles.popleft() if self.server.troubles else ""
        if trouble == "drop":
            self.close_connection = True
            return
        if isinstance(trouble, int):
            self.tell(trouble, {}, b"<Error><Code>SlowDown</Code></Error>")
            return
        if trouble in ("spoil", "spoil unseen"):
            body = bytes([body[0] ^ 1]) + body[1:]
        if trouble != "spoil unseen" and hashlib.sha256(body).hexdigest() != self.headers["X-Amz-Content-Sha256"]:
            self.tell(400, {}, b"<Error><Code>XAmzContentSHA256Mismatch</Code></Error>")
            return
        onward = http.client.HTTPConnection(self.server.target)
        onward.request(self.command, self.path, body, dict(self.headers))
        answer = onward.getresponse()
        content = answer.read()
        if trouble == "lose":
            self.close_connection = True
            return
        self.tell(answer.status, dict(answer.getheaders()), content)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = pass_on  # noqa: N815 - names of http.server

    def tell(self, status: int, headers: dict[str, str], content: bytes) -> None:
        """Answer."""
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("connection", "transfer-encoding", "content-length", "date", "server"):
                self.send_header(name, value)
        length = headers.get("Content-Length", str(len(content))) if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def way_to(target: str) -> Iterator[Way]:
    """A way to the server that one can make bad."""
    way = Way(target)
    Thread(target=way.serve_forever, daemon=True).start()
    try:
        yield way
    finally:
        way.shutdown()
        way.server_close()
