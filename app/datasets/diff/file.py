"""Every change from one version to another as a file: a JSON object a line, in flat memory however many there are."""

from dataclasses import dataclass

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import StreamingResponse

from app.core.batches import send_batches
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
    old_id, new_id = older.id, newer.id
    return send_batches(
        request.app.state,
        f"changes-{old_id}-to-{new_id}.jsonl",
        FIRST,
        lambda session, place: read(session, old_id, new_id, place, of),
    )


def read(session: Session, old_id: int, new_id: int, place: Place, of: Changes) -> tuple[bytes, Place | None]:
    """The lines of one batch, and where the next begins; None behind the last."""
    changes = of.list(session, old_id, new_id, place.kind, place.after, BATCH)
    lines = b"".join(line_of(of.as_row(place.kind, change)) for change in changes)
    if len(changes) == BATCH:
        return lines, Place(place.kind, changes[-1].name)
    rest = list(Kind)[list(Kind).index(place.kind) + 1 :]
    return lines, Place(rest[0]) if rest else None
