"""A real site to measure: durable Postgres, uvicorn on a loopback port, a project with many prompts."""

import logging
import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
import psycopg
import uvicorn
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Role, User
from app.accounts.service import create_user
from app.accounts.sign_ins import actor_for, open_sign_in
from app.core.database import make_engine, make_sessions
from app.core.embedded import running
from app.core.jobs import surround
from app.core.logs import set_up_logs
from app.core.migrate import upgrade
from app.core.settings import Settings
from app.core.storage import Storage, open_storage
from app.core.worker import connection_info
from app.main import create_app
from app.projects.members import add_member
from app.projects.service import create_project
from benchmarks.texts import as_json

PASSWORD = "a long enough password of the benchmark"
MANY_PROMPTS = """
WITH made AS (
    INSERT INTO prompts (project_id, author_id, messages, language, licence, source, from_pair, status, reason)
    SELECT %(project)s, %(author)s, messages, 'en', '', '', false, 'approved', '' FROM written
    RETURNING id
)
INSERT INTO slots (project_id, prompt_id, number) SELECT %(project)s, id, 1 FROM made ORDER BY id
"""


@dataclass(frozen=True)
class Site:
    """What a benchmark works with."""

    settings: Settings
    url: str
    engine: Engine
    sessions: sessionmaker[Session]
    storage: Storage
    address: str
    project_id: int
    admin_id: int
    writer_id: int
    client: httpx.Client

    def bare(self) -> psycopg.Connection:
        """A plain connection for the yardstick, committing each statement."""
        return psycopg.connect(connection_info(self.url), autocommit=True)


@contextmanager
def site(prompts: int) -> Iterator[Site]:
    """A site whose project has this many open prompts. Its log keeps to warnings: the tables are what is printed."""
    set_up_logs()
    logging.getLogger().setLevel(logging.WARNING)
    where = "/var/lib/penset" if os.geteuid() == 0 else None
    Path(where or ".").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=where, prefix="bench-") as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "postgres") as url:
            upgrade(url)
            yield from opened(Path(folder), url, prompts)


def opened(folder: Path, url: str, prompts: int) -> Iterator[Site]:
    """The site on a migrated database."""
    port = free_port()
    settings = Settings(data=folder / "data", public_url=f"http://127.0.0.1:{port}")
    engine = make_engine(url, settings)
    sessions, storage = make_sessions(engine), open_storage(None, settings.files_folder)
    surround(settings, sessions, storage)
    project_id, admin_id, writer_id, cookie = found(sessions, settings)
    with psycopg.connect(connection_info(url), autocommit=True) as connection:
        fill(connection, project_id, admin_id, prompts)
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings, url), host="127.0.0.1", port=port, log_config=None, access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    headers = {"Sec-Fetch-Site": "same-origin", "Cookie": f"{settings.cookie_name}={cookie}"}
    with httpx.Client(base_url=settings.public_url, headers=headers, timeout=60) as client:
        yield Site(
            settings, url, engine, sessions, storage, settings.public_url, project_id, admin_id, writer_id, client
        )
    server.should_exit = True
    thread.join()
    engine.dispose()


def found(sessions: sessionmaker[Session], settings: Settings) -> tuple[int, int, int, str]:
    """An admin with a project and a writer who is signed in. Their ids and the writer's cookie."""
    with sessions.begin() as session:
        admin = create_user(session, email="admin@bench.example", name="Bench admin", password=PASSWORD, is_admin=True)
        writer = create_user(session, email="writer@bench.example", name="Bench writer", password=PASSWORD)
        project = create_project(session, actor_for(session, admin), name="Benchmark")
        boss = actor_for(session, session.get_one(User, admin.id))
        add_member(session, boss, project.id, user_id=writer.id, role=Role.ANNOTATOR)
        return project.id, admin.id, writer.id, open_sign_in(session, writer)


def fill(connection: psycopg.Connection, project_id: int, author_id: int, prompts: int) -> None:
    """Open prompts, in bulk."""
    connection.execute("CREATE TEMPORARY TABLE written (messages jsonb)")
    with connection.cursor().copy("COPY written FROM STDIN") as copy:
        for messages in as_json(prompts):
            copy.write_row((messages,))
    connection.execute(MANY_PROMPTS, {"project": project_id, "author": author_id})
    connection.execute("ANALYZE")


def free_port() -> int:
    """A port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
