"""A copy of the whole database in one file, by PostgreSQL's own pg_dump, and the database made of such a file again."""

import os
import shutil
import subprocess
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from app.core.embedded_programs import in_wheel
from app.core.errors import StartRefused
from app.core.migrate import upgrade
from app.core.worker import connection_info

PATIENCE_MS = 5_000  # for whoever still uses the database
EMPTY = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"


def dump(url: str, file: Path, *, embedded: bool) -> None:
    """Write what the database holds at this moment, whatever is written meanwhile. There is a whole file or none."""
    part = file.with_name(file.name + ".part")
    try:
        _run("pg_dump", url, "--format=custom", f"--file={part}", embedded=embedded)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def restore(url: str, file: Path, *, embedded: bool) -> str:
    """Replace all that the database holds by what the file does, and migrate it. The revision reached.

    StartRefused, with everything as it was, where the file is no dump or somebody is at work in the database.
    """
    _run("pg_restore", None, "--list", str(file), embedded=embedded)
    with psycopg.connect(connection_info(url)) as connection:
        connection.execute(f"SET lock_timeout = {PATIENCE_MS}")
        try:
            connection.execute(EMPTY)
        except psycopg.errors.LockNotAvailable:
            raise StartRefused("Somebody still uses this database. Stop every Penset of it first.") from None
    _run("pg_restore", url, "--exit-on-error", "--single-transaction", "--no-comments", str(file), embedded=embedded)
    return upgrade(url)


def _run(name: str, url: str | None, *arguments: str, embedded: bool) -> None:
    environment = dict(os.environ)
    if url is not None:
        parsed = make_url(connection_info(url))
        if parsed.password is not None:  # a command line is read by everybody on the machine
            environment["PGPASSWORD"] = str(parsed.password)
        database = parsed.set(password=None).render_as_string()
        arguments = (f"--dbname={database}", *arguments)
    program = _program(name, embedded=embedded)
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StartRefused(f"{name} failed: {done.stderr.strip()[-2000:]}")


def _program(name: str, *, embedded: bool) -> str:
    """The embedded server's own program; for another server the one that is installed here, which belongs to it."""
    if chosen := os.environ.get("PENSET_POSTGRES_BIN"):
        return str(Path(chosen) / name)
    found = str(in_wheel() / name) if embedded else shutil.which(name)
    if found is None:
        raise StartRefused(f"There is no {name} here. Install PostgreSQL's client programs, of your server's version.")
    return found
