"""How does the model read a row, and which of its tokens bear loss? As text, before the first step is paid. Pure."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypedDict

from app.training.worker.chat import IGNORED, Encoded

AROUND = 150  # tokens on each side of where the response begins: a page has no room for more
WHOLE_CHARACTER = 4  # tokens of a byte each that one character takes at most
Decode = Callable[[list[int]], str]


class Token(TypedDict):
    """One token as text, or the few that one character is made of. `learned`: it bears loss."""

    text: str
    learned: bool


class RowTokens(TypedDict):
    """A row as the model reads it. `learned` of `count` tokens bear loss; `before` and `after` are not shown."""

    id: str
    count: int
    learned: int
    before: int
    after: int
    tokens: list[Token]


def row_tokens(named: Iterable[tuple[str, Encoded]], decode: Decode, around: int = AROUND) -> list[RowTokens]:
    """Each of these rows (as_read.py) around the place where what bears loss begins."""
    return [_shown(name, encoded, decode, around) for name, encoded in named]


def _shown(row_id: str, encoded: Encoded, decode: Decode, around: int) -> RowTokens:
    begins = next((n for n, label in enumerate(encoded.labels) if label != IGNORED), 0)
    low, high = max(begins - around, 0), begins + around
    part = Encoded(encoded.input_ids[low:high], encoded.labels[low:high])
    return {
        "id": row_id,
        "count": len(encoded.input_ids),
        "learned": encoded.learned,
        "before": low,
        "after": max(len(encoded.input_ids) - high, 0),
        "tokens": list(_pieces(part, decode)),
    }


def _pieces(encoded: Encoded, decode: Decode) -> Iterator[Token]:
    held: list[int] = []
    for token, label in zip(encoded.input_ids, encoded.labels, strict=True):
        held.append(token)
        text = decode(held)
        if len(held) < WHOLE_CHARACTER and text.endswith("\N{REPLACEMENT CHARACTER}"):
            continue  # a part of a character
        yield {"text": text.replace("\0", "\N{REPLACEMENT CHARACTER}"), "learned": label != IGNORED}
        held = []
    if held:
        yield {"text": decode(held), "learned": encoded.labels[-1] != IGNORED}
