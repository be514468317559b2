"""A row is one line, whatever the text holds, and reads back byte for byte."""

import json
from typing import Any

import pytest

from app.datasets.publish.rows import line_of, row_of
from tests import hostile


def found(response: str = "Because of the air.", **values: Any) -> dict[str, Any]:
    """A row as review offers it."""
    return {
        "submission_id": 7, "revision_id": 9, "revision": 2, "prompt_id": 3, "category": "Explain", "category_id": 1,
        "prompt_messages": [{"role": "user", "content": "Why?"}],
        "messages": [{"role": "assistant", "content": response}],
        "language": "en", "licence": "CC0", "source": "us", "guidelines": 3, "ratings": {"kind": 4},
        "author_id": 1, "annotator": "a-7f3c", "editor": None, "decided_at": None,
    } | values  # fmt: skip


def test_a_row_has_every_key_in_a_fixed_order() -> None:
    line = line_of(row_of(found(), ["correct", "kind"]))
    assert line.decode() == (
        '{"messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because of the air."}], '
        '"id": "s7-r2", "metadata": {"prompt_id": "3", "submission_id": "7", "revision": 2, "category": "Explain", '
        '"language": "en", "annotator": "a-7f3c", "editor": "", "guidelines": 3, '
        '"ratings": {"correct": null, "kind": 4.0}, "licence": "CC0", "source": "us"}}\n'
    )


@pytest.mark.parametrize(
    "separator", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
)
def test_no_character_of_a_text_ends_the_line(separator: str) -> None:  # S71
    text = f"before{separator}after"
    line = line_of(row_of(found(text), []))
    assert len(line.splitlines()) == len(line.decode().splitlines()) == 1
    assert json.loads(line)["messages"][1]["content"] == text


def test_every_text_that_is_stored_reads_back_byte_for_byte() -> None:  # I1, S71
    rows = hostile.rows("text", stored=True)
    assert len(rows) > 400
    for row in rows:
        line = line_of(row_of(found(row.text), []))
        assert json.loads(line)["messages"][1]["content"] == row.text, row.id
        assert len(line.decode().splitlines()) == 1, row.id
