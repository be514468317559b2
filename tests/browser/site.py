"""A live site for the browser: the real application behind a real server, on a database of its own."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread

import uvicorn
from sqlalchemy import func, update
from sqlalchemy.orm import Session, sessionmaker
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from app.accounts.models import Role, SignIn, User
from app.accounts.sign_ins import open_sign_in
from app.core.database import make_sessions
from app.core.jobs import surround
from app.core.settings import Settings
from app.core.storage_choice import open_storage
from app.main import create_app
from app.projects.models import Project
from tests import factories
from tests.chromium import AXE
from tests.databases import engine_to
from tests.waiting import wait_until

# A script of an address is compiled once for all pages; what a test hands to a page is compiled in each.
AXE_ADDRESS = f"/static/axe/{AXE.name}"


class Site:
    """A project with people, served on 127.0.0.1. It can be stopped and started again at the same address."""

    def __init__(
        self, database_url: str, folder: Path, sessions: sessionmaker[Session], port: int, *, fresh: bool = False
    ) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.settings = Settings(data=folder, public_url=self.address, undo_seconds=0)
        self.sessions = sessions
        self.database_url, self._port = database_url, port
        self._storage = open_storage(None, self.settings.files_folder)
        surround(self.settings, sessions, self._storage)
        if not fresh:
            self._people()

    def _people(self) -> None:
        with self.sessions.begin() as session:
            self.admin = factories.user(session, "Ada Admin")
            self.project: Project = factories.project(session, self.admin)
        self.writer = self.person("Ann Author", Role.ANNOTATOR)
        self.other_writer = self.person("Ben Author", Role.ANNOTATOR)
        self.reviewer = self.person("Rae Reviewer", Role.REVIEWER)

    def start(self) -> None:
        """Serve, and wait until the first request can come."""
        app = create_app(self.settings, "unused", sessions=self.sessions, storage=self._storage)
        app.router.routes.insert(0, Mount("/static/axe", StaticFiles(directory=AXE.parent)))
        config = uvicorn.Config(app, log_config=None, ws="none", timeout_graceful_shutdown=2)
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, args=([bound_to(self._port)],), daemon=True)
        self._thread.start()
        wait_until(lambda: self._server.started or not self._thread.is_alive())
        assert self._server.started, "the site did not start"

    def stop(self) -> None:
        """Serve no more; open connections are closed."""
        self._server.should_exit = True
        self._thread.join(timeout=60)

    def person(self, name: str, role: Role) -> User:
        """Somebody in the project; the password is `factories.PASSWORD`."""
        with self.sessions.begin() as session:
            person = factories.user(session, name)
            factories.member(session, self.project, person, role)
        return person

    def cookie_of(self, person: User) -> str:
        """The cookie of a new session of this person's."""
        with self.sessions.begin() as session:
            return open_sign_in(session, person)

    def end_sign_ins(self, person: User) -> None:
        """Let every session of this person's have been idle for too long."""
        long_ago = func.now() - timedelta(hours=self.settings.session_idle_hours + 1)
        with self.sessions.begin() as session:
            session.execute(update(SignIn).where(SignIn.user_id == person.id).values(used_at=long_ago))


@contextmanager
def serving(database_url: str, folder: Path, port: int = 0, *, fresh: bool = False) -> Iterator[Site]:
    """A site that serves until the end, on a free port or on one held for it; with `fresh`, nobody has an account."""
    with engine_to(database_url) as engine:
        site = Site(database_url, folder, make_sessions(engine), port or free_port(), fresh=fresh)
        site.start()
        try:
            yield site
        finally:
            site.stop()


@contextmanager
def held_port() -> Iterator[int]:
    """A port that nobody else gets until the end, whoever of us serves on it, or nobody."""
    with bound_to(0) as holder:
        yield int(holder.getsockname()[1])


def bound_to(port: int) -> socket.socket:
    """A socket of a port that we hold."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
