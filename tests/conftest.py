"""What every test stands on: a real Postgres, a migrated database, one rolled-back transaction a test."""

import gc
import hashlib
import logging
import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import structlog
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session, sessionmaker

from app.core.database import make_engine, make_sessions
from app.core.embedded import running
from app.core.jobs import surround
from app.core.logs import set_up_logs
from app.core.migrate import upgrade
from app.core.settings import Settings
from app.core.storage import Storage, open_storage
from app.core.worker import connection_info
from app.main import create_app
from tests.cast import Cast, Client, find_cast, store_cast
from tests.databases import clone, cluster_folder, drop
from tests.s3 import BUCKET, Way, environment_of, s3_server, way_to

LONGEST = (
    "tests/demo/test_play.py", "tests/test_routes.py", "tests/faults/test_web_killed.py",
    "tests/faults/test_publish_killed.py", "tests/datasets/test_trainers.py", "tests/test_api_fuzzed.py",
    "tests/faults/test_embedded_postgres.py", "tests/training/test_jobs.py", "tests/training/test_launch.py",
    "tests/client/test_datasets.py", "tests/core/test_patterns.py", "tests/insights/test_doctor.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first, so that no process is left with one when the others have nothing more to do.

    Browsers come last: their driver keeps an event loop in this thread, and others start one of their own.
    """

    def place(item: pytest.Item) -> tuple[int, int]:
        if item.path.parent.name in ("browser", "frontend"):
            return 2, -item.path.stat().st_size
        return int(not item.nodeid.startswith(LONGEST)), 0

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """What was imported stays: the collector of garbage need not look through it again and again."""
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Half a surrogate pair in a captured log would stop the process that carries reports between test processes."""
    report = yield
    report.sections = [(name, said.encode("utf-8", "backslashreplace").decode()) for name, said in report.sections]
    return report


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """The URL of a Postgres for tests: shared by all test processes of this machine, gone when the last one leaves."""
    with running(cluster_folder(), durable=False) as url:
        yield url


@pytest.fixture(scope="session")
def database_url(cluster: str, _template: str) -> Iterator[str]:
    """A database of this test process."""
    url = clone(cluster, template=_template, name=f"test_{os.getpid()}")
    yield url
    drop(cluster, url)


@pytest.fixture(scope="session")
def engine(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Connections to that database, as the application's own role."""
    engine = make_engine(database_url, settings_in(tmp_path_factory.mktemp("engine")))
    yield engine
    engine.dispose()


def settings_in(folder: Path) -> Settings:
    """Settings of a test: its own data folder, the test client's address, decisions carried out at once."""
    return Settings(data=folder, public_url="http://testserver", allow_plain_http=True, undo_seconds=0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """This test's settings."""
    return settings_in(tmp_path)


@dataclass(frozen=True)
class Peopled:
    """A database in which the people of `cast` have signed in: connections to it, and their cookies by name."""

    engine: Engine
    cookies: dict[str, str]


@pytest.fixture(scope="session")
def peopled(cluster: str, _template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peopled]:
    """Where the tests with a `cast` begin: storing it anew for each of them would take a tenth of their time."""
    url = clone(cluster, template=_template, name=f"peopled_{os.getpid()}")
    engine = make_engine(url, settings_in(tmp_path_factory.mktemp("peopled")))
    with make_sessions(engine).begin() as session:
        cookies = store_cast(session)
    yield Peopled(engine, cookies)
    engine.dispose()
    drop(cluster, url)


@pytest.fixture
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A connection whose transaction is rolled back at the end."""
    with_cast = "cast" in request.fixturenames
    engine: Engine = request.getfixturevalue("peopled").engine if with_cast else request.getfixturevalue("engine")
    with engine.connect() as connection:
        outer = connection.begin()
        yield connection
        outer.rollback()


@pytest.fixture
def sessions(connection: Connection) -> sessionmaker[Session]:
    """What the application opens transactions with: savepoints inside the test's transaction."""
    return sessionmaker(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """A session for factories and for reading what was stored."""
    with sessions() as session:
        yield session


@pytest.fixture
def storage(settings: Settings) -> Storage:
    """A folder of files of this test."""
    return open_storage(None, settings.files_folder)


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """A real S3 server, reached by HTTP."""
    with s3_server() as address:
        yield address


@pytest.fixture
def s3_way(s3_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    """The way to it, which the environment of this test names; a test can make it bad."""
    with way_to(s3_address) as way:
        for name, value in environment_of(way.address).items():
            monkeypatch.setenv(name, value)
        yield way


@pytest.fixture
def s3_storage(s3_way: Way, request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """A part of the bucket that is this test's alone, opened as the setting opens it."""
    return open_storage(f"s3://{BUCKET}/{hashlib.sha256(request.node.nodeid.encode()).hexdigest()}", tmp_path)


@pytest.fixture
def app(settings: Settings, sessions: sessionmaker[Session], storage: Storage) -> FastAPI:
    """The application in this test's transaction."""
    surround(settings, sessions, storage)
    return create_app(settings, "postgresql://unused", sessions=sessions, storage=storage)


@pytest.fixture
def client(app: FastAPI) -> Client:
    """A browser in which nobody is signed in."""
    return Client(app)


@pytest.fixture
def cast(app: FastAPI, session: Session, peopled: Peopled) -> Cast:
    """The people of project P (author, second writer, reviewer, admin), an outsider of project Q, a visitor."""
    return find_cast(app, session, peopled.cookies)


@pytest.fixture
def own_logs() -> Iterator[None]:
    """Logs as they were before, after a test that sets them up."""
    root, client = logging.getLogger(), logging.getLogger("httpx2")
    handlers, level, configured, client_level = root.handlers[:], root.level, structlog.get_config(), client.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    client.setLevel(client_level)
    structlog.configure(**configured)


@pytest.fixture
def own_database(cluster: str, _template: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of this test alone, for races, kills and LISTEN, where transactions really commit."""
    url = clone(cluster, template=_template, name=f"own_{os.getpid()}_{abs(hash(request.node.name))}")
    yield url
    drop(cluster, url)


@pytest.fixture
def own_sessions(own_database: str, settings: Settings) -> Iterator[sessionmaker[Session]]:
    """What opens real transactions on this test's own database."""
    engine = make_engine(own_database, settings)
    yield make_sessions(engine)
    engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def _loop() -> Iterator[None]:
    """One event loop for the requests of all test clients, as in a server; each would make its own, with threads."""
    with start_blocking_portal() as portal:
        Client.portal = portal
        yield
        Client.portal = None


@pytest.fixture(autouse=True)
def _logs() -> None:
    """Logs as in production, whatever an earlier test did to them."""
    set_up_logs()


@pytest.fixture(scope="session", autouse=True)
def _template(cluster: str) -> Iterator[str]:
    """The name of a database that Alembic has built, and that nobody is connected to: cloned in a moment."""
    name = f"template_{os.getpid()}"
    url = clone(cluster, template="template1", name=name)
    upgrade(url)
    yield name
    drop(cluster, url)


def raw(url: str) -> psycopg.Connection:
    """A plain connection as the owner of the database."""
    return psycopg.connect(connection_info(url), autocommit=True)
