"""A model's process without a model: the real desk at the real socket, and what it says is written here."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.training.generator.desk import Left, Speak, Tell, serve
from app.training.generator.protocol import Ask
from app.training.playground.bundled import socket_in


class Says:
    """Says the same to everything, word by word, and remembers what it was asked. `first`: what happens before."""

    def __init__(self, words: str = "Tell her <b>soon</b>.", first: Callable[[], object] = lambda: None) -> None:
        self.words, self.first, self.asked = words, first, list[Ask]()

    def __call__(self, ask: Ask, tell: Tell, left: Left) -> None:
        self.asked.append(ask)
        self.first()
        for side in ask.sides:
            tell({"kind": "loading", "side": side.name})
            for word in self.words.split():
                tell({"kind": "token", "side": side.name, "text": f"{word} "})
            ended = side.name == "tuned"
            tell({"kind": "answered", "side": side.name, "tokens": 3, "seconds": 0.5, "ended": ended})
        tell({"kind": "done"})


@contextmanager
def speaking(folder: Path, model: Speak) -> Iterator[None]:
    """A desk that answers by this at the socket of the playground's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    loop = asyncio.new_event_loop()
    working: asyncio.Future[None] = loop.create_task(serve(socket_in(folder), model, idle_seconds=600))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    while not listens(socket_in(folder)):
        thread.join(0.005)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(working.cancel)
        asyncio.run_coroutine_threadsafe(asyncio.wait({working}), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
        loop.close()


def listens(address: Path) -> bool:
    """Whether somebody is at this socket."""
    with socket.socket(socket.AF_UNIX) as line:
        return line.connect_ex(str(address)) == 0
