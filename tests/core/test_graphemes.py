"""Nothing that a person sees as one character is torn."""

import pytest

from app.core.graphemes import tears

SEEN_AS_ONE = [
    "e\u0301",
    "\U0001f44d\U0001f3fd",
    "\U0001f469\u200d\U0001f467",
    "\U0001f1e9\U0001f1ea",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "#\ufe0f\u20e3",
    "\r\n",
    "का",
    "葛\U000e0100",
    "!\u05b0",
]


@pytest.mark.parametrize("one", SEEN_AS_ONE)
def test_a_cut_tears_nothing_that_is_seen_as_one(one: str) -> None:
    assert all(tears(one, at) for at in range(1, len(one)))
    assert not tears("a" + one, 1) or one[0] == "\u200d"
    assert not tears(one + "a", len(one))


@pytest.mark.parametrize("text", ["", "a", "ab", "茶茶", "\n\n", "\n\r", "\u200d\n", "\U0001f44d\U0001f44d"])
def test_between_two_of_them_a_cut_is_no_tear(text: str) -> None:
    assert not any(tears(text, at) for at in range(-1, len(text) + 2))
