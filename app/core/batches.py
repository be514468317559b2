"""How is a file sent that is read while it is sent? A batch at a time, in flat memory however long it is."""

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

P = TypeVar("P")


def send_batches(
    state: Any, name: str, first: P, read: Callable[[Session, P], tuple[bytes, P | None]]
) -> StreamingResponse:
    """A file of JSON lines. `read` gives the bytes from a place on, and the next place; None at the end."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-cache",
    }
    return StreamingResponse(_batches(state, first, read), headers=headers, media_type="application/jsonl")


async def _batches(state: Any, first: P, read: Callable[[Session, P], tuple[bytes, P | None]]) -> AsyncIterator[bytes]:
    """A connection is held while a batch is read, never while it is sent."""

    def one(at: P) -> tuple[bytes, P | None]:
        with state.sessions.begin() as session:
            return read(session, at)

    place: P | None = first
    while place is not None:
        async with state.turns:
            lines, place = await run_in_threadpool(one, place)
        yield lines
