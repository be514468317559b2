"""A real site to measure: durable Postgres, uvicorn on a loopback port, a project with many prompts."""

import logging
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
import psycopg
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
from app.core.storage import Storage
from app.core.storage_choice import open_storage
from app.core.worker import connection_info
from app.projects.members import add_member
from app.projects.service import create_project
from benchmarks.fill import hand_in_all, open_prompts

PASSWORD = "a long enough password of the benchmark"


@dataclass(frozen=True)
class Site:
    """What a benchmark works with. `addresses`: one for each web process, all of one site."""

    settings: Settings
    url: str
    engine: Engine
    sessions: sessionmaker[Session]
    storage: Storage
    addresses: list[str]
    webs: list[subprocess.Popen[bytes]]
    project_id: int
    admin_id: int
    writer_id: int
    client: httpx.Client

    def bare(self) -> psycopg.Connection:
        """A plain connection for the yardstick, committing each statement."""
        return psycopg.connect(connection_info(self.url), autocommit=True)

    def hand_in_all(self, count: int) -> None:
        """Let so many responses be handed in; every second waits for a decision."""
        with self.bare() as connection:
            hand_in_all(connection, self.project_id, self.writer_id, self.admin_id, count)

    @contextmanager
    def people(self, count: int, role: Role) -> Iterator[list[httpx.Client]]:
        """So many people of a role, each in a browser of their own, dealt out to the web processes."""
        with ExitStack() as stack:
            yield [
                stack.enter_context(browser(self.settings, self.addresses[number % len(self.addresses)], cookie))
                for number, cookie in enumerate(bring_in(self, count, role))
            ]


@contextmanager
def site(prompts: int, *, webs: int = 1, undo_seconds: int = 10) -> Iterator[Site]:
    """A site whose project has this many open prompts. Its log keeps to warnings: the tables are what is printed."""
    set_up_logs()
    logging.getLogger().setLevel(logging.WARNING)
    where = "/var/lib/penset" if os.geteuid() == 0 else None
    Path(where or ".").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=where, prefix="bench-") as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "postgres") as url:
            upgrade(url)
            yield from opened(Path(folder), url, prompts, webs, undo_seconds)


def opened(folder: Path, url: str, prompts: int, webs: int, undo_seconds: int) -> Iterator[Site]:
    """The site on a migrated database."""
    ports = [free_port() for _ in range(webs)]
    address = f"http://127.0.0.1:{ports[0]}"
    settings = Settings(data=folder / "data", public_url=address, undo_seconds=undo_seconds)
    engine = make_engine(url, settings)
    sessions, storage = make_sessions(engine), open_storage(None, settings.files_folder)
    surround(settings, sessions, storage)
    project_id, admin_id, writer_id, cookie = found(sessions, settings)
    with psycopg.connect(connection_info(url), autocommit=True) as connection:
        open_prompts(connection, project_id, admin_id, prompts)
    addresses = [f"http://127.0.0.1:{port}" for port in ports]
    with ExitStack() as stack:
        started = stack.enter_context(serving(settings, url, ports))
        client = stack.enter_context(browser(settings, addresses[0], cookie))
        yield Site(
            settings, url, engine, sessions, storage, addresses, started, project_id, admin_id, writer_id, client
        )
    engine.dispose()


@contextmanager
def serving(settings: Settings, url: str, ports: list[int]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A web process at each port, as an operator starts it. Whoever kills one puts its successor into the list."""
    webs = [start(settings, url, port) for port in ports]
    try:
        for web, port in zip(webs, ports, strict=True):
            while httpx_status(settings, port) != 200:
                if web.poll() is not None:
                    raise RuntimeError(f"the web process ended with code {web.returncode}")
                time.sleep(0.1)
        yield webs
    finally:
        for web in webs:
            web.terminate()
            web.wait()


def start(settings: Settings, url: str, port: int) -> subprocess.Popen[bytes]:
    """Begin to serve; `httpx_status` tells when it does."""
    environment = {
        **os.environ,
        "PENSET_DATABASE_URL": url,
        "PENSET_DATA": str(settings.data),
        "PENSET_PUBLIC_URL": settings.public_url,
        "PENSET_UNDO_SECONDS": str(settings.undo_seconds),
    }
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--no-with-workers"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def httpx_status(settings: Settings, port: int) -> int:
    """What the process on this port says of its health; 0 while it does not listen."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/live", headers={"Host": host_of(settings)}).status_code
    except httpx.TransportError:
        return 0


def host_of(settings: Settings) -> str:
    """The name and port under which browsers know the site, whichever process answers."""
    return settings.public_url.removeprefix("http://")


def browser(settings: Settings, address: str, cookie: str) -> httpx.Client:
    """A browser in which somebody is signed in, at one web process."""
    headers = {
        "Host": host_of(settings),
        "Sec-Fetch-Site": "same-origin",
        "Cookie": f"{settings.cookie_name}={cookie}",
    }
    return httpx.Client(base_url=address, headers=headers, timeout=60)


def bring_in(here: Site, count: int, role: Role) -> list[str]:
    """New members of the project. Their cookies."""
    cookies = []
    with here.sessions.begin() as session:
        boss = actor_for(session, session.get_one(User, here.admin_id))
        for number in range(count):
            email = f"{role.value}{number}-{time.time_ns()}@bench.example"
            person = create_user(session, email=email, name=f"Bench {role.value} {number}", password=PASSWORD)
            add_member(session, boss, here.project_id, user_id=person.id, role=role)
            cookies.append(open_sign_in(session, person))
    return cookies


def found(sessions: sessionmaker[Session], settings: Settings) -> tuple[int, int, int, str]:
    """An admin with a project and a writer who is signed in. Their ids and the writer's cookie."""
    with sessions.begin() as session:
        admin = create_user(session, email="admin@bench.example", name="Bench admin", password=PASSWORD, is_admin=True)
        writer = create_user(session, email="writer@bench.example", name="Bench writer", password=PASSWORD)
        project = create_project(session, actor_for(session, admin), name="Benchmark")
        boss = actor_for(session, session.get_one(User, admin.id))
        add_member(session, boss, project.id, user_id=writer.id, role=Role.ANNOTATOR)
        return project.id, admin.id, writer.id, open_sign_in(session, writer)


def free_port() -> int:
    """A port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def rated(here: Site) -> dict[str, int]:
    """A rating for each criterion of the project's rubric."""
    with here.bare() as bare:
        row = bare.execute("SELECT rubric FROM guidelines WHERE project_id = %s", (here.project_id,)).fetchone()
    assert row, "every project has guidelines"
    return {one["key"]: 4 for one in row[0]}
