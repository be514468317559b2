"""Where in a shown text does each comment begin and end? Cuts for a page to mark; the text itself is kept. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.core.invisible import pieces
from app.review.models import Part
from app.review.threads import Thread


@dataclass(frozen=True)
class Cut:
    """A stretch of text, or one unseen character with its code, and the comments that begin, lie and end on it."""

    text: str
    code: str
    name: str
    begins: Sequence[Thread]
    within: Sequence[Thread]
    ends: Sequence[Thread]


def marked_turns(part: Part, messages: Sequence[Mapping[str, str]], threads: Sequence[Thread]) -> list[list[Cut]]:
    """The turns of one part, cut where comments on it begin and end."""
    own = [one for one in threads if one.first.comment.part is part and one.place]
    return [
        cuts(message["content"], [one for one in own if one.place and one.place.turn == turn])
        for turn, message in enumerate(messages)
    ]


def cuts(text: str, threads: Sequence[Thread]) -> list[Cut]:
    """The text in stretches. Put together again, they are the text."""
    spans = [(one.place.starts_at, one.place.ends_at, one) for one in threads if one.place]
    borders = sorted({edge for start, end, _ in spans for edge in (start, end)})
    found: list[Cut] = []
    at = 0
    for piece in pieces(text):
        inner = [border for border in borders if at < border < at + len(piece.text)]
        edges = [at, *inner, at + len(piece.text)]
        for start, end in pairwise(edges):
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
