"""Is it up, and can it work? Told to strangers, without a number."""

from fastapi import FastAPI
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from app.core.settings import Settings
from app.core.storage import Storage
from app.main import create_app
from tests.conftest import raw


def test_live_answers_without_a_database(settings: Settings, storage: Storage) -> None:
    app = create_app(settings, "postgresql://nobody@127.0.0.1:1/nothing", storage=storage)
    client = TestClient(app)
    assert client.get("/health/live").json() == {"status": "alive"}
    away = client.get("/health/ready")
    assert (away.status_code, away.json(), away.headers["retry-after"]) == (503, {"status": "not ready"}, "1")


def test_ready_says_only_that_it_is(app: FastAPI) -> None:
    answer = TestClient(app).get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_another_schema_is_not_ready(
    own_database: str, own_sessions: sessionmaker[Session], settings: Settings, storage: Storage
) -> None:
    with raw(own_database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    answer = TestClient(create_app(settings, own_database, sessions=own_sessions, storage=storage)).get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "not ready"})
