"""Numbers of submissions on a reviewer's pages tell nothing, and come back whole."""

from itertools import pairwise

import pytest

from app.core.errors import NotFound
from app.review.desk.sheets import seal, unseal

KEYS = [b"k" * 32, b"old" * 11]


@pytest.mark.parametrize("number", [1, 2, 255, 256, 10**9, 2**62])
def test_a_number_comes_back_whole_also_after_a_change_of_the_secret(number: int) -> None:
    assert unseal(KEYS, seal(KEYS, number)) == number
    assert unseal(KEYS, seal(KEYS[1:], number)) == number


def test_neighbours_have_nothing_in_common() -> None:
    sheets = [seal(KEYS, number) for number in range(1, 2_000)]
    assert len(set(sheets)) == len(sheets)
    assert sheets != sorted(sheets)
    rising = sum(one < other for one, other in pairwise(sheets))
    assert 900 < rising < 1_100
    assert {len(sheet) for sheet in sheets} == {22}


@pytest.mark.parametrize("sheet", ["", "1", "a" * 22, "ä" * 22, "=" * 22, "A" * 4_000, "../../etc/passwd"])
def test_what_no_page_has_shown_is_nothing(sheet: str) -> None:
    with pytest.raises(NotFound):
        unseal(KEYS, sheet)


def test_a_changed_sheet_is_nothing() -> None:
    sheet = seal(KEYS, 7)
    for at in range(21):
        other = "B" if sheet[at] == "A" else "A"
        with pytest.raises(NotFound):
            unseal(KEYS, sheet[:at] + other + sheet[at + 1 :])
