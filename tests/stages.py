"""Databases in which something has happened already, stored once: each test rolls back what it adds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core.database import make_engine, make_sessions
from app.core.jobs import surround
from app.core.settings import Settings
from app.core.storage_choice import open_storage
from app.main import create_app
from tests.cast import Cast, store_cast
from tests.databases import clone, drop

Play = Callable[[Session, Cast], Any]


@dataclass(frozen=True)
class Stage:
    """Connections to such a database, the cookies of the cast in it by name, the folder of its files, and what was
    made there."""

    engine: Engine
    cookies: dict[str, str]
    files: Path
    made: Any


@contextmanager
def stage(cluster: str, template: str, name: str, settings: Settings, play: Play | None = None) -> Iterator[Stage]:
    """A database of that name with the cast in it, after `play`, which works by the doors and the jobs of Penset."""
    url = clone(cluster, template=template, name=name)
    engine = make_engine(url, settings)
    sessions, storage = make_sessions(engine), open_storage(None, settings.files_folder)
    with sessions.begin() as session:
        cookies = store_cast(session)
    made = None
    if play:
        surround(settings, sessions, storage)
        app = create_app(settings, "postgresql://unused", sessions=sessions, storage=storage)
        with sessions() as session:
            made = play(session, Cast(app, session, cookies))
            session.commit()
        engine.dispose()
    yield Stage(engine, cookies, settings.files_folder, made)
    engine.dispose()
    drop(cluster, url)
