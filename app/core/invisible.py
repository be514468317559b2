"""Which characters of a text cannot be seen? For reviewers, who must know of them; the text itself is kept."""

import re
import unicodedata
from dataclasses import dataclass

# Direction marks, embeddings, overrides and isolates; zero-width spaces and joiners; soft hyphen; tag characters.
UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
# Within emoji, and in the scripts that need them, joiners do their ordinary work.
JOINERS = frozenset("\u200c\u200d")


@dataclass(frozen=True)
class Piece:
    """A stretch of text, or one unseen character with its code and name."""

    text: str
    code: str = ""
    name: str = ""


def pieces(text: str) -> list[Piece]:
    """The text cut at every unseen character. Put together again, the pieces are the text."""
    found: list[Piece] = []
    start = 0
    for match in UNSEEN.finditer(text):
        at = match.start()
        if _joins(text, at):
            continue
        if at > start:
            found.append(Piece(text[start:at]))
        character, start = match.group(), match.end()
        found.append(Piece(character, f"U+{ord(character):04X}", unicodedata.name(character, "unnamed").lower()))
    if start < len(text):
        found.append(Piece(text[start:]))
    return found


def _joins(text: str, at: int) -> bool:
    """Whether a joiner stands between two characters that are not ASCII: an emoji of parts, a word of Persian."""
    around = text[max(at - 1, 0) : at], text[at + 1 : at + 2]
    return text[at] in JOINERS and not any(neighbour.isascii() for neighbour in around)
