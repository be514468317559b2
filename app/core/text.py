"""What a text or a name may hold. Nothing here changes a text but the form door's line ends."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

TEXT_LIMIT = 100_000
NAME_LIMIT = 200
DIGITS = re.compile(r"-?[0-9]{1,18}")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Default_Ignorable_Code_Point that is neither Cc, Cf nor white space (Unicode 15), and the blank Braille pattern.
INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)


def is_blank(text: str) -> bool:
    """True if nothing is left once white space, controls and invisible characters are dropped."""
    return all(
        c.isspace() or unicodedata.category(c) in ("Cc", "Cf", "Zs", "Zl", "Zp") or INVISIBLE.match(c) for c in text
    )


def check_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """The text itself. Refused: NUL, lone surrogates, more than `limit` code points."""
    if "\0" in text:
        raise PydanticCustomError("nul", "holds a NUL character at position {at}", {"at": text.index("\0")})
    for at, character in enumerate(text) if not text.isascii() else ():
        if "\ud800" <= character <= "\udfff":
            raise PydanticCustomError("surrogate", "holds half a surrogate pair at position {at}", {"at": at})
    if len(text) > limit:
        raise PydanticCustomError(
            "too_long", "has {length} characters; the limit is {limit}", {"length": len(text), "limit": limit}
        )
    return text


def check_filled(text: str) -> str:
    """The text itself. Refused: nothing to be seen in it."""
    if is_blank(text):
        raise PydanticCustomError("blank", "is empty: write something that can be seen")
    return text


def check_name(name: str) -> str:
    """The name itself: one line, up to 200 code points, no control or direction characters, not blank."""
    check_text(name, NAME_LIMIT)
    for at, character in enumerate(name):
        if unicodedata.category(character) in ("Cc", "Zl", "Zp") or character in BIDI_CONTROLS:
            raise PydanticCustomError("control", "holds a control character at position {at}", {"at": at})
    return check_filled(name)


def line_ends(text: object) -> object:
    """What a form sends, with the browser's CR LF turned back into LF, once."""
    return text.replace("\r\n", "\n") if isinstance(text, str) else text


def plain_digits(value: object) -> object:
    """A number from a query or a form, if it is written as people and programs do: no 1_0, +1, 1e3 or other digits."""
    if isinstance(value, str) and not DIGITS.fullmatch(value):
        raise PydanticCustomError("whole_number", "is no whole number")
    return value


def none_if_empty(value: object) -> object:
    """What a form sends for a choice that was left open is none."""
    return None if value == "" else value


def check_language(code: str) -> str:
    """A language code of BCP 47, as in en, pt-BR, zh-Hant."""
    if not LANGUAGE.fullmatch(code):
        raise PydanticCustomError("language", "is no language code, such as en or pt-BR")
    return code


def check_line(line: str) -> str:
    """One line as a name is, but it may be empty."""
    return check_name(line) if line else line


Text = Annotated[str, AfterValidator(check_text)]
FilledText = Annotated[str, AfterValidator(check_text), AfterValidator(check_filled)]
Name = Annotated[str, AfterValidator(check_name)]
FormText = Annotated[str, BeforeValidator(line_ends), AfterValidator(check_text)]
FormFilledText = Annotated[str, BeforeValidator(line_ends), AfterValidator(check_text), AfterValidator(check_filled)]
WholeNumber = Annotated[int, BeforeValidator(plain_digits)]
Language = Annotated[str, AfterValidator(check_language)]
Line = Annotated[str, AfterValidator(check_line)]
