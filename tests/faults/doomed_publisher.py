"""A worker that kills itself at a named point of publishing: `-m tests.faults.doomed_publisher URL FOLDER POINT`."""

import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.core.database import make_engine, make_sessions
from app.core.jobs import surround
from app.core.settings import Settings
from app.core.storage_local import Disk, LocalStorage
from app.core.worker import work

FILES = 5
POINTS = (
    "after the select",
    "half a file",
    "before a name",
    "after a name",
    "before the last name",
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
        self.point, self.named = point, 0

    def write(self, file: int, data: memoryview) -> int:
        """See Disk."""
        if self.point == "half a file" and self.named == 1:
            super().write(file, data[: len(data) // 2])
            die()
        return super().write(file, data)

    def name(self, part: str, parts: int, name: str, folder: int) -> None:
        """See Disk."""
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

    def list(self, prefix: str = "") -> Iterable[str]:  # type: ignore[override]
        """See Storage."""
        if self.point == "while tidying up":
            die()
        return super().list(prefix)


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
    surround(settings, sessions, storage)
    work(url, queues=["default"], wait=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
