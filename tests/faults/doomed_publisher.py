"""A worker that kills itself at a named point of its job: `-m tests.faults.doomed_publisher URL FOLDER POINT`."""

import itertools
import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from psycopg import Copy
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.core.database import make_engine, make_sessions
from app.core.jobs import surround
from app.core.settings import Settings
from app.core.storage_local import Disk, LocalStorage
from app.core.worker import work
from app.datasets.publish.facts import Spool

FILES = 5
POINTS = (
    "while reading",
    "after the select",
    "half a file",
    "before a name",
    "after a name",
    "before the last name",
    "while the rows are copied",
    "before the commit",
    "after the commit",
    "while tidying up",
)


def die() -> None:
    """No handler, no finally, no flush: as if the machine had been switched off."""
    os.kill(os.getpid(), signal.SIGKILL)


class DoomedDisk(Disk):
    """Kills the process at its point."""

    def __init__(self, point: str) -> None:
        self.point, self.named, self.calls = point, 0, 0
        self.last_call = int(point.removeprefix("call ")) if point.startswith("call ") else 0

    def count(self) -> None:
        """One more call; at `call 7` the seventh is never made."""
        self.calls += 1
        if self.calls == self.last_call:
            die()

    def create(self, name: str, folder: int) -> int:
        """See Disk."""
        self.count()
        return super().create(name, folder)

    def sync(self, descriptor: int) -> None:
        """See Disk."""
        self.count()
        super().sync(descriptor)

    def write(self, file: int, data: memoryview) -> int:
        """See Disk."""
        self.count()
        if self.point == "half a file" and self.named == 1:
            super().write(file, data[: len(data) // 2])
            die()
        return super().write(file, data)

    def name(self, part: str, parts: int, name: str, folder: int) -> None:
        """See Disk."""
        self.count()
        last = self.named == FILES - 1
        if self.point == "before a name" or (self.point == "before the last name" and last):
            die()
        super().name(part, parts, name, folder)
        self.named += 1
        if self.point == "after a name":
            die()


class DoomedStorage(LocalStorage):
    """Knows when the first file is about to be kept, and when tidying begins."""

    def __init__(self, root: Path, point: str) -> None:
        self.doom, self.point = DoomedDisk(point), point
        super().__init__(root, self.doom)

    def put_new(self, key: str, content: Path | Iterable[bytes]) -> int:
        """See Storage."""
        if self.point == "after the select":
            die()
        return super().put_new(key, content)

    def delete(self, key: str) -> None:
        """See Storage."""
        super().delete(key)
        if self.point == "after a file is removed":
            die()

    def list(self, prefix: str = "") -> Iterable[str]:  # type: ignore[override]
        """See Storage."""
        if self.point == "while tidying up":
            die()
        return super().list(prefix)


def die_at(calls: int, method: Callable[..., Any]) -> Callable[..., Any]:
    """The method, but for its n-th call."""
    count = itertools.count(1)

    def doomed(*args: Any) -> Any:
        if next(count) == calls:
            die()
        return method(*args)

    return doomed


def main(url: str, folder: str, point: str) -> None:
    """Publish what waits, up to the point."""
    settings = Settings(data=Path(folder))
    sessions = make_sessions(make_engine(url, settings))
    storage = DoomedStorage(settings.files_folder, point)

    def at(session: Session) -> None:
        if storage.doom.named == FILES:
            die()

    if point in ("before the commit", "after the commit"):
        event.listen(sessions, point.replace(" the ", "_"), at)
    if point == "while reading":
        Spool.add = die_at(7, Spool.add)  # type: ignore[method-assign]
    if point == "while the rows are copied":
        Copy.write_row = die_at(7, Copy.write_row)  # type: ignore[method-assign]
    surround(settings, sessions, storage)
    work(url, queues=["default"], wait=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
