"""Long lists in pages of the same cost: keyset cursors, signed, bound to one list, one person and one filter."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.core.errors import Invalid, Place

PAGE_SIZE = 20
Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows of one page and the cursor of the next, if there is one."""

    rows: Sequence[Row]
    next_cursor: str | None


@dataclass(frozen=True)
class CursorBook:
    """Writes and reads the cursors of one list (`name`) for one person and one filter."""

    keys: list[bytes]
    name: str
    person_id: int
    filters: Any = None

    def write(self, position: int) -> str:
        """An opaque cursor that stands after the row with this position."""
        payload = str(position).encode()
        return base64.urlsafe_b64encode(payload + b"." + self._signature(self.keys[0], payload)).decode().rstrip("=")

    def read(self, cursor: str | None) -> int | None:
        """The position, or None for the first page. Invalid where the cursor is not of this list and person."""
        if cursor is None:
            return None
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            payload, _, signature = base64.b64decode(padded, altchars=b"-_", validate=True).partition(b".")
            if any(hmac.compare_digest(signature, self._signature(key, payload)) for key in self.keys):
                return int(payload)
        except ValueError:
            pass
        raise Invalid(
            "core.bad_cursor",
            "This place in the list is no longer known. Start again at the first page.",
            Place("/cursor", "is not a cursor of this list"),
        )

    def page(self, rows: Sequence[Row], *, size: int = PAGE_SIZE, position: Any) -> Page[Row]:
        """A page from up to size + 1 rows; `position(row)` is the keyset value of a row."""
        if len(rows) <= size:
            return Page(rows, None)
        return Page(rows[:size], self.write(position(rows[size - 1])))

    def _signature(self, key: bytes, payload: bytes) -> bytes:
        scope = json.dumps([self.name, self.person_id, self.filters], sort_keys=True, default=str).encode()
        return hmac.new(key, scope + b"\0" + payload, hashlib.sha256).hexdigest()[:32].encode()
