"""The beginning or the end of a text, for lists: cut where no character is torn from its marks."""

import unicodedata
from typing import Any

BEGINNING = 300
END = 200
LEAD = 80


def beginning(text: str, most: int = BEGINNING) -> str:
    """The text, or about its first `most` code points up to a space, with a sign that more follows."""
    if len(text) <= most:
        return text
    return text[: _border(text, most)] + "…"


def end(text: str, most: int = END) -> str:
    """The text, or about its last `most` code points from a space on, with a sign that more came before."""
    if len(text) <= most:
        return text
    return "…" + text[_border(text, len(text) - most) :]


def around(text: str, at: int, most: int = BEGINNING) -> tuple[int, int]:
    """Where an excerpt of about `most` code points begins and ends that shows what stands at `at`."""
    begin = _border(text, at - LEAD) if at > LEAD else 0
    begin += begin > 0 and text[begin].isspace()
    return begin, _border(text, begin + most) if begin + most < len(text) else len(text)


def last_words(turns: Any) -> str:
    """What the last turn of a conversation says. One that the database holds damaged must not take a list down."""
    last = turns[-1] if isinstance(turns, list) and turns else None
    words = last.get("content") if isinstance(last, dict) else None
    return words if isinstance(words, str) else "(What is stored here is damaged.)"


def _border(text: str, at: int) -> int:
    """The nearest place at or before `at` where a word ends, or else where no character is cut from its marks."""
    for place in range(at, max(at - 40, 0), -1):
        if text[place].isspace():
            return place
    while at > 0 and (_leans(text[at]) or text[at - 1] == "\u200d"):
        at -= 1
    return at


def _leans(character: str) -> bool:
    """Whether a character belongs to the one before it: marks, joiners, skin tones, the second half of a flag."""
    return (
        unicodedata.category(character).startswith("M")
        or character == "\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U0001f1e6" <= character <= "\U0001f1ff"
    )
