"""Kill whoever holds the embedded Postgres, or the server, and nothing that was acknowledged is lost."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path

import psutil
import pytest

from tests.postgres_holders import ORDINARY, USERS, Holder, ask, gone, place_for, postmaster, readable_packages, tell

Hold = Callable[..., Holder]


@pytest.fixture(scope="module")
def packages() -> Iterator[Path]:
    with readable_packages() as folder:
        yield folder


@pytest.fixture(params=USERS)
def user(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def first_start(packages: Path) -> Iterator[Callable[[str], Path]]:
    """A data folder of a user's in which a server has run and ended: made once, since that takes a second each."""
    with ExitStack() as kept:

        @cache
        def made(user: str) -> Path:
            folder = kept.enter_context(place_for(user)) / "data"
            holder = Holder(folder, user, packages)
            holder.url()
            holder.leave()
            return folder

        yield made


@pytest.fixture
def place(user: str) -> Iterator[Path]:
    """Where no server has run yet."""
    with place_for(user) as place:
        yield place / "data"


@pytest.fixture
def folder(user: str, place: Path, first_start: Callable[[str], Path]) -> Path:
    """A data folder like that one."""
    subprocess.run(["cp", "-a", first_start(user), place], check=True)
    return place


@pytest.fixture
def hold(user: str, packages: Path) -> Iterator[Hold]:
    started: list[Holder] = []

    def start(folder: Path, *, durable: bool = False) -> Holder:
        started.append(Holder(folder, user, packages, durable=durable))
        return started[-1]

    yield start
    for holder in started:
        if holder.process.poll() is None:
            holder.kill()


def test_the_next_start_adopts_the_server_of_a_killed_parent(hold: Hold, folder: Path) -> None:  # R5
    killed = hold(folder)
    tell(killed.url(), "create table kept as select 7 as number")
    orphan = postmaster(folder)
    killed.kill()
    again = hold(folder)
    assert ask(again.url(), "select number from kept") == "7"
    assert postmaster(folder) == orphan
    again.leave()
    assert gone(orphan)


def test_a_killed_server_recovers_what_was_acknowledged(hold: Hold, folder: Path) -> None:  # R5
    holder = hold(folder, durable=True)
    tell(holder.url(), "create table kept as select 7 as number")
    postmaster(folder).kill()
    again = hold(folder)
    assert ask(again.url(), "select number from kept") == "7"
    holder.leave()
    again.leave()


def test_a_stale_lock_file_that_names_a_strangers_process_is_not_believed(
    hold: Hold, folder: Path, user: str
) -> None:  # R5
    holder = hold(folder)
    holder.url()
    server, parts = postmaster(folder), (folder / "cluster/postmaster.pid").read_text().split("\n", 1)
    server.kill()
    holder.kill()
    owner = {"root": "penset", ORDINARY: ORDINARY}.get(user)
    with subprocess.Popen(["sleep", "600"], user=owner) as stranger:
        (folder / "cluster/postmaster.pid").write_text(f"{stranger.pid}\n{parts[1]}")
        again = hold(folder)
        assert ask(again.url(), "select 1") == "1"
        again.leave()
        assert stranger.poll() is None
        stranger.kill()


def test_a_killed_first_start_leaves_nothing_that_stops_the_second(hold: Hold, place: Path) -> None:  # R5
    killed = hold(place)
    program = wait_for_program(killed, "initdb")
    killed.kill()
    program.kill()
    assert not (place / "cluster").exists()
    again = hold(place)
    assert ask(again.url(), "select 1") == "1"
    again.leave()
    assert not list(place.glob("cluster.new.*"))


def test_a_killed_initdb_is_an_error_that_the_next_start_repairs(hold: Hold, place: Path) -> None:  # R5
    failing = hold(place)
    wait_for_program(failing, "initdb").kill()
    status, words = failing.ended()
    assert status == 1
    assert "initdb failed" in words
    again = hold(place)
    assert ask(again.url(), "select 1") == "1"
    again.leave()


def test_a_server_stopped_under_our_feet_is_no_error_when_we_leave(hold: Hold, folder: Path) -> None:  # R5
    holder = hold(folder)
    holder.url()
    server = postmaster(folder)
    server.send_signal(signal.SIGINT)
    psutil.wait_procs([server], timeout=20)
    holder.leave()


def wait_for_program(holder: Holder, name: str) -> psutil.Process:
    """The first child of the holder that has become this program, held still so that it cannot end by itself."""
    parent = psutil.Process(holder.process.pid)
    while holder.process.poll() is None:
        for child in parent.children():
            with suppress(psutil.NoSuchProcess):
                if child.name() == name:
                    child.suspend()
                    return child
    raise AssertionError(holder.ended()[1])
