"""A comment's passage is found in a later revision on the same words, or nowhere."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.graphemes import tears
from app.review.comments.anchors import TELLING_BYTES, Span, find, find_in

WORDS = {
    "english": [f"word{n} " for n in range(60)],
    "code": [f"    x{n} = f(y{n})\n" for n in range(60)],
    "chinese": [chr(0x4E00 + 97 * n) for n in range(60)],
    "arabic": [chr(0x627 + n % 20) * 3 + chr(0x660 + n % 10) * (1 + n // 20) + " " for n in range(60)],
    "hindi": [chr(0x915 + n % 30) + "\u093e" * (1 + n // 30) + "\u0902 " for n in range(60)],
    "emoji": ["\U0001f469\U0001f3fd\u200d" + chr(0x1F300 + n) for n in range(60)],
    "marks": [chr(0x61 + n % 26) + "\u0301" * (1 + n // 26) + ", " for n in range(60)],
}
MANY = "if err != nil {\n    return err\n}\n"
Edit = tuple[str, int, str]
new_words = st.sampled_from(["new", "新", "!"])
edits = st.lists(
    st.tuples(
        st.sampled_from(["insert", "delete", "replace"]), st.integers(0, 59), st.sampled_from(["new", "新", "!"])
    ),
    max_size=12,
)


def edited(words: list[str], changes: list[Edit]) -> list[tuple[int | None, str]]:
    """The words after the edits, each with its first place, or None where it is new."""
    kept: list[tuple[int | None, str]] = list(enumerate(words))
    for kind, at, word in changes:
        at = at % max(len(kept), 1)
        if kind == "insert":
            kept.insert(at, (None, word + " "))
        elif kept:
            kept[at : at + 1] = [] if kind == "delete" else [(None, word + " ")]
    return kept


def place_of(kept: list[tuple[int | None, str]], first: int, last: int) -> tuple[int, int] | None:
    """Where words first … last stand now, if they still stand in a row with nothing between."""
    wanted = list(range(first, last + 1))
    numbers = [number for number, _ in kept]
    for at in range(len(kept)):
        if numbers[at : at + len(wanted)] == wanted:
            begins = sum(len(word) for _, word in kept[:at])
            return begins, begins + sum(len(word) for _, word in kept[at : at + len(wanted)])
    return None


@pytest.mark.parametrize("script", WORDS)
@given(changes=edits, first=st.integers(0, 59), count=st.integers(1, 4))
def test_whatever_is_edited_a_passage_of_words_that_stand_once_is_found_on_these_words_or_nowhere(
    script: str, changes: list[Edit], first: int, count: int
) -> None:
    words = WORDS[script]
    assert len(set(words)) == len(words)
    last = min(first + count - 1, len(words) - 1)
    kept = edited(words, changes)
    old, new = "".join(words), "".join(word for _, word in kept)
    start, end = sum(map(len, words[:first])), sum(map(len, words[: last + 1]))
    assert find_in(old, new, start, end) in (None, place_of(kept, first, last))


@pytest.mark.parametrize("script", WORDS)
@given(at=st.integers(0, 59), first=st.integers(0, 59))
def test_an_edit_elsewhere_loses_no_comment(script: str, at: int, first: int) -> None:
    words = WORDS[script]
    if abs(at - first) < 2:
        return
    kept = edited(words, [("replace", at, "new")])
    old, new = "".join(words), "".join(word for _, word in kept)
    start = sum(map(len, words[:first]))
    assert find_in(old, new, start, start + len(words[first])) == place_of(kept, first, first) is not None


alike = st.lists(st.sampled_from(["a", "b", " ", "\n", "茶", "\u0301", "\U0001f469", "\u200d", "ש", "the "])).map(
    "".join
)


@given(alike, alike, st.integers(0, 20), st.integers(0, 20))
def test_in_texts_that_repeat_themselves_a_found_passage_has_its_words_and_a_reason(
    old: str, new: str, start: int, end: int
) -> None:
    found = find_in(old, new, start, end)
    if found is None:
        return
    quote = old[start:end]
    assert new[found[0] : found[1]] == quote
    assert not tears(new, found[0])
    assert not tears(new, found[1])
    rest_is_same = new[: found[1]] == old[:end] or new[found[0] :] == old[start:]
    assert rest_is_same or len(new.encode()) >= TELLING_BYTES


@pytest.mark.parametrize(
    ("old", "new", "quote", "nth", "found"),
    [
        ("I see the cat", "I see the catalogue", "cat", 0, None),
        ("I see the cat", "I see the cat.", "cat", 0, 10),
        ("a cafe here", "a cafe\u0301 here", "cafe", 0, None),
        ("see \U0001f469 there", "see \U0001f469\u200d\U0001f467 there", "\U0001f469", 0, None),
        ("in \U0001f1e9\U0001f1ea", "in \U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", "\U0001f1e9\U0001f1ea", 0, None),
        ("Say the thing. Do the thing.", "Do the thing.", "thing", 0, None),
        ("Say the thing. Do the thing.", "Do the thing.", "thing", 1, 7),
        ("No. Say the thing. Do the thing.", "No. Do the thing!", "thing", 0, None),
        (MANY * 3 + "done", MANY * 2 + "done!", "return err", 2, 53),
        (MANY * 3, "x" + MANY * 2 + "y", "return err", 1, None),
        ("first\n" + MANY * 3, "first\n" + MANY * 2, "return err", 0, 26),
        ("我喜欢茶", "我喜欢茶和咖啡", "茶", 0, 3),
        ("我喜欢茶\u3002他喜欢茶\u3002", "他喜欢茶吗", "茶", 0, None),
        ("שלום עולם", "הו! שלום עולם", "עולם", 0, 9),
        ("\U0001f600\U0001f600 one place only, said once", "x one place only, said once \U0001f600", "one place", 0, 2),
        ("e\u0301 x", "\u00e9 x", "e\u0301", 0, None),
        ("You are right. Go now.", "You may like tea better.", "You", 0, None),
        ("You are right. Go now.", "You are not.", "You", 0, 0),
        ("Ask a lawyer. Thanks.", "Nobody knows. Thanks.", "Thanks.", 0, None),
        ("Ask a lawyer. Thanks.", "Ask an ombudsman or a lawyer. Thanks.", "Thanks.", 0, 30),
        ("我喜欢茶", "我讨厌咖啡", "我", 0, None),
        ("Paris", "Paris, of course.", "Paris", 0, 0),
        ("abc", "abc", "", 0, None),
    ],
)  # fmt: skip
def test_a_passage_is_found_where_its_own_words_are(
    old: str, new: str, quote: str, nth: int, found: int | None
) -> None:
    start = -1
    for _ in range(nth + 1):
        start = old.index(quote, start + 1)
    place = find_in(old, new, start, start + len(quote))
    assert place == (None if found is None else (found, found + len(quote)))


@pytest.mark.parametrize("old", ["a" * 100_000, "ab " * 33_000, "茶" * 100_000])
def test_a_text_of_the_largest_size_that_only_repeats_itself_is_searched_at_once(old: str) -> None:
    assert find_in(old, "x" + old[1:-1] + "y", 50_001, 50_004) is None


def turns(*contents: str) -> list[dict[str, Any]]:
    return [{"role": "user" if at % 2 else "assistant", "content": text} for at, text in enumerate(contents)]


def test_a_passage_follows_its_turn_when_turns_before_it_go() -> None:
    old = turns("Hello.", "And the moon?", "The moon takes its light from the sun.")
    new = turns("The moon takes its light from the sun.")
    assert find(Span(2, 4, 8), old, new) == Span(0, 4, 8)
    assert find(Span(1, 0, 3), old, new) is None
    assert find(Span(2, 4, 8), old, [*new, *old[1:]]) is not None
