"""What the demo's tests begin with: a story played once, with a real worker, and the real application on it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from app.core.database import make_engine, make_sessions
from app.core.process import Process
from app.core.storage import open_storage
from app.demo.command import play_once
from app.demo.people import Account, People
from app.main import create_app
from tests.cast import Client
from tests.conftest import settings_in
from tests.databases import clone, drop

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Played:
    """A demo that was played to its end, without training."""

    here: Process
    people: People
    app: FastAPI

    def session(self) -> Session:
        """Look at what was stored."""
        return self.here.sessions()

    def signed_in(self, account: Account) -> Client:
        """A browser in which one of the three has signed in with what the demo printed."""
        client = Client(self.app)
        answer = client.post("/sign-in", data={"email": account.email, "password": account.password})
        assert answer.status_code == 303
        return client


@pytest.fixture(scope="module")
def played(cluster: str, _template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The demo on a database of its own. Its tests only look."""
    url = clone(cluster, template=_template, name=f"demo_{os.getpid()}")
    with process_on(url, tmp_path_factory.mktemp("demo")) as here, worker(here):
        people = play_once(here, "none")
        app = create_app(here.settings, url, sessions=here.sessions, storage=here.storage)
        yield Played(here, people, app)
    drop(cluster, url)


@contextmanager
def process_on(url: str, folder: Path) -> Iterator[Process]:
    """What a command has, on this database and data folder."""
    settings = settings_in(folder)
    engine = make_engine(url, settings)
    yield Process(settings, url, engine, make_sessions(engine), open_storage(None, settings.files_folder))
    engine.dispose()


@contextmanager
def worker(here: Process) -> Iterator[None]:
    """A worker in a process of its own, as beside a site."""
    environment = os.environ | {"PENSET_DATA": str(here.settings.data), "PENSET_DATABASE_URL": here.url}
    command = [sys.executable, "-m", "app.cli", "worker", "--queue", "default"]
    with (here.settings.data / "worker.log").open("wb") as log:
        child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    yield
    child.terminate()
    assert child.wait(60) == 0
