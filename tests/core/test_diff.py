"""What changed between two texts is shown word by word, and nothing of either is lost."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.diff import Segment, diff, tokens
from app.core.graphemes import tears
from tests.hostile import rows


def old_of(segments: list[Segment]) -> str:
    return "".join(text for op, text in segments if op != "insert")


def new_of(segments: list[Segment]) -> str:
    return "".join(text for op, text in segments if op != "delete")


@pytest.mark.parametrize(
    ("old", "new", "segments"),
    [
        ("", "", []),
        ("", "new", [("insert", "new")]),
        ("gone", "", [("delete", "gone")]),
        ("same\r\n", "same\r\n", [("equal", "same\r\n")]),
        (
            "Try out Cursor",
            "Try Cursor today",
            [("equal", "Try"), ("delete", " out"), ("equal", " Cursor"), ("insert", " today")],
        ),
        (
            "def f(x):\n    return x\n",
            "def f(x, y):\n    return x + y\n",
            [
                ("equal", "def f(x"),
                ("insert", ", y"),
                ("equal", "):\n    return x"),
                ("insert", " + y"),
                ("equal", "\n"),
            ],
        ),
        ("我喜欢茶", "我喜欢咖啡", [("equal", "我喜欢"), ("delete", "茶"), ("insert", "咖啡")]),
        (
            "wir 👩‍👩‍👧 da",
            "wir 👩‍👩‍👦 da",
            [("equal", "wir"), ("delete", " 👩‍👩‍👧"), ("insert", " 👩‍👩‍👦"), ("equal", " da")],
        ),
        ("שלום עולם", "שלום חבר", [("equal", "שלום"), ("delete", " עולם"), ("insert", " חבר")]),
        ("किताब पढ़ी", "किताबें पढ़ी", [("delete", "किताब"), ("insert", "किताबें"), ("equal", " पढ़ी")]),
        ("cafe\u0301", "caf\u00e9", [("delete", "cafe\u0301"), ("insert", "caf\u00e9")]),
    ],
)
def test_a_change_is_shown_where_it_is(old: str, new: str, segments: list[Segment]) -> None:
    assert diff(old, new) == segments


def test_two_changed_words_in_a_row_are_one_change() -> None:
    assert diff("a red car", "a blue bus") == [
        ("equal", "a"),
        ("delete", " red car"),
        ("insert", " blue bus"),
    ]


@pytest.mark.parametrize("text", ["#️⃣ 1️⃣", "か\u3099", "葛\U000e0100", "e\u0301!\u0301", "🇩🇪🇫🇷", "👍🏽"])
def test_no_cut_falls_between_a_character_and_its_marks(text: str) -> None:
    assert not any(token[0] in "\u0301\u20e3\u3099\ufe0f\u200d\U000e0100" for token in tokens(text))
    assert "".join(tokens(text)) == text


written = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
alike = st.lists(st.sampled_from(["word", " ", "\n", "\r", "词", "é", "(", "👩‍👧", "\u200f", "\x00"])).map("".join)


@given(written | alike, written | alike)
def test_both_texts_can_be_put_together_again(old: str, new: str) -> None:
    segments = diff(old, new)
    assert (old_of(segments), new_of(segments)) == (old, new)
    assert all(text for _, text in segments)
    assert torn(old, [text for op, text in segments if op != "insert"]) == []
    assert torn(new, [text for op, text in segments if op != "delete"]) == []


def torn(text: str, parts: list[str]) -> list[int]:
    """Where the parts of a text are cut within what a person sees as one character."""
    at, found = 0, []
    for part in parts:
        if tears(text, at):
            found.append(at)
        at += len(part)
    return found


def test_what_is_done_to_a_hostile_text_is_shown_whole_and_tears_nothing() -> None:
    for row in rows("text", stored=True):
        middle = len(row.text) // 2
        for new in (row.text[:middle] + row.text[middle + 1 :], row.text[:middle] + " 茶 " + row.text[middle:], "\n"):
            segments = diff(row.text, new)
            assert (old_of(segments), new_of(segments)) == (row.text, new), row.id
            assert torn(row.text, [text for op, text in segments if op != "insert"]) == [], row.id
            assert torn(new, [text for op, text in segments if op != "delete"]) == [], row.id


# I24
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("甲" * 100_000, "乙" * 100_000),
        ("a" * 100_000, "b" * 100_000),
        ("\n" * 100_000, "\n" * 99_999 + "x"),
        ("a b " * 25_000, "c d " * 25_000),
        ("a b\n" * 25_000, "b a\n" * 25_000),
        ("((" * 50_000, ")(" * 50_000),
    ],
)
def test_two_texts_of_the_largest_size_with_nothing_in_common_take_bounded_time(old: str, new: str) -> None:
    began = time.process_time()
    segments = diff(old, new)
    assert (old_of(segments), new_of(segments)) == (old, new)
    assert time.process_time() - began < 5


def test_in_a_long_text_a_small_change_is_still_a_small_change() -> None:
    lines = [f"Line {n}: 一二三四五六七八九十\n" for n in range(4_000)]
    changed = [*lines[:100], "A line of its own.\n", *lines[100:3_000], *lines[3_001:]]
    segments = diff("".join(lines), "".join(changed))
    assert [segment for segment in segments if segment[0] != "equal"] == [
        ("insert", "A line of its own.\n"),
        ("delete", lines[3_000]),
    ]
