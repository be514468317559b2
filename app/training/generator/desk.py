"""Whose turn is it? Asks come over a socket and are answered one after the other; whoever waits hears the place."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.training.generator.protocol import LONGEST_LINE, Ask, Event, line_of

MOST_WAITING = 20
ASK_SECONDS = 10  # from the connection to the ask
Tell = Callable[[Event], None]
Left = Callable[[], bool]
Speak = Callable[[Ask, Tell, Left], None]
FULL: Event = {
    "kind": "failed",
    "code": "full",
    "sentence": f"{MOST_WAITING} people wait for the model already. Ask again in a while.",
}


@dataclass(eq=False)
class Waiting:
    """One ask, whoever waits for its answer, and whether they still do."""

    ask: Ask
    writer: asyncio.StreamWriter
    place: int = 0
    left: threading.Event = field(default_factory=threading.Event)
    served: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, event: Event) -> None:
        """Send an event. What is waited for is short, so it is not held back for a slow reader."""
        if not self.writer.is_closing():
            self.writer.write(line_of(event))


class Desk:
    """The line of asks. `speak` answers one, in a thread of its own, and ends early when who asked has left."""

    def __init__(self, speak: Speak, idle_seconds: float) -> None:
        self.speak, self.idle_seconds = speak, idle_seconds
        self.line: deque[Waiting] = deque()
        self.came = asyncio.Event()

    async def receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection is one ask; when it is closed, whoever asked has left."""
        try:
            async with asyncio.timeout(ASK_SECONDS):
                ask = Ask.from_line(await reader.readline())
            if len(self.line) >= MOST_WAITING:
                writer.write(line_of(FULL))
                return
            await self._wait(Waiting(ask, writer), reader)
        except (ValueError, TypeError, KeyError, TimeoutError, ConnectionError):
            return  # not one of our own asks, or a line that broke
        except asyncio.CancelledError:
            return  # the desk closes; asyncio would write each such line into the log as an error
        finally:
            writer.close()

    async def _wait(self, one: Waiting, reader: asyncio.StreamReader) -> None:
        self.line.append(one)
        self.came.set()
        self._tell_places()
        served, gone = asyncio.ensure_future(one.served.wait()), asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({served, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            one.left.set()
            if one in self.line and one is not self.line[0]:  # the first is at work, which ends by itself
                self.line.remove(one)
                self._tell_places()
            for waited in (served, gone):
                waited.cancel()

    async def work(self) -> None:
        """Answer, until nobody has asked for so long."""
        loop = asyncio.get_running_loop()
        while await self._somebody():
            one = self.line[0]

            def tell(event: Event, one: Waiting = one) -> None:
                loop.call_soon_threadsafe(one.tell, event)

            if not one.left.is_set():
                await asyncio.to_thread(self.speak, one.ask, tell, one.left.is_set)
            self.line.popleft()
            one.served.set()
            self._tell_places()

    async def _somebody(self) -> bool:
        while not self.line:
            self.came.clear()
            try:
                async with asyncio.timeout(self.idle_seconds):
                    await self.came.wait()
            except TimeoutError:
                return False
        return True

    def _tell_places(self) -> None:
        for place, one in enumerate(self.line, 1):
            if one.place != place:
                one.place = place
                one.tell({"kind": "queued", "place": place})


async def serve(socket: Path, speak: Speak, idle_seconds: float) -> None:
    """Answer at this socket until nobody has asked for so long. Whoever comes too late hears the line break."""
    desk = Desk(speak, idle_seconds)
    server = await asyncio.start_unix_server(desk.receive, socket, limit=LONGEST_LINE)
    try:
        await desk.work()
    finally:
        server.close()
