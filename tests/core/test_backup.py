"""A backup is whole and private; a restore replaces everything, on any server, or nothing."""

import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from app.core import backup
from app.core.backup import dump, restore, way_to
from app.core.embedded_programs import account_for, locate, own, run
from app.core.errors import StartRefused
from app.core.migrate import head
from app.core.worker import connection_info
from tests.postgres_holders import USERS, ask, place_for

PASSWORD = "p@ss:w/örd"
CUT = 1000  # bytes: the contents at the head stay whole
RIGHTS = """
    SELECT has_table_privilege('penset_app', 'later', 'INSERT')
        AND has_table_privilege('penset_app', 'audit_log', 'INSERT')
        AND NOT has_table_privilege('penset_app', 'audit_log', 'UPDATE')
        AND NOT has_table_privilege('penset_app', 'alembic_version', 'UPDATE')
"""


@pytest.fixture(scope="module")
def made(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a migrated database whose tables belong to the role `penset`."""
    file = tmp_path_factory.mktemp("backup") / "penset.dump"
    dump(database_url, file, embedded=True)
    return file


@pytest.fixture(scope="module")
def operators() -> Iterator[str]:
    """A server of an operator's own that asks for passwords and knows no role of ours; its superuser's URL."""
    with place_for(USERS[0]) as place:
        folder = place / "server"
        account = account_for(folder)
        own(folder, account)
        programs = locate(folder, account)
        (folder / "password").write_text(PASSWORD + "\n")
        settings = ["-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--no-sync"]
        run(account, folder, [str(programs / "initdb"), "-D", "data", *settings, "--pwfile=password"], seconds=120)
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        control = [str(programs / "pg_ctl"), "-D", "data", "-w"]
        run(account, folder, [*control, "start", "-l", "server.log", "-o", options], seconds=120)
        yield f"postgresql://postgres:{quote(PASSWORD, safe='')}@/postgres?host={folder}"
        run(account, folder, [*control, "stop", "-m", "immediate"], seconds=120)


@pytest.fixture(scope="module")
def alices(operators: str) -> str:
    """Alice's empty database on that server, as `createdb --owner alice` makes it."""
    do(operators, f"CREATE ROLE alice LOGIN CREATEROLE PASSWORD '{PASSWORD}'", "CREATE DATABASE alices OWNER alice")
    return operators.replace("//postgres:", "//alice:").replace("@/postgres?", "@/alices?")


def do(url: str, *statements: str) -> None:
    """Statements, each in a transaction of its own."""
    with psycopg.connect(connection_info(url), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_a_backup_is_for_its_owners_eyes_alone(made: Path) -> None:
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert list(made.parent.iterdir()) == [made]


def test_a_damaged_backup_leaves_the_database_as_it_was(own_database: str, made: Path, tmp_path: Path) -> None:
    do(own_database, "CREATE TABLE written_since AS SELECT 'kept' AS word")
    cut = tmp_path / "cut.dump"
    cut.write_bytes(made.read_bytes()[:-CUT])
    with pytest.raises(StartRefused, match=r"pg_restore failed: .*end of file"):
        restore(own_database, cut, embedded=True)
    assert ask(connection_info(own_database), "SELECT word FROM written_since") == "kept"


def test_a_backup_of_a_newer_schema_is_not_restored(own_database: str, tmp_path: Path) -> None:
    do(own_database, "UPDATE alembic_version SET version_num = '9999'")
    newer = tmp_path / "newer.dump"
    dump(own_database, newer, embedded=True)
    do(own_database, "CREATE TABLE written_since AS SELECT 'kept' AS word")
    with pytest.raises(StartRefused, match="at schema 9999, which this Penset does not know"):
        restore(own_database, newer, embedded=True)
    assert ask(connection_info(own_database), "SELECT word FROM written_since") == "kept"


def test_a_restore_refuses_while_somebody_is_connected_and_idle(
    own_database: str, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "PATIENCE_SECONDS", 0)
    with psycopg.connect(connection_info(own_database), autocommit=True) as idle:
        idle.execute("CREATE TABLE written_since AS SELECT 'kept' AS word")
        with pytest.raises(StartRefused, match=r"Somebody still uses this database \(connections: 1\)"):
            restore(own_database, made, embedded=True)
    assert ask(connection_info(own_database), "SELECT word FROM written_since") == "kept"


def test_a_fresh_server_takes_a_backup_under_a_password_and_another_name_and_gives_one(
    alices: str, made: Path, tmp_path: Path
) -> None:
    assert restore(alices, made, embedded=True) == head()
    again = tmp_path / "again.dump"
    do(alices, "CREATE TABLE later ()")
    dump(alices, again, embedded=True)
    do(alices, "DROP TABLE later", "CREATE TABLE of_a_newer_schema ()")
    assert restore(alices, again, embedded=True) == head()
    assert ask(alices, "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'") == "alice"
    assert ask(alices, "SELECT to_regclass('of_a_newer_schema')") == "None"
    do(alices, "DROP TABLE later", "CREATE TABLE later ()")
    assert ask(alices, RIGHTS) == "True"


def test_a_database_of_somebody_else_is_not_replaced(alices: str, operators: str, made: Path) -> None:
    do(operators, "CREATE DATABASE bobs")
    with pytest.raises(StartRefused, match=r"psql failed: .*must be owner of schema public"):
        restore(alices.replace("/alices?", "/bobs?"), made, embedded=True)


def test_a_server_that_does_not_answer_is_said_so(made: Path, tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="The database does not answer"):
        restore(f"postgresql://alice@/alices?host={tmp_path}", made, embedded=True)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://alice:p%40ss@db.example.org/penset",
        "postgresql://alice@db.example.org/penset?password=p%40ss",
        "postgresql+psycopg://alice:other@db.example.org/penset?password=p%40ss",
    ],
)
def test_a_password_is_not_on_the_command_line(url: str) -> None:
    address, environment = way_to(url)
    assert (address, environment["PGPASSWORD"]) == ("postgresql://alice@db.example.org/penset", "p@ss")


def test_the_password_of_a_key_is_refused_rather_than_shown() -> None:
    with pytest.raises(StartRefused, match=r"sslpassword .* Name a key without a password"):
        way_to("postgresql://alice@db.example.org/penset?sslkey=k.pem&sslpassword=secret")


def test_a_wrong_folder_of_programs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSET_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(StartRefused, match=f"PENSET_POSTGRES_BIN is {tmp_path}, but there is no pg_dump"):
        dump("postgresql://alice@/alices", tmp_path / "penset.dump", embedded=True)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match=r"nowhere/penset\.dump cannot be written: .*No such file"):
        dump("postgresql://alice@/alices", tmp_path / "nowhere" / "penset.dump", embedded=True)
