"""A site that is told to stop finishes what it has begun, and takes nothing new."""

import signal
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2 as httpx
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from app.core.worker import connection_info
from app.prompts.models import PromptStatus, Slot
from tests import factories
from tests.browser.site import free_port
from tests.faults.web_process import WebProcess

SLOWLY = (
    "POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    "Sec-Fetch-Site: same-origin\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
)


def test_on_sigterm_running_requests_are_answered_no_new_ones_are_taken_and_leases_stay(  # R17
    own_database: str, own_sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    leased_until = datetime.now(UTC) + timedelta(hours=1)
    with own_sessions.begin() as session:
        writer = factories.user(session)
        prompt = factories.prompt(session, factories.project(session, writer), writer, status=PromptStatus.APPROVED)
        factories.assignment(session, prompt, writer)
        session.execute(update(Slot).values(lease_holder_id=writer.id, lease_expires_at=leased_until))
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
        slow = socket.create_connection(("127.0.0.1", port))
        slow.sendall(SLOWLY.format(port=port).encode())
        assert slow.recv(1024).startswith(b"HTTP/1.1 100 ")  # it runs, and waits for its body
        site.process.send_signal(signal.SIGTERM)
        site.process.send_signal(signal.SIGTERM)
        wait_until_nobody_listens(port)
        assert site.process.poll() is None  # one request still runs
        slow.sendall(b"{}")
        for client in clients:
            client.join()
        assert statuses == [401] * 6
        assert slow.recv(65536).startswith(b"HTTP/1.1 422 ")
        assert site.process.wait(120) == 0
        slow.close()
        with own_sessions() as session:
            assert session.scalars(select(Slot.lease_expires_at)).one() == leased_until
    finally:
        site.kill()


def wait_until_nobody_listens(port: int) -> None:
    """Wait until no new connection is taken."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.02)
    raise AssertionError("new connections are still taken")


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
