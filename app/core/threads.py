"""Threads that carry requests out while the event loop goes on.

AnyIO's do the same for everybody: they count who is busy, can be cancelled, and belong to one loop. A request has its
turn already, is never broken off halfway, and took longer to be handed over and back than to find out who asks.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

import anyio

T = TypeVar("T")


class Work:
    """What one request has to be done. `told`: for whoever waits; `over`: for whoever no longer waits for it.

    Both are the event loop's; the thread touches the others.
    """

    def __init__(self, function: Callable[[], Any]) -> None:
        self.loop = asyncio.get_running_loop()
        self.context, self.function = copy_context(), function
        self.told: asyncio.Future[Any] = self.loop.create_future()
        self.over = asyncio.Event()
        self.result: Any = None
        self.failed: BaseException | None = None

    def carry_out(self) -> None:
        """Do it, here and now."""
        try:
            self.result = self.context.run(self.function)
        except StopIteration as error:  # which no future takes
            self.failed = RuntimeError("StopIteration")
            self.failed.__cause__ = error
        except BaseException as error:
            self.failed = error

    def tell(self) -> None:
        """In the event loop: tell what came of it."""
        self.over.set()
        if self.told.cancelled():
            return
        if self.failed is None:
            self.told.set_result(self.result)
        else:
            self.told.set_exception(self.failed)


class Hand(Thread):
    """One thread. Between two requests it lies in `IDLE`, where the one that was busy last is taken first."""

    def __init__(self) -> None:
        super().__init__(name="Penset request", daemon=True)
        self.given: SimpleQueue[Work] = SimpleQueue()

    def run(self) -> None:
        """Carry out what is given, one after the other, as long as the process lives."""
        while True:
            self._carry_out(self.given.get())

    def _carry_out(self, work: Work) -> None:
        work.carry_out()
        IDLE.append(self)
        if not work.loop.is_closed():  # else nobody waits any more
            work.loop.call_soon_threadsafe(work.tell)


IDLE: deque[Hand] = deque()


async def in_a_thread(function: Callable[[], T]) -> T:
    """What the function returns, from a thread that has the context of who calls.

    Who is cancelled meanwhile is so when it has ended: what it holds may not be given to others before.
    """
    work = Work(function)
    try:
        hand = IDLE.pop()
    except IndexError:
        hand = Hand()
        hand.start()
    hand.given.put(work)
    try:
        result: T = await work.told
    except asyncio.CancelledError:
        with anyio.CancelScope(shield=True):  # AnyIO's scopes cancel whatever waits in them again and again
            await work.over.wait()
        raise
    return result
