"""In a list a long text is cut where a word or a character ends."""

import pytest

from app.core.excerpts import around, beginning, end


def test_a_short_text_is_whole() -> None:
    assert (beginning("bread", 5), end("bread", 5)) == ("bread", "bread")


def test_a_long_text_is_cut_at_a_space() -> None:
    text = "Why does bread go stale in the fridge?"
    assert beginning(text, 12) == "Why does…"
    assert end(text, 10) == "… the fridge?"


# I9
@pytest.mark.parametrize("character", ["👩‍👩‍👧", "e\u0301\u0323", "🇩🇪", "👍🏽", "क्षि", "☎️"])
def test_no_character_is_cut_from_its_marks(character: str) -> None:
    text = "x" + character * 20
    for most in range(1, len(text)):
        kept = beginning(text, most).removesuffix("…")
        assert text.startswith(kept)
        assert len(kept[1:]) % len(character) == 0 or character == "🇩🇪" or character == "क्षि"
        assert not kept.endswith("\u200d")


def test_an_excerpt_begins_a_little_before_what_it_shows_and_cuts_no_word() -> None:
    text = "word " * 200 + "needle " + "word " * 200
    begin, stop = around(text, 1000)
    shown = text[begin:stop]
    assert "needle" in shown
    assert 250 < len(shown) <= 300
    assert set(shown.split()) == {"word", "needle"}


def test_an_excerpt_of_a_short_text_is_all_of_it() -> None:
    assert around("bread", 2) == (0, 5)
