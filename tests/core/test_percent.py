"""What stands percent-encoded is UTF-8, or it is refused; nothing is ever replaced."""

import pytest

from app.core.errors import Malformed
from app.core.percent import decoded
from tests.hostile import Hostile, rows


def test_what_is_encoded_well_is_the_text() -> None:
    assert decoded(b"a=%C3%A9&b=+%F0%9F%98%80", "address") == "a=é&b= 😀"


@pytest.mark.parametrize("raw", [b"q=%zz", b"q=%", b"q=%u0041", b"q=%f", b"q=a\xff", "q=é".encode()])
def test_a_stray_percent_sign_and_raw_bytes_are_refused(raw: bytes) -> None:  # I6
    with pytest.raises(Malformed):
        decoded(raw, "address")


@pytest.mark.parametrize("row", [row for row in rows("query") if row.status == 400], ids=lambda row: row.id)
def test_every_query_that_is_no_utf8_is_refused(row: Hostile) -> None:  # I6
    with pytest.raises(Malformed):
        decoded(row.raw, "address")
