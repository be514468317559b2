"""What is remembered of the rows of a version while it is made, and where: in a nameless file, by the block."""

import marshal
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from itertools import compress
from operator import attrgetter
from typing import IO, Any, Generic, TypeVar

from app.core.by_number import Many

BLOCK = 500
BUFFER = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyRow:
    """What is remembered of a row of any kind: all but its text, which lies in the spool from `start` on.

    `author_id`: whose row it is where writers are held out. `only_tested`: whatever asks the same must not be trained
    on.
    """

    prompt_id: int
    author_id: int | None
    annotator: str
    category: str
    category_id: int | None
    language: str
    licence: str
    source: str
    start: int
    size: int
    only_tested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(AnyRow):
    """A row that is an approved response with its prompt."""

    submission_id: int
    revision_id: int
    guidelines: int | None
    turns: int
    prompt_characters: int
    response_characters: int


T = TypeVar("T")
R = TypeVar("R", bound=AnyRow)


class Spool:
    """Lines and blocks, one after another, in a file that has no name and is gone when the process is."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(buffering=BUFFER)  # noqa: SIM115 - closed with the gathering
        self._end, self._was_read = 0, False

    def add(self, line: bytes) -> int:
        """Set a line aside and say where it begins."""
        start = self._end
        if self._was_read:
            self._file.seek(start)
            self._was_read = False
        self._file.write(line)
        self._end += len(line)
        return start

    def read(self, start: int, size: int) -> bytes:
        """What was set aside there."""
        self._file.seek(start)
        self._was_read = True
        return self._file.read(size)

    def lines(self, facts: Iterable[AnyRow]) -> Iterator[bytes]:
        """The lines of these rows, in this order."""
        return (self.read(fact.start, fact.size) for fact in facts)

    def close(self) -> None:
        """Let go of the texts."""
        self._file.close()


class Aside(Generic[T]):
    """Things that wait in the spool in the order in which they came; memory holds where each block of them lies.

    `plain` makes a tuple of numbers and texts of one, and `whole` makes it again of that.
    """

    def __init__(self, spool: Spool, plain: Callable[[T], tuple[Any, ...]], whole: Callable[[tuple[Any, ...]], T]):
        self._spool, self._plain, self._whole = spool, plain, whole
        self._starts, self._sizes, self._last = array("q"), array("q"), list[tuple[Any, ...]]()

    def add(self, one: T) -> None:
        """Set one more aside, before anything is read."""
        self._last.append(self._plain(one))
        if len(self._last) == BLOCK:
            block = marshal.dumps(self._last)
            self._starts.append(self._spool.add(block))
            self._sizes.append(len(block))
            self._last = []

    def __iter__(self) -> Iterator[T]:
        return map(self._whole, self._plains())

    def __len__(self) -> int:
        return len(self._starts) * BLOCK + len(self._last)

    def only(self, wanted: Iterable[bool]) -> Iterator[T]:
        """Those that are wanted; the others are not made again."""
        return map(self._whole, compress(self._plains(), wanted))

    def _plains(self) -> Iterator[tuple[Any, ...]]:
        for start, size in zip(self._starts, self._sizes, strict=True):
            yield from marshal.loads(self._spool.read(start, size))  # noqa: S302 - our own, written by this process
        yield from self._last


def facts_aside(spool: Spool) -> Aside[Fact]:
    """Where the facts of responses wait."""
    names = [one.name for one in fields(Fact)]
    return Aside(spool, attrgetter(*names), lambda values: Fact(**dict(zip(names, values, strict=True))))


def questions_aside(spool: Spool) -> Aside[tuple[int, str]]:
    """Where prompts wait, each by its id with what it asks."""
    return Aside(spool, lambda asked: asked, lambda values: (values[0], values[1]))


@dataclass(frozen=True)
class Chosen(Generic[T]):
    """Those of many whose mark is this one, in their order; there is one byte for each of the many."""

    of: Many[T]
    marks: bytes
    mark: int

    def __iter__(self) -> Iterator[T]:
        wanted = (mark == self.mark for mark in self.marks)
        return self.of.only(wanted) if isinstance(self.of, Aside) else compress(self.of, wanted)

    def __len__(self) -> int:
        return self.marks.count(self.mark)
