"""What changed between two texts, word by word? Lossless: no character of either is left out or altered."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from app.core.graphemes import tears

Op = Literal["equal", "delete", "insert"]
Segment = tuple[Op, str]

# What belongs to the character before it: combining marks, variation selectors, joiners, the keycap.
_GLUE = "[\u0300-\u036f\u200d\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef]*"
# Scripts written without spaces are compared character by character; everything else by words.
UNSPACED = "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PUNCTUATION = re.escape("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
# A word takes the spaces before it along: two changed words in a row are then one change, not word, space, word.
_TOKEN = re.compile(
    rf"\n|[^\S\n]*+(?:[{UNSPACED}]{_GLUE}|[{_PUNCTUATION}]{_GLUE}|[^\s{UNSPACED}{_PUNCTUATION}]+)|[^\S\n]+"
)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
# The comparison holds a bit for each pair of tokens: 5 MB, some tens of milliseconds.
PAIRS_LIMIT = 40_000_000


def diff(old: str, new: str) -> list[Segment]:
    """Segments in reading order. Those not inserted put together are `old`, those not deleted are `new`."""
    return list(_tidied(_compare(old, new)))


def side_by_side(one: str, other: str) -> tuple[list[Segment], list[Segment]]:
    """Two texts beside each other: what only the one has is deleted in it, what only the other has inserted."""
    segments = diff(one, other)
    return [it for it in segments if it[0] != "insert"], [it for it in segments if it[0] != "delete"]


def tokens(text: str) -> list[str]:
    """The text cut into words, signs and characters of unspaced scripts; put together they are the text."""
    cut: list[str] = _TOKEN.findall(text)
    if text.isascii() and "\r\n" not in text:
        return cut  # nothing that a cut could tear
    found: list[str] = []
    at = 0
    for token in cut:
        if tears(text, at):
            found[-1] += token
        else:
            found.append(token)
        at += len(token)
    return found


def _compare(old: str, new: str) -> Iterator[Segment]:
    """By words; texts too large for that by lines, and each changed stretch of lines by words where it is small."""
    before, after = tokens(old), tokens(new)
    if _affordable(before, after):
        yield from _segments(before, after)
        return
    before, after = _LINE.findall(old), _LINE.findall(new)
    if not _affordable(before, after):
        yield from (("delete", old), ("insert", new))
        return
    for deleted, inserted, kept in _hunks(_segments(before, after)):
        before, after = tokens(deleted), tokens(inserted)
        if _affordable(before, after):
            yield from _segments(before, after)
        else:
            yield from (("delete", deleted), ("insert", inserted))
        yield "equal", kept


def _affordable(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether a comparison stays small. The common beginning and end cost nothing."""
    most = min(len(before), len(after))
    start = next((at for at in range(most) if before[at] != after[at]), most)
    end = next((at for at in range(most - start) if before[-1 - at] != after[-1 - at]), most - start)
    return (len(before) - start - end) * (len(after) - start - end) <= PAIRS_LIMIT


def _segments(before: Sequence[str], after: Sequence[str]) -> Iterator[Segment]:
    from rapidfuzz.distance import Indel  # few requests compare texts

    for op in Indel.opcodes(before, after):
        if op.tag == "insert":
            yield "insert", "".join(after[op.dest_start : op.dest_end])
        elif op.tag == "delete":
            yield "delete", "".join(before[op.src_start : op.src_end])
        else:
            yield "equal", "".join(before[op.src_start : op.src_end])


def _hunks(segments: Iterator[Segment]) -> Iterator[tuple[str, str, str]]:
    """Triples (deleted, inserted, then kept) over the whole text; any of them may be empty."""
    deleted = inserted = kept = ""
    for op, text in segments:
        if op == "equal":
            kept += text
            continue
        if kept:
            yield deleted, inserted, kept
            deleted = inserted = kept = ""
        if op == "delete":
            deleted += text
        else:
            inserted += text
    yield deleted, inserted, kept


def _tidied(segments: Iterator[Segment]) -> Iterator[Segment]:
    for deleted, inserted, kept in _hunks(segments):
        if deleted:
            yield "delete", deleted
        if inserted:
            yield "insert", inserted
        if kept:
            yield "equal", kept
