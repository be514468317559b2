"""A copy of the whole database in one file, by PostgreSQL's own pg_dump, and the database made of such a file again."""

import os
import shutil
import subprocess
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO

import psycopg
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from app.core.database import sqlalchemy_url
from app.core.embedded_programs import in_wheel
from app.core.errors import StartRefused
from app.core.migrate import knows, make_app_role, upgrade
from app.core.worker import connection_info

PATIENCE_SECONDS = 5  # a connection that was closed a moment ago is still listed for a blink
# Of others' connections a lesser role sees no more than whose they are; the server's own workers are nobody's.
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usesysid IS NOT NULL AND pid <> pg_backend_pid()
"""
EMPTY = f"""
    BEGIN;
    SET LOCAL client_min_messages = warning;
    SET LOCAL lock_timeout = '{PATIENCE_SECONDS}s';
    DROP SCHEMA public CASCADE;
    CREATE SCHEMA public;
"""
# In the dump they are those of the role that made the tables there, which need not be known here.
DEFAULT_RIGHTS = """
    DO $$ BEGIN
        IF EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = 'penset_app') THEN
            ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO penset_app;
            ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO penset_app;
        END IF;
    END $$;
    COMMIT;
"""


def dump(url: str, file: Path, *, embedded: bool) -> None:
    """Write what the database holds at this moment, whatever is written meanwhile. There is a whole file or none.

    Nobody but its owner can read it: it holds every text and the hashes of passwords.
    """
    program = _program("pg_dump", embedded=embedded)
    part = file.with_name(file.name + ".part")
    address, environment = way_to(url)
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            _run(program, f"--dbname={address}", "--format=custom", f"--file={part}", environment=environment)
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
    except OSError as why:
        raise StartRefused(f"{file} cannot be written: {why}") from why


def restore(url: str, file: Path, *, embedded: bool) -> str:
    """Replace all that the database holds by what the file does, and migrate it. The revision reached.

    StartRefused, with everything as it was, where the file is no whole dump of a Penset that we can migrate, somebody
    is connected to the database, or the server refuses any of it. What is restored belongs to the role in the URL,
    whoever it belonged to.
    """
    reader, writer = _program("pg_restore", embedded=embedded), _program("psql", embedded=embedded)
    contents = _run(reader, "--list", str(file)).splitlines(keepends=True)
    if not knows(found := _revision(reader, file)):
        raise StartRefused(
            f"{file} is at schema {found or 'nothing'}, which this Penset does not know. Is it of a newer Penset? "
            "Then install that one."
        )
    _wait_until_alone(url)
    with create_engine(sqlalchemy_url(url), poolclass=NullPool).begin() as connection:
        make_app_role(connection)  # the dump grants it its rights
    with NamedTemporaryFile("w") as wanted:
        wanted.writelines(line for line in contents if " DEFAULT ACL " not in line)
        wanted.flush()
        options = ("--file=-", f"--use-list={wanted.name}", "--no-owner", "--no-comments")
        _replace(url, [reader, *options, str(file)], writer)
    return upgrade(url)


def _revision(reader: str, file: Path) -> str:
    """The revision that a dump is at; empty where it is of something else."""
    lines = _run(reader, "--data-only", "--table=alembic_version", "--file=-", str(file)).splitlines()
    rows = (after for line, after in pairwise(lines) if line.startswith("COPY public.alembic_version "))
    return next(rows, "")


def way_to(url: str) -> tuple[str, dict[str, str]]:
    """The database's address for a command line, which everybody on the machine can read, and the environment with it.

    The password is in the environment alone. StartRefused where the URL holds a key's password, for which libpq has no
    place in the environment.
    """
    environment, parsed = dict(os.environ), make_url(connection_info(url))
    if "sslpassword" in parsed.query:
        raise StartRefused(
            "sslpassword in PENSET_DATABASE_URL would stand on the command line of PostgreSQL's programs, where "
            "everybody here can read it. Name a key without a password, or run pg_dump or pg_restore by hand."
        )
    passwords = [*filter(None, [parsed.password]), *parsed.normalized_query.get("password", ())]
    if passwords:
        environment["PGPASSWORD"] = passwords[-1]  # as libpq does it: what the query says counts
    open_part = parsed._replace(password=None).difference_update_query(["password"])  # `set` would not remove it
    return open_part.render_as_string(hide_password=False), environment


def _wait_until_alone(url: str) -> None:
    """Wait for connections that are being closed; StartRefused where somebody stays."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        with psycopg.connect(connection_info(url), autocommit=True) as connection:  # a transaction would see one state
            while (row := connection.execute(OTHERS).fetchone()) and row[0]:
                if time.monotonic() > deadline:
                    raise StartRefused(
                        f"Somebody still uses this database (connections: {row[0]}). Stop every Penset of it first, "
                        "and whatever else is connected to it."
                    )
                time.sleep(0.05)
    except psycopg.Error as why:
        raise StartRefused(f"The database does not answer: {why}") from why


def _replace(url: str, reading: list[str], writer: str) -> None:
    """Empty the database and fill it with what `reading` prints: one transaction, closed only when all was read.

    Whatever ends before that, be it this process, leaves the database as it was.
    """
    address, environment = way_to(url)
    command = [writer, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={address}"]
    with TemporaryFile() as misread, TemporaryFile() as refused:
        unread = 0
        with subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=refused
        ) as writing:
            assert writing.stdin is not None
            with suppress(BrokenPipeError), writing.stdin as script:  # it has ended early, and says why
                script.write(EMPTY.encode())
                script.flush()
                unread = subprocess.run(reading, stdout=script, stderr=misread, check=False).returncode
                if not unread:
                    script.write(DEFAULT_RIGHTS.encode())
        if writing.returncode:
            raise _failed(writer, refused)
        if unread:
            raise _failed(reading[0], misread)


def _run(program: str, *arguments: str, environment: dict[str, str] | None = None) -> str:
    """Run a program to its end. What it printed; StartRefused with its last words if it fails."""
    with TemporaryFile() as said:
        done = subprocess.run([program, *arguments], env=environment, stdout=subprocess.PIPE, stderr=said, check=False)
        if done.returncode:
            raise _failed(program, said)
        return done.stdout.decode()


def _failed(program: str, said: IO[bytes]) -> StartRefused:
    said.seek(0)
    words = said.read().decode(errors="replace").strip()[-2000:]
    return StartRefused(f"{Path(program).name} failed: {words or 'it was ended from outside'}")


def _program(name: str, *, embedded: bool) -> str:
    """The embedded server's own program; for another server the one that is installed here, which belongs to it."""
    if chosen := os.environ.get("PENSET_POSTGRES_BIN"):
        if found := shutil.which(name, path=chosen):
            return found
        raise StartRefused(f"PENSET_POSTGRES_BIN is {chosen}, but there is no {name} to run there.")
    found = str(in_wheel() / name) if embedded else shutil.which(name)
    if found is None:
        raise StartRefused(f"There is no {name} here. Install PostgreSQL's client programs, of your server's version.")
    return found
