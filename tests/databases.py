"""Databases of tests: where the cluster lives, how one is cloned and dropped."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from time import sleep

import psycopg
from psycopg import sql
from sqlalchemy import Engine, event, make_url

from app.core import migrate
from app.core.database import make_engine
from app.core.migrate import ADVISORY_LOCK, MIGRATIONS, upgrade
from app.core.settings import Settings
from app.core.worker import connection_info

TRIES = 50
OF_OLD_SCHEMAS = r"SELECT datname FROM pg_database WHERE datname LIKE 'template\_%'"


def is_roomy(folder: Path) -> bool:
    """Whether there is such a folder, with room for a cluster, in which programs may run."""
    with suppress(OSError):
        found = os.statvfs(folder)
        roomy = found.f_bavail * found.f_frsize > 2**31
        return roomy and not found.f_flag & os.ST_NOEXEC and os.access(folder, os.W_OK)
    return False


def cluster_folder() -> Path:
    """The folder of the tests' Postgres: one a checkout, where the server's own user can reach it.

    In memory if that is roomy, and then for good: on a disk a clone takes twice as long, and on ext4 without a journal
    twenty times, since that looks anew at each file deleted of late.
    """
    checkout = Path(__file__).resolve().parents[1]
    name = str(checkout).strip("/").replace("/", "--")  # so /a-b/c and /a/b-c are two
    in_memory = Path("/dev/shm") / f"penset-tests-{os.geteuid()}" / name
    if in_memory.exists() or is_roomy(in_memory.parents[1]):
        return in_memory
    if os.geteuid() == 0:
        return Path("/var/lib/penset-tests") / name
    return checkout / ".cache" / "postgres"


def clone(cluster: str, *, template: str, name: str) -> str:
    """Make a database from a template; one of that name that a killed test left behind is replaced. Its URL.

    By copying files, for a third of the time that writing each page to the log takes.
    """
    with psycopg.connect(connection_info(cluster), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    return make_url(cluster).set(database=name).render_as_string(hide_password=False)


@contextmanager
def engine_to(url: str) -> Iterator[Engine]:
    """The engine of all live sites of this process, led to this database: a new one compiles each statement anew."""
    engine, led = leadable(make_url(url).set(database="").render_as_string(hide_password=False))
    assert not led, "another site of this process is open, and its connections would lead here"
    led["dbname"] = make_url(url).database or ""
    try:
        yield engine
    finally:
        engine.dispose()
        led.clear()


@cache
def leadable(cluster: str) -> tuple[Engine, dict[str, str]]:
    """An engine that connects as the mapping beside it says at that moment."""
    led: dict[str, str] = {}
    engine = make_engine(cluster, Settings())
    event.listen(engine, "do_connect", lambda _dialect, _record, _positional, named: named.update(led))
    return engine, led


def template(cluster: str) -> str:
    """The name of a database at this code's schema: the first process that asks builds it, all others find it."""
    rules = b"".join(path.read_bytes() for path in [Path(migrate.__file__), *sorted(MIGRATIONS.rglob("*.py"))])
    name = f"template_{sha256(rules).hexdigest()[:16]}"
    with psycopg.connect(connection_info(cluster), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])  # until this connection is closed
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            for (old,) in connection.execute(OF_OLD_SCHEMAS).fetchall():
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(old)))
            half = clone(cluster, template="template1", name=f"{name}_half")
            upgrade(half)
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (f"{name}_half", name)))
            )
    return name


def drop(cluster: str, url: str) -> None:
    """Remove a database, whoever is still connected."""
    name = make_url(url).database or ""
    dropped = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(connection_info(cluster), autocommit=True) as connection:
        for left in reversed(range(TRIES)):
            try:
                connection.execute(dropped)
                return
            except psycopg.errors.InsufficientPrivilege:  # an autovacuum worker is in it, which ends by itself
                if not left:
                    raise
                sleep(0.1)
