"""Where in a shown text does each comment begin and end? Cuts for a page to mark; the text itself is kept. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from app.core.diff import Op, diff
from app.core.invisible import pieces
from app.review.comments.threads import Thread
from app.review.models import Part


@dataclass(frozen=True)
class Cut:
    """A stretch of text, or one unseen character with its code, and the comments that begin, lie and end on it.

    `op`: where two texts are compared, whether both have it; comments are on the newer one.
    """

    text: str
    code: str
    name: str
    begins: Sequence[Thread]
    within: Sequence[Thread]
    ends: Sequence[Thread]
    op: Op = "equal"


def marked_turns(part: Part, messages: Sequence[Mapping[str, str]], threads: Sequence[Thread]) -> list[list[Cut]]:
    """The turns of one part, cut where comments on it begin and end."""
    return [cuts(message["content"], threads_on(part, turn, threads)) for turn, message in enumerate(messages)]


def changed_turns(
    part: Part, messages: Sequence[Mapping[str, str]], before: Sequence[Mapping[str, str]], threads: Sequence[Thread]
) -> list[list[Cut]]:
    """The same against what stood there before, turn by turn; what was dropped at the end is deleted."""
    old, new = ([message["content"] for message in one] for one in (before, messages))
    old += [""] * (len(new) - len(old))
    new += [""] * (len(old) - len(new))
    return [
        compared(was, now, threads_on(part, turn, threads))
        for turn, (was, now) in enumerate(zip(old, new, strict=True))
    ]


def threads_on(part: Part, turn: int, threads: Sequence[Thread]) -> list[Thread]:
    """The comments that stand on one turn."""
    return [one for one in threads if one.first.comment.part is part and one.place and one.place.turn == turn]


def compared(old: str, new: str, threads: Sequence[Thread]) -> list[Cut]:
    """What changed, in reading order. Cuts not deleted put together are `new`, with its comments; the others `old`."""
    segments = diff(old, new)
    gone = iter(cuts(old, (), edges([text for op, text in segments if op != "insert"])))
    there = iter(cuts(new, threads, edges([text for op, text in segments if op != "delete"])))
    found: list[Cut] = []
    for op, text in segments:
        was = taken(gone, text) if op != "insert" else []
        found += [replace(cut, op=op) for cut in (was if op == "delete" else taken(there, text))]
    return found


def edges(texts: Sequence[str]) -> list[int]:
    """Where each of these ends, put one after another."""
    return list(accumulate(map(len, texts)))


def taken(those: Iterator[Cut], text: str) -> list[Cut]:
    """The next cuts, as many as make up a text."""
    found, length = [], 0
    while length < len(text):
        found.append(next(those))
        length += len(found[-1].text)
    return found


def cuts(text: str, threads: Sequence[Thread], also: Sequence[int] = ()) -> list[Cut]:
    """The text in stretches, cut at other places `also`. Put together again, they are the text."""
    spans = [(one.place.starts_at, one.place.ends_at, one) for one in threads if one.place]
    borders = sorted({*also, *(edge for start, end, _ in spans for edge in (start, end))})
    found: list[Cut] = []
    at = 0
    for piece in pieces(text):
        inner = borders[bisect_right(borders, at) : bisect_left(borders, at + len(piece.text))]
        for start, end in pairwise([at, *inner, at + len(piece.text)]):
            found.append(
                Cut(
                    text=text[start:end],
                    code=piece.code,
                    name=piece.name,
                    begins=[one for first, _, one in spans if first == start],
                    within=[one for first, last, one in spans if first <= start and end <= last],
                    ends=[one for _, last, one in spans if last == end],
                )
            )
        at += len(piece.text)
    return found
