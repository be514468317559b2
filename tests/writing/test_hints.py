"""Hints say what a writer may want to look at."""

import pytest

from app.writing.hints import hints, is_card
from tests.writing import work


def said(*turns: str, least: int = 1, most: int = 1000) -> list[str]:
    return [sentence for _, sentence in hints(work.turns(*turns), least=least, most=most)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Write to ann.writer+x@example.co.uk", "an e-mail address"),
        ("Ring +49 30 1234567", "a phone number"),
        ("Pay with 4111 1111 1111 1111", "a card number"),
        ("```python\nprint(1)\n", "A code block is opened"),
        ("too short", "At least 20 characters are asked for."),
    ],
)
def test_each_fact_is_named(text: str, words: str) -> None:
    assert any(words in sentence for sentence in said(text, least=20))


@pytest.mark.parametrize(
    "text",
    ["In 2026 it was 1,234.5 km, twice.", "```\nx\n```\n", "a @ b, user@host", "1 2 3 4 5", "3.14159265358979 is pi"],
)
def test_what_is_ordinary_is_not_remarked_on(text: str) -> None:
    assert said(text) == []


def test_a_text_over_the_limit_is_told_how_long_it_is() -> None:
    assert said("x" * 11, most=10) == ["11 characters; the limit is 10."]


def test_what_the_user_says_is_not_the_writers_to_answer_for() -> None:
    assert said("Yes.", "My mail is ann@example.org", "No.") == []


@pytest.mark.parametrize(("digits", "card"), [("4111111111111111", True), ("4111111111111112", False), ("0", False)])
def test_the_check_digit_tells_cards_from_other_numbers(digits: str, card: bool) -> None:
    assert is_card(digits) is card
