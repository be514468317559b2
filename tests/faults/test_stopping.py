"""A site that is told to stop finishes what it has begun, and takes nothing new."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx2 as httpx

from app.core.worker import connection_info
from tests.browser.site import free_port

ROOT = Path(__file__).resolve().parents[2]


def test_on_sigterm_running_requests_are_answered_and_the_exit_code_is_zero(  # R17
    own_database: str, tmp_path: Path
) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "PENSET_DATABASE_URL": own_database,
        "PENSET_DATA": str(tmp_path),
        "PENSET_PUBLIC_URL": address,
    }
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--no-with-workers"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as site:
        try:
            wait_for(port)
            statuses: list[int] = []
            begun = threading.Barrier(7)

            def sign_in() -> None:
                begun.wait()
                body = {"email": "nobody@example.org", "password": "a wrong password"}
                answer = httpx.post(
                    f"{address}/api/v1/session", json=body, headers={"Sec-Fetch-Site": "same-origin"}, timeout=30
                )
                statuses.append(answer.status_code)

            clients = [threading.Thread(target=sign_in) for _ in range(6)]
            for client in clients:
                client.start()
            begun.wait()
            wait_until_busy(own_database)
            site.send_signal(signal.SIGTERM)
            site.send_signal(signal.SIGTERM)
            for client in clients:
                client.join()
            assert statuses == [401] * 6
            assert site.wait(120) == 0
        finally:
            site.kill()


def wait_for(port: int) -> None:
    """Wait until the site listens."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError("the site did not start")


def wait_until_busy(url: str) -> None:
    """Wait until the six tries were counted: from then on each is within the site."""
    import psycopg

    deadline = time.monotonic() + 60
    with psycopg.connect(connection_info(url), autocommit=True) as connection:
        while time.monotonic() < deadline:
            counted = connection.execute("SELECT max(count) FROM attempts").fetchone()
            if counted and (counted[0] or 0) >= 6:
                return
    raise AssertionError("the tries did not arrive")
