"""Where files of dataset versions and models are kept: one interface for a folder and for S3 (decision 0002)."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path

LONGEST_KEY = 200
CHUNK_BYTES = 256 * 1024
# Each segment begins with a letter or a digit: no "..", no hidden file, no empty segment, nothing absolute.
KEY = re.compile(r"[a-z0-9][a-z0-9_.-]*(?:/[a-z0-9][a-z0-9_.-]*)*")


class StorageError(Exception):
    """A file could not be kept, read or removed; the message says which and why."""


class BadKey(StorageError):
    """Not a key that we would make."""


class NotStored(StorageError):
    """There is no file of this key."""


class AlreadyStored(StorageError):
    """There is a file of this key, and files are never overwritten."""


class StorageFailed(StorageError):
    """The disk or the object storage refused: full, broken, out of reach. Nothing of the file was kept."""


class Storage(ABC):
    """Files by key. A file is there whole or not at all, and never changes."""

    @abstractmethod
    def put_new(self, key: str, content: Path | Iterable[bytes]) -> int:
        """Keep the content, safe on disk when this returns, and say its size in bytes.

        AlreadyStored if the key is taken. Never retried here: after StorageFailed the caller may begin again.
        """

    @abstractmethod
    def open(self, key: str, span: tuple[int, int] | None = None) -> Iterator[bytes]:
        """The content in chunks, or its bytes from span[0] up to span[1] (without it). NotStored at once, not later."""

    @abstractmethod
    def size(self, key: str) -> int:
        """The content's size in bytes. NotStored if there is none."""

    @abstractmethod
    def stamp(self, key: str) -> str:
        """What names the file as it lies there: once its bytes were touched, another. NotStored if there is none."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove the file. No error if it has already gone."""

    @abstractmethod
    def list(self, prefix: str = "") -> Iterator[str]:
        """The keys below a prefix of whole segments (all for an empty one), sorted."""


def checked(key: str) -> str:
    """The key itself, or BadKey. Keys are made by us: a person's file name never becomes one."""
    if len(key) > LONGEST_KEY or not KEY.fullmatch(key) or ".." in key:
        raise BadKey(f"{key[:LONGEST_KEY]!r} is not a storage key.")
    return key


def clamped(span: tuple[int, int] | None, size: int) -> tuple[int, int]:
    """The span cut to what exists; the whole without one."""
    start, end = span or (0, size)
    if start < 0 or end < start:
        raise ValueError(f"A span runs from its start to its end, not {start} to {end}.")
    return min(start, size), min(end, size)
