"""The shapes of a row, one by one: what each says, what it cannot say, and that no text changes on the way."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from pyarrow import parquet as arrow

from app.datasets.formats import parquet
from app.datasets.formats.form import features
from app.datasets.formats.making import lines
from app.datasets.formats.registry import FORMS
from app.datasets.publish.rows import line_of
from tests import hostile

HOSTILE = [row.text for row in hostile.rows("text", stored=True)]
QUESTION, ANSWER = {"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}
SYSTEM, MORE = {"role": "system", "content": "Be brief."}, {"role": "user", "content": "And then?"}


def row(*turns: Mapping[str, str]) -> dict[str, Any]:
    """A row of a version with these turns."""
    metadata = {
        "prompt_id": "3", "submission_id": "7", "revision": 2, "category": "", "language": "en", "annotator": "a-1",
        "editor": "", "guidelines": 1, "ratings": {"clear": None, "kind": 4.0}, "licence": "CC0-1.0", "source": "us",
    }  # fmt: skip
    return {"messages": list(turns), "id": "s7-r2", "metadata": metadata}


def said(name: str, *turns: Mapping[str, str]) -> dict[str, Any] | None:
    """What a format makes of these turns, without the id and the metadata that it keeps."""
    made = FORMS[name].row(row(*turns))
    if made is None:
        return None
    assert (made.pop("id"), made.pop("metadata")) == ("s7-r2", row()["metadata"])
    return made


def test_prompt_and_completion_part_after_the_last_question() -> None:
    made = said("prompt-completion", SYSTEM, QUESTION, ANSWER, MORE, ANSWER)
    assert made == {"prompt": [SYSTEM, QUESTION, ANSWER, MORE], "completion": [ANSWER]}


def test_alpaca_has_columns_for_a_system_message_and_earlier_rounds() -> None:
    assert said("alpaca", SYSTEM, QUESTION, ANSWER, MORE, ANSWER) == {
        "instruction": "And then?",
        "input": "",
        "output": "Because.",
        "system": "Be brief.",
        "history": [["Why?", "Because."]],
    }


def test_sharegpt_has_other_names_for_the_same_turns() -> None:
    told = said("sharegpt", SYSTEM, QUESTION, ANSWER)
    assert told
    assert [list(turn.values()) for turn in told["conversations"]] == [
        ["system", "Be brief."], ["human", "Why?"], ["gpt", "Because."],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "turns"),
    [
        ("prompt-completion", [QUESTION]),
        ("prompt-completion", [ANSWER]),
        ("prompt-completion", [QUESTION, SYSTEM]),
        ("alpaca", [QUESTION, MORE, ANSWER]),
        ("alpaca", [SYSTEM, ANSWER]),
        ("alpaca", [SYSTEM]),
        ("alpaca", [QUESTION, ANSWER, MORE]),
    ],
)
def test_what_a_shape_cannot_say_is_left_out(name: str, turns: Sequence[Mapping[str, str]]) -> None:
    assert said(name, *turns) is None


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from texts_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_in(one)


@pytest.mark.parametrize("name", FORMS)
def test_every_text_comes_through_every_shape_byte_for_byte(name: str) -> None:  # I1, S71
    for text in HOSTILE:
        made = FORMS[name].row(row(QUESTION | {"content": text}, ANSWER | {"content": text}))
        line = line_of(made or {})
        assert list(texts_in(json.loads(line))).count(text) >= 2
        assert len(line.decode().splitlines()) == 1


def test_lines_are_found_again_wherever_the_chunks_are_cut() -> None:
    whole = b'{"a": 1}\n{"b": "\\u2028"}\n{"c": 3}\n'
    for size in range(1, len(whole) + 1):
        chunks = [whole[at : at + size] for at in range(0, len(whole), size)]
        assert list(lines(chunks)) == [b'{"a": 1}\n', b'{"b": "\\u2028"}\n', b'{"c": 3}\n']


def written(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The Parquet file of these rows."""
    columns = features(FORMS["parquet"], ["clear", "kind"])
    return b"".join(parquet.file_of((line_of(one) for one in rows), columns))


def test_parquet_holds_the_same_rows_and_gives_the_same_bytes_each_time() -> None:
    rows = [row(QUESTION | {"content": text}, ANSWER) for text in HOSTILE]
    file = written(rows)
    assert arrow.read_table(io.BytesIO(file)).to_pylist() == rows
    assert file == written(rows)
    assert arrow.ParquetFile(io.BytesIO(file)).metadata.created_by.startswith("parquet-cpp-arrow version ")


def test_parquet_is_written_a_group_of_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "GROUP_ROWS", 3)
    groups = arrow.ParquetFile(io.BytesIO(written([row(QUESTION, ANSWER)] * 7)))
    assert [groups.metadata.row_group(at).num_rows for at in range(groups.num_row_groups)] == [3, 3, 1]
    assert arrow.read_table(io.BytesIO(written([]))).num_rows == 0
