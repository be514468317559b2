"""What the demo's tests begin with: `penset demo` played once, and the real application on what it stored."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from app.core.database import make_engine, make_sessions
from app.core.embedded import running
from app.core.process import Process
from app.core.storage_choice import open_storage
from app.demo.people import Account, People, kept_at
from app.main import create_app
from tests.cast import Client
from tests.conftest import settings_in
from tests.demo.running import BEGUN, SERVES, Demo
from tests.demo.shorter import texts_from, write_texts


@dataclass(frozen=True)
class Played:
    """A demo that was played to its end, without training."""

    here: Process
    people: People
    app: FastAPI
    said: str

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
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo that nobody has started yet, and its texts. What it leaves outside its folder is removed."""
    texts = tmp_path_factory.mktemp("texts")
    write_texts(texts)
    demo = Demo(tmp_path_factory.mktemp("demo"), texts)
    with texts_from(texts):
        yield demo
    if demo.runs():
        demo.end(signal.SIGTERM)
    shutil.rmtree(demo.settings.database_folder, ignore_errors=True)


@pytest.fixture(scope="module")
def interrupted(demo: Demo) -> Demo:
    """The demo, killed while it played."""
    demo.start(until=BEGUN)
    demo.end(signal.SIGKILL)
    assert not kept_at(demo.settings).exists()
    return demo


@pytest.fixture(scope="module")
def played(interrupted: Demo) -> Iterator[Played]:
    """The demo serves, after it was interrupted once. Tests look at it, the last one ends it."""
    said = interrupted.start(until=SERVES)
    people = People.read(interrupted.settings)
    assert people
    with running(interrupted.settings.database_folder) as url, process_on(url, interrupted.settings.data) as here:
        app = create_app(here.settings, url, sessions=here.sessions, storage=here.storage)
        looked = Played(here, people, app, said)
    yield looked
    here.engine.dispose()


@contextmanager
def process_on(url: str, folder: Path) -> Iterator[Process]:
    """What a command has, on this database and data folder."""
    settings = settings_in(folder)
    engine = make_engine(url, settings)
    yield Process(settings, url, engine, make_sessions(engine), open_storage(None, settings.files_folder))
    engine.dispose()
