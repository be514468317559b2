"""One worker a folder: two at once would write one journal, and remove each other's checkpoints."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

LOCK = "at_work.lock"
PATIENCE = 20.0  # seconds for the worker of an earlier try to have ended, where it was told to
SAID = "Another worker is at work in this folder. Wait until it has ended, or end it, and start again."


class AlreadyAtWork(Exception):
    """A worker that works in the folder is left alone: nothing was written there."""


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder for as long as this process works in it. AlreadyAtWork where another one goes on doing so."""
    with (folder / LOCK).open("a") as lock:
        until = time.monotonic() + PATIENCE
        while not is_ours(lock):
            if time.monotonic() > until:
                raise AlreadyAtWork(SAID)
            time.sleep(0.5)
        yield


def is_ours(lock: IO[str]) -> bool:
    """Whether the lock is ours now; also where the file system knows no locks, as some of clusters do."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
