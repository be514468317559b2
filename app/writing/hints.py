"""What might a writer want to know before handing in? Facts about the text, never a reason to refuse it."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from app.writing.turns import characters

Hint = tuple[bool, str]
E_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,190}")
LONG_NUMBER = re.compile(r"(?<![\w.])\+?[0-9](?:[ ()/-]?[0-9]){8,18}(?![\w])")
FENCE = re.compile(r"^ {0,3}(```|~~~)", re.MULTILINE)


def hints(messages: Sequence[dict[str, Any]], *, least: int, most: int) -> list[Hint]:
    """Pairs (all is well, sentence) about a response; `least` and `most` are the project's limits in code points."""
    written = [message["content"] for message in messages if message["role"] == "assistant"]
    return [*_length(characters(messages), least, most), *_fences(written), *_private(written)]


def _length(length: int, least: int, most: int) -> Iterator[Hint]:
    if length > most:
        yield False, f"{length:,} characters; the limit is {most:,}."
    elif length < least:
        yield False, f"At least {least:,} characters are asked for."


def _fences(written: list[str]) -> Iterator[Hint]:
    if any(len(FENCE.findall(text)) % 2 for text in written):
        yield False, "A code block is opened with ``` and not closed."


def _private(written: list[str]) -> Iterator[Hint]:
    found = []
    if any(E_MAIL.search(text) for text in written):
        found.append("an e-mail address")
    numbers = [re.sub(r"\D", "", number) for text in written for number in LONG_NUMBER.findall(text)]
    if any(is_card(number) for number in numbers):
        found.append("a card number")
    elif numbers:
        found.append("a phone number")
    if found:
        yield False, f"There seems to be {' and '.join(found)} in the text. Make sure that it is nobody's."


def is_card(digits: str) -> bool:
    """Whether 13 to 19 digits pass the check of card numbers (Luhn: ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits))]
    return 13 <= len(digits) <= 19 and sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0
