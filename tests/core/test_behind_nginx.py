"""The example of a proxy in the docs, in front of a real site: what it must not let through, and what it must tell."""

import http.client
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import create_connection
from threading import Thread
from time import monotonic, sleep

import pytest

from tests.browser.site import free_port
from tests.core.addresses import ONLY_STATIC
from tests.databases import clone, drop
from tests.faults.web_process import WebProcess
from tests.forked import ROOT

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
EXAMPLE = ROOT / "docs" / "nginx.conf"
AROUND = """
daemon off; pid {folder}/pid; error_log {folder}/errors; events {{}}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {server}
}}
"""
pytestmark = pytest.mark.skipif(NGINX is None, reason="there is no nginx here")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, cluster: str, _template: str) -> Iterator[tuple[int, str]]:
    """The port of nginx before a site, and the site's name."""
    folder = tmp_path_factory.mktemp("behind")
    url = clone(cluster, template=_template, name=f"behind_{os.getpid()}")
    web = WebProcess(free_port(), folder, url).listen()
    with nginx(folder, web.port) as port:
        yield port, f"127.0.0.1:{web.port}"
    web.kill()
    drop(cluster, url)


@contextmanager
def nginx(folder: Path, inner: int) -> Iterator[int]:
    """The port of nginx with the example before what listens at `inner`."""
    outer = free_port()
    front = subprocess.Popen([str(NGINX), "-p", str(folder), "-c", str(laid(folder, inner, outer))])
    try:
        wait_for(outer, front)
        yield outer
    finally:
        front.terminate()
        front.wait()


def laid(folder: Path, inner: int, outer: int) -> Path:
    """The example on ports of this test; TLS is left out, since what is tried here lies behind it."""
    kept = [line for line in EXAMPLE.read_text().splitlines() if "ssl_certificate" not in line]
    server = "\n".join(kept).replace("listen 443 ssl", f"listen 127.0.0.1:{outer}").replace(":8000", f":{inner}")
    file = folder / "nginx.conf"
    file.write_text(AROUND.format(folder=folder, server=server))
    return file


def wait_for(port: int, front: subprocess.Popen[bytes]) -> None:
    """Wait until nginx takes connections."""
    end = monotonic() + 30
    while front.poll() is None and monotonic() < end:
        try:
            create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            sleep(0.02)
        else:
            return
    raise AssertionError("nginx did not start")


def ask(port: int, host: str, path: str, **headers: str) -> http.client.HTTPResponse:
    """The answer to a path that is sent as it stands."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Host": host, **headers})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_the_example_serves_the_site(site: tuple[int, str]) -> None:
    answer = ask(*site, "/static/icon.svg")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/svg+xml")


@pytest.mark.parametrize("path", ONLY_STATIC)
def test_only_what_lies_in_static_is_served_through_it(site: tuple[int, str], path: str) -> None:  # S77
    # What leads out of the root, or holds a zero byte, nginx itself refuses.
    assert ask(*site, path).status in (400, 404)


def test_it_tells_where_a_request_comes_from_and_not_what_a_visitor_claims(tmp_path: Path) -> None:  # S29
    heard: list[tuple[str | None, str | None]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append((self.headers["X-Forwarded-For"], self.headers["X-Forwarded-Proto"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by its base
            pass

    with HTTPServer(("127.0.0.1", 0), Listener) as inner, nginx(tmp_path, inner.server_port) as port:
        thread = Thread(target=inner.handle_request)
        thread.start()
        assert (
            ask(
                port, "penset.example.org", "/", **{"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
            ).status
            == 204
        )
        thread.join()
    assert heard == [("127.0.0.1", "http")]
