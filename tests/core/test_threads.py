"""What is given to a thread is waited for, also by who is cancelled meanwhile."""

import asyncio
import contextlib
import threading
from contextvars import ContextVar

import anyio
import pytest

from app.core.threads import in_a_thread

WHOSE: ContextVar[str] = ContextVar("WHOSE")


def test_a_thread_has_the_context_of_who_calls() -> None:
    async def ask() -> tuple[str, int]:
        WHOSE.set("mine")
        return await in_a_thread(lambda: (WHOSE.get(), threading.get_ident()))

    whose, thread = asyncio.run(ask())
    assert whose == "mine"
    assert thread != threading.get_ident()


def test_what_goes_wrong_in_a_thread_is_told() -> None:
    async def ask() -> float:
        return await in_a_thread(lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(ask())


def test_an_iterator_that_ends_is_a_fault_as_any_other() -> None:
    async def ask() -> int:
        return await asyncio.wait_for(in_a_thread(lambda: next(iter([]))), 60)

    with pytest.raises(RuntimeError, match="StopIteration"):
        asyncio.run(ask())


def test_who_is_cancelled_is_so_when_the_thread_has_ended() -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        assert go_on.wait(60)
        ended.set()

    async def cancelled_meanwhile() -> tuple[bool, bool]:
        loop = asyncio.get_running_loop()
        waiting = asyncio.create_task(in_a_thread(work))
        await loop.run_in_executor(None, begun.wait, 60)
        waiting.cancel()
        await asyncio.wait([waiting], timeout=0.01)
        waited = not waiting.done()
        go_on.set()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
        return waited, ended.is_set() and waiting.cancelled()

    assert asyncio.run(cancelled_meanwhile()) == (True, True)


def test_a_scope_that_is_cancelled_waits_for_the_thread_too() -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        assert go_on.wait(60)
        ended.set()

    async def cancelled_meanwhile() -> list[bool]:
        left: list[bool] = []

        async def wait() -> None:
            try:
                await in_a_thread(work)
            finally:
                left.append(ended.is_set())

        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            await asyncio.get_running_loop().run_in_executor(None, begun.wait, 60)
            group.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                for _ in range(20):  # rounds of the loop, in each of which the scope cancels again
                    await asyncio.sleep(0)
            go_on.set()
        return left

    assert asyncio.run(cancelled_meanwhile()) == [True]


def test_many_at_once_have_a_thread_each() -> None:
    together = threading.Barrier(5)

    async def ask() -> list[int]:
        return await asyncio.gather(*(in_a_thread(lambda: together.wait(60)) for _ in range(5)))

    assert sorted(asyncio.run(ask())) == [0, 1, 2, 3, 4]
