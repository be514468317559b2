"""Bringing a database to this code's schema, and refusing to start on another. Alembic is loaded where it works."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from app.core.database import APP_ROLE, sqlalchemy_url
from app.core.errors import StartRefused

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
ADVISORY_LOCK = 0x50454E53
# Other connections of a Penset; whose they are is told to their own role and to a superuser.
OF_PENSET = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name ~ '^penset($|[ @])' AND pid <> pg_backend_pid()
"""


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file of its own."""
    from alembic.config import Config

    config = Config(stdout=sys.stdout)  # its own default is what it was when Alembic was loaded
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(url: str, *, to: str = "head") -> str:
    """Migrate as the owner, one at a time: a second caller waits and finds nothing to do. The revision reached.

    All steps are one transaction: whatever ends it, the database is as it was. StartRefused where somebody keeps a
    table for longer than a step waits for it.
    """
    from alembic import command

    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
            make_app_role(connection)
            command.upgrade(alembic_config(connection), to)
            return current(connection)
    except OperationalError as why:
        if not isinstance(why.orig, LockNotAvailable):
            raise
        raise StartRefused(
            "The database was not migrated, and is as it was: somebody keeps a table that must change. Stop every "
            "Penset of it, and whatever else is connected to it, then run again: penset migrate"
        ) from why


def downgrade(url: str, *, to: str) -> str:
    """Go back to a revision, for tests and for an operator who must. The revision reached."""
    from alembic import command

    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        command.downgrade(alembic_config(connection), to)
        return current(connection)


def still_running(url: str) -> int:
    """How many connections other Pensets have to a database that is not at this code's revision yet."""
    with create_engine(sqlalchemy_url(url), poolclass=NullPool).begin() as connection:
        return 0 if current(connection) == head() else connection.scalar(text(OF_PENSET)) or 0


def current(connection: Connection) -> str:
    """The revision that the database is at; empty for an empty database."""
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision() or ""


def head() -> str:
    """The revision that this code wants."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(alembic_config()).get_current_head() or ""


def knows(revision: str) -> bool:
    """Whether this code can bring a database of that revision to its own."""
    from alembic.script import ScriptDirectory

    ours = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return any(script.revision == revision for script in ours)


def check_schema(connection: Connection) -> None:
    """StartRefused, naming both, unless the database is at this code's revision."""
    found, wanted = current(connection), head()
    if found != wanted:
        raise StartRefused(
            f"The database is at schema {found or 'nothing'}, this Penset wants {wanted}. Run: penset migrate "
            "(or install the Penset that belongs to that schema)."
        )


def make_app_role(connection: Connection) -> None:
    """The lesser role of daily work, where we may make it. Without it the triggers alone guard history."""
    exists = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": APP_ROLE})
    if exists:
        return
    try:
        with connection.begin_nested():
            connection.execute(text(f"CREATE ROLE {APP_ROLE} NOLOGIN"))
            connection.execute(text(f"GRANT {APP_ROLE} TO CURRENT_USER"))
    except DBAPIError:
        return
