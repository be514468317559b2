"""A process of Penset: its settings, its database (embedded where none is given), its jobs' surroundings."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from app.core.database import make_engine, make_sessions
from app.core.embedded import running
from app.core.embedded_programs import CannotStart
from app.core.errors import StartRefused
from app.core.jobs import surround
from app.core.migrate import check_schema, upgrade
from app.core.settings import Settings
from app.core.storage import Storage
from app.core.storage_choice import open_storage


@dataclass(frozen=True)
class Process:
    """What every command and worker works with."""

    settings: Settings
    url: str
    engine: Engine
    sessions: sessionmaker[Session]
    storage: Storage


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The URL of the database. The embedded one is started, shared or adopted, and migrated by whoever comes first."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    try:
        with running(settings.database_folder) as url:
            upgrade(url)
            yield url
    except CannotStart as why:
        raise StartRefused(str(why)) from why


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Be the only site on this data folder's own database. StartRefused while another one serves it."""
    if settings.database_url is not None:
        yield
        return
    settings.data.mkdir(parents=True, exist_ok=True)
    with (settings.data / "serving.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = settings.data.resolve()
            raise StartRefused(f"Another Penset serves {where} already. Stop it first, or set PENSET_DATA.") from None
        yield


@contextmanager
def process(settings: Settings, *, pool_size: int | None = None) -> Iterator[Process]:
    """Everything that a command needs, on a database of the right schema."""
    with database(settings) as url:
        engine = make_engine(url, settings, pool_size=pool_size)
        with engine.connect() as connection:
            check_schema(connection)
        sessions, storage = make_sessions(engine), open_storage(settings.storage_url, settings.files_folder)
        surround(settings, sessions, storage)
        try:
            yield Process(settings, url, engine, sessions, storage)
        finally:
            engine.dispose()
