"""The model's real process: one for all web processes of a machine, without secrets, and gone is not gone for good.

No model is loaded here: each test ends while the process still loads its libraries.
"""

import asyncio
import os
import signal
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import psutil
import pytest

from app.core.settings import Settings
from app.training.base_models import HERE, TINY
from app.training.generator.protocol import BUSY_CODE, Event
from app.training.playground import bundled
from app.training.playground.asked import Pair, Question
from app.training.playground.bundled import TAKEN, Bundled, NotStarted, socket_in

PAIR = Pair(7, TINY, lambda: {"base": str(HERE / "tiny"), "tuned": str(HERE / "tiny")})
QUESTION = Question("Why?", (), 0.0, 4, 1)


@pytest.fixture
def site(settings: Settings) -> Iterator[Bundled]:
    """A web process of a site."""
    site = Bundled(settings)
    yield site
    site.close()


@pytest.fixture
def other_site(settings: Settings) -> Iterator[Bundled]:
    """Another web process of the same site."""
    site = Bundled(settings)
    yield site
    site.close()


async def until_loading(events: AsyncIterator[Event]) -> None:
    """The process has heard the ask, and begins to load."""
    async for event in events:
        if event["kind"] == "loading":
            return
    raise AssertionError("nothing was loaded")


def pid_of(site: Bundled) -> int:
    """The process that this site has started."""
    assert site.child
    return site.child.pid


def test_a_killed_process_is_told_of_and_the_next_ask_starts_it_anew(
    site: Bundled, monkeypatch: pytest.MonkeyPatch
) -> None:  # S87
    monkeypatch.setenv("PENSET_DATABASE_URL", "marker-secret")

    async def story() -> None:
        async with aclosing(site.events(PAIR, QUESTION)) as events:
            await until_loading(events)
            killed = pid_of(site)
            assert "marker-secret" not in psutil.Process(killed).environ().values()
            assert os.getpgid(killed) == killed != os.getpgid(0)
            os.kill(killed, signal.SIGKILL)
            rest = [event async for event in events]
        assert [(event["kind"], event.get("code")) for event in rest] == [("failed", "ended")]
        async with aclosing(site.events(PAIR, QUESTION)) as events:
            await until_loading(events)
        assert pid_of(site) != killed

    asyncio.run(story())


def test_two_web_processes_share_one_model_process_and_its_line(site: Bundled, other_site: Bundled) -> None:
    async def story() -> None:
        async with aclosing(site.events(PAIR, QUESTION)) as events:
            await until_loading(events)
            async with aclosing(other_site.events(PAIR, QUESTION)) as others:
                assert await anext(others) == {"kind": "queued", "place": 2}
        assert other_site.child is None
        second = await asyncio.create_subprocess_exec(*other_site.command())
        assert await second.wait() == BUSY_CODE

    asyncio.run(story())
    shared = pid_of(site)
    site.close()
    assert not psutil.pid_exists(shared), "a site that ends takes its process with it"


def test_an_interpreter_that_is_not_there_or_has_no_penset_is_said_after_one_try(
    settings: Settings, tmp_path: Path
) -> None:
    wrong = tmp_path / "python"
    wrong.write_text("#!/bin/sh\nexit 1\n")
    wrong.chmod(0o700)

    async def all_of_it() -> list[Event]:
        return [event async for event in Bundled(settings).events(PAIR, QUESTION)]

    for python in ("/nowhere/python", str(wrong)):
        settings.python = python
        assert [event["code"] for event in asyncio.run(all_of_it())] == ["not_started"]


FAR = Path("/data", "x" * 120)  # too long a name for a socket


def test_a_socket_of_a_short_name_lies_where_nobody_else_can_put_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundled, "SHORT", tmp_path)
    made = socket_in(FAR).parent.lstat()
    assert (made.st_mode, made.st_uid) == (stat.S_IFDIR | 0o700, os.geteuid())
    assert socket_in(FAR) == socket_in(FAR) != socket_in(FAR / "other")


@pytest.mark.parametrize("others", [lambda at: at.mkdir(mode=0o755), Path.touch, lambda at: at.symlink_to("/var")])
def test_what_others_have_put_in_its_place_is_refused(
    others: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundled, "SHORT", tmp_path)
    at = socket_in(FAR).parent
    at.rmdir()
    others(at)
    with pytest.raises(NotStarted, match="belongs to somebody else") as refused:
        socket_in(FAR)
    assert str(refused.value) == TAKEN
