"""What is looked for, and where does it stand in a text? Words as PostgreSQL takes them apart."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Function, func, literal_column, select
from sqlalchemy.orm import Session

from app.core.excerpts import around

ADVICE = "Name at least one word to find. A word with - before it only leaves texts out."
QUOTED = re.compile(r"'((?:[^']|'')*)'")


@dataclass(frozen=True)
class Wanted:
    """What was typed, and the words of it that a text found by it holds, lower-cased."""

    typed: str
    words: tuple[str, ...]

    @property
    def query(self) -> Function[Any]:
        """The SQL of it, as `websearch_to_tsquery` reads it: "a phrase", or, -not; in no language, so of any."""
        return func.websearch_to_tsquery(literal_column("'simple'::regconfig"), self.typed)


@dataclass(frozen=True)
class Piece:
    """A part of an excerpt; `found` where it is a word that was looked for."""

    text: str
    found: bool = False


def read_wanted(session: Session, typed: str) -> Wanted:
    """What is looked for; without any word where nothing could be found by it: see `ADVICE`."""
    tree = session.scalar(select(func.querytree(Wanted(typed, ()).query))) or ""
    words = tuple(found.replace("''", "'").replace("\\\\", "\\") for found in QUOTED.findall(tree))
    return Wanted(typed, words)


def excerpt(text: str, words: Sequence[str]) -> list[Piece]:
    """The part of a text around the first word that was looked for, in pieces; its beginning where none is met."""
    if not words:
        begin, end = around(text, 0)
        return [Piece(text[begin:end]), *([Piece("…")] if end < len(text) else [])]
    looked_for = pattern(words)
    first = looked_for.search(text)
    begin, end = around(text, first.start() if first else 0)
    end = max(end, first.end()) if first else end
    marked = list(pieces(text, begin, end, looked_for))
    before, after = [Piece("…")] if begin else [], [Piece("…")] if end < len(text) else []
    return [*before, *marked, *after]


def pieces(text: str, begin: int, end: int, looked_for: re.Pattern[str]) -> Iterator[Piece]:
    """The text from `begin` to `end`, cut at what was looked for."""
    for found in looked_for.finditer(text, begin, end):
        if begin < found.start():
            yield Piece(text[begin : found.start()])
        yield Piece(found[0], found=True)
        begin = found.end()
    if begin < end:
        yield Piece(text[begin:end])


def pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Finds these words where they stand alone, whatever their case; the longest first."""
    either = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])(?:{either})(?![^\W_])", re.IGNORECASE)
