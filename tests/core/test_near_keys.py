"""A text is found again by the numbers under which it was kept, whenever it is much like the one that is asked for."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.near import HINT_ALIKE, grams, is_alike, weight
from app.core.near_keys import is_long, keys_to_ask, keys_to_keep, must_meet
from app.demo.texts import load

TEXTS = [str(row[field]) for row in load("sft.jsonl") for field in ("prompt", "response")]
SHORT = [text for text in TEXTS if not is_long(weight(grams(text)))]
JOINED = [" ".join(TEXTS[at : at + 8]) for at in range(0, len(TEXTS), 4)]
LONG = [text for text in JOINED if is_long(weight(grams(text)) * HINT_ALIKE // 100)]


def is_met(kept: str, asked: str) -> bool:
    """Whether the one is found by the other."""
    shared = set(keys_to_keep("1", grams(kept))) & set(keys_to_ask("1", grams(asked)))
    return len(shared) >= must_meet(weight(grams(asked)))


def changed(text: str, words: int, dice: Random) -> str:
    """The text with some of its words put another way."""
    held = text.split(" ")
    for _ in range(words):
        held[dice.randrange(len(held))] = dice.choice(["ochre", "plinth", "and", "xylem", ""])
    return " ".join(held)


@settings(max_examples=300, deadline=None)
@given(text=st.sampled_from(SHORT), words=st.integers(0, 9), seed=st.integers(0, 2**32))
def test_every_alike_text_meets_a_short_one(text: str, words: int, seed: int) -> None:
    other = changed(text, words, Random(seed))
    one, two = grams(text), grams(other)
    if is_alike(weight(one & two), weight(one) + weight(two), HINT_ALIKE):
        assert is_met(text, other)
        assert is_long(weight(two)) or is_met(other, text)


@given(text=st.text("abc ", max_size=20), other=st.text("abc ", max_size=20))
def test_every_alike_text_of_any_letters_meets(text: str, other: str) -> None:
    one, two = grams(text), grams(other)
    if is_alike(weight(one & two), weight(one) + weight(two), HINT_ALIKE):
        assert is_met(text, other)


def test_nearly_every_alike_text_meets_a_long_one() -> None:
    """Of long texts 99 in 100 that are alike are met: chance has a say, and here always the same."""
    dice = Random(3)
    tried = met = 0
    for _ in range(600):
        text = dice.choice(LONG)
        other = changed(text, dice.randrange(1, 90), dice)
        one, two = grams(text), grams(other)
        if is_alike(weight(one & two), weight(one) + weight(two), HINT_ALIKE):
            tried, met = tried + 1, met + is_met(text, other)
    assert tried > 300
    assert met >= 0.99 * tried


def test_no_number_of_one_project_is_one_of_another() -> None:
    held = grams(SHORT[0])
    assert not set(keys_to_keep("1", held)) & set(keys_to_ask("2", held))


def test_long_texts_have_not_many_numbers() -> None:
    assert max(len(keys_to_keep("1", grams(text))) for text in [*TEXTS, "".join(map(chr, range(0x4E00, 0x9000)))]) < 120
