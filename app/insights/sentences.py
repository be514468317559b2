"""How are counts said in a heading? "One response to mend, three drafts to go on with." Pure."""

from collections.abc import Sequence

SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def counted(count: int, one: str, many: str = "") -> str:
    """three drafts; 27 drafts; one draft."""
    word = SMALL[count] if count < len(SMALL) else f"{count:,}"
    return f"{word} {one if count == 1 else many or one + 's'}"


def heading(parts: Sequence[tuple[int, str, str]], otherwise: str) -> str:
    """A sentence from (count, words for one, words for many); what is not there is left out."""
    said = [counted(count, one, many) for count, one, many in parts if count]
    if not said:
        return otherwise
    sentence = ", ".join(said)
    return f"{sentence[0].upper()}{sentence[1:]}."
