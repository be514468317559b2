"""What is acknowledged is stored, history stays, and nobody waits for a connection for ever."""

import threading
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from app import tables
from app.core.database import DB
from app.core.settings import Settings
from app.core.web import api
from app.main import create_app
from tests import factories
from tests.cast import Cast
from tests.conftest import raw
from tests.waiting import wait_until


def settings_of_two(folder: Path) -> Settings:
    """An installation with two connections that waits half a second for one."""
    return Settings(data=folder, public_url="http://testserver", allow_plain_http=True, pool_size=2, turn_seconds=0.5)


def real_app(url: str, settings: Settings) -> FastAPI:
    """The application on a database of its own, where transactions really commit."""
    return create_app(settings, url)


def test_the_application_owns_no_superuser_right_and_no_table(session: Session) -> None:  # S92
    role, is_super = session.execute(
        text("SELECT current_user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)")
    ).one()
    assert (role, is_super) == ("penset_app", False)
    owned = session.scalar(text("SELECT count(*) FROM pg_tables WHERE tableowner = current_user"))
    assert owned == 0


@pytest.mark.parametrize("table", tables.APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {} SET {column} = {column}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_history_refuses_to_be_changed(session: Session, table: str, change: str) -> None:  # S92, S99
    written = [one for one in tables.metadata.tables[table].columns if one.computed is None and one.identity is None]
    column = written[-1].name
    with pytest.raises(DBAPIError, match=r"permission denied|append-only"):
        session.execute(text(change.format(table, column=column)))


@pytest.mark.parametrize("table", tables.APPEND_ONLY)
def test_history_refuses_its_owner_too(own_database: str, table: str) -> None:  # S92
    with raw(own_database) as connection, pytest.raises(Exception, match="append-only"):
        connection.execute(f"DELETE FROM {table}")


def test_an_audit_row_cannot_be_changed_by_the_application(cast: Cast, session: Session) -> None:  # S99
    with pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text("UPDATE audit_log SET action = 'nothing'"))


def test_a_commit_that_fails_is_never_answered_with_success(own_database: str, tmp_path: Path) -> None:  # R3
    app = real_app(own_database, settings_of_two(tmp_path))
    router = api("broken")

    @router.post("/break", name="api.broken.commit")
    def promise_too_much(session: DB) -> dict[str, str]:
        session.execute(text("CREATE TEMP TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP"))
        session.execute(text("INSERT INTO t VALUES (1), (1)"))
        return {"stored": "yes"}

    app.include_router(router)
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.post("/api/v1/break", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code >= 409
    assert "stored" not in answer.json()


def test_what_waits_too_long_for_a_connection_hears_so_and_others_go_on(
    own_database: str, tmp_path: Path
) -> None:  # R16
    app = real_app(own_database, settings_of_two(tmp_path))
    release = threading.Event()
    router = api("slow")

    @router.get("/slow", name="api.slow.wait")
    def hold(session: DB) -> dict[str, str]:
        session.execute(text("SELECT 1"))
        release.wait(20)
        return {}

    app.include_router(router)
    statuses: list[tuple[int, str | None]] = []
    with TestClient(app) as client:

        def ask() -> None:
            answer = client.get("/api/v1/slow")
            statuses.append((answer.status_code, answer.headers.get("retry-after")))

        waiting = [threading.Thread(target=ask) for _ in range(2 + 50)]
        for thread in waiting:
            thread.start()
        while len(statuses) < 50:
            threading.Event().wait(0.02)
        release.set()
        for thread in waiting:
            thread.join()
        assert client.get("/api/v1/slow").status_code == 200
    assert sorted(statuses) == [(200, None)] * 2 + [(503, "1")] * 50


def test_the_limits_of_a_connection_are_set(engine: Engine) -> None:  # R18, S69
    with engine.connect() as connection:
        found = {
            name: connection.scalar(text(f"SHOW {name}"))
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "timezone")
        }
    assert found == {
        "statement_timeout": "15s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "30s",
        "timezone": "UTC",
    }


def test_what_takes_too_long_waits_for_a_lock_or_does_nothing_becomes_503_and_all_is_well_again(
    own_database: str, tmp_path: Path
) -> None:  # R18 S69
    shorter = {"statement_timeout_ms": 1000, "lock_timeout_ms": 100}
    app = real_app(own_database, settings_of_two(tmp_path).model_copy(update=shorter))
    router = api("long")

    @router.get("/long/{way}", name="api.long.wait")
    def long(session: DB, way: str) -> dict[str, str]:
        if way == "sleep":
            session.execute(text("SELECT pg_sleep(60)"))
        if way == "idle":
            session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '50ms'"))
            until_gone(own_database, session.scalar(text("SELECT pg_backend_pid()")))
        session.execute(text("SELECT FROM users"))
        return {}

    app.include_router(router)
    with TestClient(app) as client:
        with raw(own_database) as owner:
            owner.execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
            waited = client.get("/api/v1/long/lock")
        found = {way: client.get(f"/api/v1/long/{way}") for way in ("sleep", "idle")} | {"lock": waited}
        assert client.get("/api/v1/long/no").status_code == 200
    assert {way: (one.status_code, one.headers.get("retry-after")) for way, one in found.items()} == dict.fromkeys(
        found, (503, "1")
    )
    kinds = {way: one.json()["type"] for way, one in found.items()}
    assert kinds["sleep"] == kinds["lock"] == "/errors/core.too_slow"


def until_gone(url: str, pid: int | None) -> None:
    """Wait until the database has ended this connection."""
    with raw(url) as connection:
        wait_until(lambda: not connection.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid]).rowcount)


def test_two_transactions_in_each_others_way_become_a_conflict(
    own_database: str, own_sessions: sessionmaker[Session], tmp_path: Path
) -> None:  # R18
    app = real_app(own_database, settings_of_two(tmp_path))
    with own_sessions.begin() as session:
        ids = [factories.user(session, name).id for name in ("First Person", "Second Person")]
    both_hold_one = threading.Barrier(2, timeout=20)
    router = api("deadlock")

    @router.get("/deadlock/{first}/{second}", name="api.deadlock.cross")
    def cross(session: DB, first: int, second: int) -> dict[str, str]:
        update = text("UPDATE users SET name = name WHERE id = :id")
        session.execute(update, {"id": first})
        both_hold_one.wait()
        session.execute(update, {"id": second})
        return {}

    app.include_router(router)
    statuses: list[int] = []
    with TestClient(app) as client:
        threads = [
            threading.Thread(
                target=lambda a=a, b=b: statuses.append(client.get(f"/api/v1/deadlock/{a}/{b}").status_code)
            )
            for a, b in (ids, ids[::-1])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(statuses) == [200, 409]
