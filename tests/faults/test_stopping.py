"""A site that is told to stop finishes what it has begun, and takes nothing new."""

import signal
import threading
import time
from pathlib import Path

import httpx2 as httpx

from app.core.worker import connection_info
from tests.browser.site import free_port
from tests.faults.web_process import WebProcess


def test_on_sigterm_running_requests_are_answered_and_the_exit_code_is_zero(  # R17
    own_database: str, tmp_path: Path
) -> None:
    port = free_port()
    site = WebProcess(port, tmp_path, own_database).listen()
    try:
        statuses: list[int] = []
        begun = threading.Barrier(7)

        def sign_in() -> None:
            begun.wait()
            body = {"email": "nobody@example.org", "password": "a wrong password"}
            answer = httpx.post(
                f"http://127.0.0.1:{port}/api/v1/session",
                json=body,
                headers={"Sec-Fetch-Site": "same-origin"},
                timeout=30,
            )
            statuses.append(answer.status_code)

        clients = [threading.Thread(target=sign_in) for _ in range(6)]
        for client in clients:
            client.start()
        begun.wait()
        wait_until_busy(own_database)
        site.process.send_signal(signal.SIGTERM)
        site.process.send_signal(signal.SIGTERM)
        for client in clients:
            client.join()
        assert statuses == [401] * 6
        assert site.process.wait(120) == 0
    finally:
        site.kill()


def wait_until_busy(url: str) -> None:
    """Wait until the six tries were counted: from then on each is within the site."""
    import psycopg

    deadline = time.monotonic() + 60
    with psycopg.connect(connection_info(url), autocommit=True) as connection:
        while time.monotonic() < deadline:
            counted = connection.execute("SELECT max(count) FROM attempts").fetchone()
            if counted and (counted[0] or 0) >= 6:
                return
            time.sleep(0.02)
    raise AssertionError("the tries did not arrive")
