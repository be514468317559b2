"""JSON means one thing or is refused: as bytes that are no JSON (400), or as JSON that we do not take (422)."""

import json
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import DomainError
from app.core.strict_json import loads

CASES: dict[str, tuple[bytes, int]] = {
    "a key twice": (b'{"a": 1, "a": 1}', 422),
    "a key twice, once escaped": (b'{"a": 1, "\\u0061": 1}', 422),
    "a key twice, deep inside": (b'[{"b": {"a": 1, "a": 2}}]', 422),
    "NaN": (b'{"a": NaN}', 400),
    "Infinity": (b"-Infinity", 400),
    "a comma at the end": (b'{"a": 1,}', 400),
    "a comment": (b"{} // x", 400),
    "a second document": (b"{} {}", 400),
    "a byte order mark": (b"\xef\xbb\xbf{}", 400),
    "UTF-16": ('{"a": 1}'.encode("utf-16-le"), 400),
    "single quotes": (b"{'a': 1}", 400),
    "a raw newline in a string": (b'"a\nb"', 400),
    "a raw NUL": (b'"a\0b"', 400),
    "a leading zero": (b"01", 400),
    "a plus": (b"+1", 400),
    "hexadecimal": (b"0x1", 400),
    "brackets that never close": (b"[" * 10_000, 400),
    "objects that never close": (b'{"a":' * 10_000, 400),
    "10,000 brackets": (b"[" * 10_000 + b"]" * 10_000, 422),
    "33 brackets": (b"[" * 33 + b"]" * 33, 422),
    "a number of 5,000 digits": (b"9" * 5_000, 422),
    "a fraction that is infinite": (b"1e999", 422),
    "nothing but white space": (b" ", 400),
}


@pytest.mark.parametrize(("body", "status"), CASES.values(), ids=CASES)
def test_what_is_not_taken_is_refused_with_its_status(body: bytes, status: int) -> None:  # I14
    with pytest.raises(DomainError) as refused:
        loads(body)
    assert refused.value.status == status


def test_32_brackets_are_taken() -> None:  # I14
    assert loads(b"[" * 32 + b"]" * 32) is not None


def test_brackets_inside_of_strings_do_not_nest() -> None:  # I14
    text = "[{" * 1_000 + '\\"'
    assert loads(json.dumps({"a": text}).encode()) == {"a": text}


Document = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(Document)
def test_what_json_can_say_comes_back_equal(value: object) -> None:
    assert loads(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:  # I14
    refused = 400
    try:
        loads(data)
    except DomainError as why:
        refused = why.status
    assert refused in (400, 422)


@pytest.mark.parametrize("unit", [b'\\"', b'"a\\', b'"', b'["', b'{"a":'])
def test_the_largest_body_of_hostile_quotes_is_refused_in_a_moment(unit: bytes) -> None:  # I14 I23
    began = process_time()
    with pytest.raises(DomainError):
        loads(unit * ((2 << 20) // len(unit)))
    assert process_time() - began < 3
