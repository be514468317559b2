"""Asks wait in one line, each hears its place, and whoever leaves makes room."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from app.training.generator.desk import MOST_WAITING, Left, Tell, serve
from app.training.generator.protocol import Ask, Event, event_of
from app.training.playground.bundled import socket_in

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Asks = Callable[[int | bytes], Awaitable[Line]]
ASK = Ask([], 0.0, 9, 1)


class Slow:
    """A model that says one word and then waits until it may end, or nobody listens."""

    def __init__(self) -> None:
        self.may_end, self.stopped = threading.Event(), 0

    def __call__(self, ask: Ask, tell: Tell, left: Left) -> None:
        tell({"kind": "token", "side": "base", "text": f"Seed {ask.seed}."})
        while not (self.may_end.wait(0.01) or left()):
            pass
        self.stopped += left()
        tell({"kind": "done"})


async def asked(socket: Path, seed: int | bytes) -> Line:
    """The line of somebody who has asked, with this seed or with these very bytes."""
    while True:
        try:
            reader, writer = await asyncio.open_unix_connection(socket)
        except (FileNotFoundError, ConnectionRefusedError):
            await asyncio.sleep(0.01)
            continue
        writer.write(seed if isinstance(seed, bytes) else replace(ASK, seed=seed).line())
        return reader, writer


async def heard(line: Line) -> Event:
    """What is told next on a line."""
    return event_of(await asyncio.wait_for(line[0].readline(), 60))


def at_the_desk(folder: Path, model: Slow, story: Callable[[Asks], Awaitable[None]]) -> None:
    """Play a story in front of a desk; then everybody leaves."""
    lines: list[Line] = []

    async def ask(seed: int | bytes) -> Line:
        lines.append(await asked(socket_in(folder), seed))
        return lines[-1]

    async def play() -> None:
        desk = asyncio.ensure_future(serve(socket_in(folder), model, idle_seconds=60))
        await story(ask)
        model.may_end.set()
        for _, writer in lines:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        desk.cancel()
        with suppress(asyncio.CancelledError):
            await desk

    asyncio.run(play())


def test_the_second_hears_that_it_is_second_and_is_answered_after_the_first(tmp_path: Path) -> None:
    model = Slow()

    async def story(ask: Asks) -> None:
        first = await ask(1)
        assert await heard(first) == {"kind": "queued", "place": 1}
        assert (await heard(first))["text"] == "Seed 1."
        second = await ask(2)
        assert await heard(second) == {"kind": "queued", "place": 2}
        model.may_end.set()
        assert await heard(first) == {"kind": "done"}
        assert await heard(second) == {"kind": "queued", "place": 1}
        assert (await heard(second))["text"] == "Seed 2."

    at_the_desk(tmp_path, model, story)


def test_who_leaves_stops_the_model_and_the_next_moves_up(tmp_path: Path) -> None:
    model = Slow()

    async def story(ask: Asks) -> None:
        first = await ask(1)
        await heard(first)
        second = await ask(2)
        await heard(second)
        third = await ask(3)
        assert (await heard(third))["place"] == 3
        second[1].close()  # while it waits
        assert (await heard(third))["place"] == 2
        first[1].close()  # while it is answered
        assert (await heard(third))["place"] == 1
        assert (await heard(third))["text"] == "Seed 3."
        assert model.stopped == 1

    at_the_desk(tmp_path, model, story)


def test_a_full_line_takes_nobody_more(tmp_path: Path) -> None:
    async def story(ask: Asks) -> None:
        lines = [await ask(seed) for seed in range(MOST_WAITING)]
        for line in lines:
            assert (await heard(line))["kind"] == "queued"
        late = await ask(99)
        assert (await heard(late))["code"] == "full"
        assert await late[0].read() == b""

    at_the_desk(tmp_path, Slow(), story)


def test_what_is_no_ask_of_ours_hears_nothing_and_stops_nothing(tmp_path: Path) -> None:
    async def story(ask: Asks) -> None:
        stranger = await ask(1)
        await heard(stranger)
        assert await (await ask(b'{"sides": 7}\n'))[0].read() == b""
        assert (await heard(stranger))["text"] == "Seed 1."

    at_the_desk(tmp_path, Slow(), story)


def test_a_desk_at_which_nobody_asks_ends(tmp_path: Path) -> None:
    asyncio.run(serve(socket_in(tmp_path), Slow(), idle_seconds=0.01))
    with pytest.raises((ConnectionRefusedError, FileNotFoundError)):
        asyncio.run(asyncio.open_unix_connection(socket_in(tmp_path)))


def test_an_ask_arrives_as_it_was_sent() -> None:
    assert Ask.from_line(ASK.line()) == ASK
