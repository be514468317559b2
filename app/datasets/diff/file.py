"""Every change from one version to another as a file: a JSON object a line, in flat memory however many there are."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session, sessionmaker
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from app.datasets.diff.changes import Kind
from app.datasets.kinds import Changes
from app.datasets.models import Version
from app.datasets.publish.rows import line_of

BATCH = 500
NAME = "changes.jsonl"


@dataclass(frozen=True)
class Place:
    """Where the file goes on: within the changes of this kind, past the row of this name."""

    kind: Kind
    after: int = 0


FIRST = Place(next(iter(Kind)))


def send_changes(request: Request, newer: Version, older: Version, of: Changes) -> StreamingResponse:
    """The file, read while it is sent. Versions never change, so batches read one after another fit together."""
    headers = {
        "Content-Disposition": f'attachment; filename="changes-{older.id}-to-{newer.id}.jsonl"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-cache",
    }
    return StreamingResponse(
        batches(request.app.state, older.id, newer.id, of), headers=headers, media_type="application/jsonl"
    )


async def batches(state: Any, old_id: int, new_id: int, of: Changes) -> AsyncIterator[bytes]:
    """The lines, a batch at a time. A connection is held while a batch is read, never while it is sent."""
    place: Place | None = FIRST
    while place is not None:
        async with state.turns:
            lines, place = await run_in_threadpool(read, state.sessions, old_id, new_id, place, of)
        yield lines


def read(
    sessions: sessionmaker[Session], old_id: int, new_id: int, place: Place, of: Changes
) -> tuple[bytes, Place | None]:
    """The lines of one batch, and where the next begins; None behind the last."""
    with sessions.begin() as session:
        changes = of.list(session, old_id, new_id, place.kind, place.after, BATCH)
        lines = b"".join(line_of(of.as_row(place.kind, change)) for change in changes)
    if len(changes) == BATCH:
        return lines, Place(place.kind, changes[-1].name)
    rest = list(Kind)[list(Kind).index(place.kind) + 1 :]
    return lines, Place(rest[0]) if rest else None
