"""Would a cut here tear what a person sees as one character? For marks, comments and diffs, which cut texts."""

import unicodedata

JOINER = "\u200d"
MARKS = frozenset({"Mn", "Me", "Mc"})


def tears(text: str, at: int) -> bool:
    """Whether a cut before code point `at` parts a letter and its marks, the parts of an emoji or flag, or CR LF.

    The rules of UAX #29 that text on our pages meets, without those for conjoining Hangul, and a flag is never cut from
    the flag after it.
    """
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if right.isascii():
        return (left, right) == ("\r", "\n") or (left == JOINER and right != "\n")
    return (
        left == JOINER
        or right == JOINER
        or unicodedata.category(right) in MARKS
        or "\U0001f3fb" <= right <= "\U0001f3ff"
        or "\U000e0020" <= right <= "\U000e007f"
        or (is_flag_half(left) and is_flag_half(right))
    )


def is_flag_half(character: str) -> bool:
    """Whether this is one of the two letters of which a flag is made."""
    return "\U0001f1e6" <= character <= "\U0001f1ff"
