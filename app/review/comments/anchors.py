"""Where does a passage of one revision stand in another? There, or nowhere: never on words that are not the same. Pure.

Places are code points. A passage is found again where all before it, or all after it, is unchanged (but not where that
is nothing and what stood on its other side is gone); or where it stands within a run of text, long enough to be no
accident, that each of the two texts holds exactly once.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.diff import UNSPACED
from app.core.graphemes import tears

# UTF-8 bytes of a run that are no accident: four words of English, eight characters of Chinese.
TELLING_BYTES = 24
# UTF-8 bytes beside a short passage that are no accident at an edge of the text: a character of Chinese, " is".
BESIDE_BYTES = 3
# Occurrences of a passage that are looked at: a letter that stands everywhere is found by what is unchanged, or not.
OCCURRENCES_LIMIT = 200
SPACED = re.compile(rf"[^\W{UNSPACED}]")  # a character of a word that spaces end


@dataclass(frozen=True)
class Span:
    """Code points `starts_at` to `ends_at` of the content of message `turn`."""

    turn: int
    starts_at: int
    ends_at: int


def find(span: Span, old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Span | None:
    """Where the passage of `old` stands in `new`, None where it stands no more: in its turn, or where turns were added
    or dropped in the only other turn of its role that has it."""
    was = old[span.turn]
    alike = [turn for turn, message in enumerate(new) if message["role"] == was["role"]]
    if span.turn in alike and (
        place := find_in(was["content"], new[span.turn]["content"], span.starts_at, span.ends_at)
    ):
        return Span(span.turn, *place)
    others = alike if len(new) != len(old) else []
    moved = [
        Span(turn, *place)
        for turn in others
        if turn != span.turn and (place := moved_in(was["content"], new[turn]["content"], span.starts_at, span.ends_at))
    ]
    return moved[0] if len(moved) == 1 else None


def find_in(old: str, new: str, start: int, end: int) -> tuple[int, int] | None:
    """Where old[start:end] stands in `new`, or None."""
    if not 0 <= start < end <= len(old):
        return None
    from_end = (len(new) - (len(old) - start), len(new) - (len(old) - end))
    if new.startswith(old[:end]) and stays(old, new, start, end, start):
        return start, end
    if new.endswith(old[start:]) and stays(old, new, start, end, from_end[0]):
        return from_end
    return moved_in(old, new, start, end)


def moved_in(old: str, new: str, start: int, end: int) -> tuple[int, int] | None:
    """Where old[start:end] stands in `new` by the run of text around it, or None."""
    found = []
    for at in occurrences(old[start:end], new):
        before, after = alike_around(old, new, start, end, at)
        run = old[start - before : end + after]
        if size(run) >= TELLING_BYTES and once(run, old) and once(run, new) and clean(old, new, start, end, at):
            found.append(at)
    return (found[0], found[0] + end - start) if len(found) == 1 else None


def occurrences(quote: str, text: str) -> list[int]:
    """Where a quote begins in a text; nothing where it stands too often to tell."""
    found = []
    for at in every(quote, text):
        found.append(at)
        if len(found) > OCCURRENCES_LIMIT:
            return []
    return found


def every(quote: str, text: str) -> Iterator[int]:
    """Each place where a quote begins, overlapping ones too."""
    at = text.find(quote)
    while at >= 0:
        yield at
        at = text.find(quote, at + 1)


def once(run: str, text: str) -> bool:
    """Whether a run stands in a text exactly once, overlaps counted."""
    at = text.find(run)
    return at >= 0 and text.find(run, at + 1) < 0


def alike_around(old: str, new: str, start: int, end: int, at: int) -> tuple[int, int]:
    """How many code points before, and after, are the same in both texts; beyond what tells, none are counted."""
    then = at + end - start
    most = min(start, at, TELLING_BYTES)
    before = next((n for n in range(most) if old[start - 1 - n] != new[at - 1 - n]), most)
    most = min(len(old) - end, len(new) - then, TELLING_BYTES)
    after = next((n for n in range(most) if old[end + n] != new[then + n]), most)
    return before, after


def stays(old: str, new: str, start: int, end: int, at: int) -> bool:
    """Whether a passage at the same distance from an edge of both texts is the same one: not where both merely begin,
    or end, with the same short word and all beside it is another text."""
    before, after = alike_around(old, new, start, end, at)
    same, rest = old[start - before : start] + old[end : end + after], old[:start] + old[end:]
    enough = min(BESIDE_BYTES, size(rest))
    return (size(same) >= enough or size(old[start:end]) >= TELLING_BYTES) and clean(old, new, start, end, at)


def size(text: str) -> int:
    """How many bytes of UTF-8 it takes."""
    return len(text.encode("utf-8", "surrogatepass"))


def clean(old: str, new: str, start: int, end: int, at: int) -> bool:
    """Whether the passage ends in `new` where a word or a character ends, as it did: a cat is no catalogue."""
    then = at + end - start
    edges = ((old, start, new, at), (old, end, new, then))
    return all(
        not tears(after, there) and (joins(before, here) or not joins(after, there))
        for before, here, after, there in edges
    )


def joins(text: str, at: int) -> bool:
    """Whether a cut at this place is within a word. In scripts without spaces it never is."""
    return 0 < at < len(text) and bool(SPACED.match(text[at - 1]) and SPACED.match(text[at]))
