"""What every test stands on: a real Postgres, a migrated database, one rolled-back transaction a test."""

import gc
import hashlib
import logging
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import structlog
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from app.core.database import make_engine, make_sessions
from app.core.embedded import running
from app.core.jobs import surround
from app.core.logs import set_up_logs
from app.core.settings import Settings
from app.core.storage import Storage
from app.core.storage_choice import open_storage
from app.core.worker import connection_info
from app.datasets.models import Version
from app.main import create_app
from tests.api_contract import served
from tests.cast import Cast, Client, find_cast
from tests.databases import clone, cluster_folder, drop, template
from tests.datasets.made import approve_twenty, newest, publish_twenty
from tests.drawing import keep_compiled_templates
from tests.quick_python import quick_python
from tests.s3 import BUCKET, Way, environment_of, s3_server, way_to
from tests.stages import Stage, stage
from tests.world import Undone, World, furnish, sealed

LONGEST = (
    "tests/demo/test_play.py", "tests/test_routes.py", "tests/faults/test_web_killed.py",
    "tests/faults/test_publish_killed.py", "tests/test_api_fuzzed.py",
    "tests/faults/test_embedded_postgres.py", "tests/training/test_launch.py",
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


def pytest_sessionstart() -> None:
    """Templates are compiled once for all test processes."""
    keep_compiled_templates()


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
def loaded_python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The path of a Python that has the training libraries loaded; a test that starts one run does without."""
    with quick_python(tmp_path_factory.mktemp("python")) as python:
        yield python


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


# The test client's address, and decisions carried out at once.
SETTINGS = Settings(public_url="http://testserver", allow_plain_http=True, undo_seconds=0)


def settings_in(folder: Path) -> Settings:
    """Settings of a test: its own data folder. Copied: to read the environment anew takes as long as a request."""
    return SETTINGS.model_copy(update={"data": folder}, deep=True)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """This test's settings."""
    return settings_in(tmp_path)


# Where a test begins that asks for one of these, the first first: in a database in which that has happened already.
BEGINNINGS = {"world": "furnished", "first_version": "published", "some_approved": "approved", "cast": "peopled"}


@pytest.fixture(scope="session")
def peopled(cluster: str, _template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The people of `cast` have signed in."""
    settings = settings_in(tmp_path_factory.mktemp("peopled"))
    with stage(cluster, _template, f"peopled_{os.getpid()}", settings) as made:
        yield made


@pytest.fixture(scope="session")
def approved(cluster: str, _template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """They have written and approved twenty responses."""
    settings = settings_in(tmp_path_factory.mktemp("approved"))
    with stage(cluster, _template, f"approved_{os.getpid()}", settings, approve_twenty) as made:
        yield made


@pytest.fixture(scope="session")
def published(cluster: str, _template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A version of these is published."""
    settings = settings_in(tmp_path_factory.mktemp("published"))
    with stage(cluster, _template, f"published_{os.getpid()}", settings, publish_twenty) as made:
        yield made


@pytest.fixture(scope="session")
def furnished(cluster: str, _template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Both projects of the cast have one of everything."""
    served()  # the document takes seconds to make; no test's transaction stands idle meanwhile
    settings = settings_in(tmp_path_factory.mktemp("furnished"))
    storage = open_storage(None, settings.files_folder)
    with stage(
        cluster, _template, f"furnished_{os.getpid()}", settings, lambda session, cast: furnish(cast, session, storage)
    ) as made:
        yield made


@pytest.fixture
def beginning(request: pytest.FixtureRequest) -> Stage | None:
    """What has happened already where this test begins; nothing for a test without a cast."""
    found = (stage for asked, stage in BEGINNINGS.items() if asked in request.fixturenames)
    return request.getfixturevalue(name) if (name := next(found, None)) else None


@pytest.fixture
def connection(request: pytest.FixtureRequest, beginning: Stage | None) -> Iterator[Connection]:
    """A connection whose transaction is rolled back at the end. Jobs that ask for a snapshot find that they have it."""
    engine: Engine = beginning.engine if beginning else request.getfixturevalue("engine")
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
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
def cast(app: FastAPI, session: Session, beginning: Stage) -> Cast:
    """The people of project P (author, second writer, reviewer, admin), an outsider of project Q, a visitor."""
    return find_cast(app, session, beginning.cookies)


@pytest.fixture
def some_approved(cast: Cast) -> Cast:
    """The cast of a project with twenty approved responses by two writers in two categories."""
    return cast


@pytest.fixture
def first_version(cast: Cast, session: Session, settings: Settings, published: Stage) -> Version:
    """Version 1 of the dataset `Everything`, published of these twenty."""
    shutil.copytree(published.files, settings.files_folder, dirs_exist_ok=True)
    return newest(session, cast)


@pytest.fixture
def world(app: FastAPI, cast: Cast, settings: Settings, furnished: Stage) -> World:
    """The ids of one of everything in both projects. Who knocks at every door asks for the OpenAPI document as well."""
    app.openapi_schema = dict(served())
    shutil.copytree(furnished.files, settings.files_folder, dirs_exist_ok=True)
    return sealed(furnished.made, settings.signing_keys)


@pytest.fixture
def undone(connection: Connection) -> Undone:
    """A block after which nothing that was written in it is left, neither in the tables nor in these browsers."""

    @contextmanager
    def undoing(*browsers: Client) -> Iterator[None]:
        cookies = [dict(browser.cookies) for browser in browsers]
        connection.exec_driver_sql("SAVEPOINT knocked")
        try:
            yield
        finally:
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT knocked")
            connection.exec_driver_sql("RELEASE SAVEPOINT knocked")
            for browser, before in zip(browsers, cookies, strict=True):
                browser.cookies.clear()
                browser.cookies.update(before)

    return undoing


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
    with start_blocking_portal(backend_options={"use_uvloop": True}) as portal:
        TestClient.portal = portal
        yield
        TestClient.portal = None


@pytest.fixture(autouse=True)
def _logs() -> None:
    """Logs as in production, whatever an earlier test did to them. What the test's own client logs is none of them."""
    set_up_logs()
    logging.getLogger("httpx2").setLevel(logging.WARNING)


@pytest.fixture(scope="session", autouse=True)
def _template(cluster: str) -> str:
    """The name of a database that Alembic has built, and that nobody is connected to: cloned in a moment."""
    return template(cluster)


def raw(url: str) -> psycopg.Connection:
    """A plain connection as the owner of the database."""
    return psycopg.connect(connection_info(url), autocommit=True)
