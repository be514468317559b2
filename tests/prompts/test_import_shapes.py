"""A file in a trainer's shape comes in as it stands, and what was exported comes back byte for byte."""

import json
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pytest

from app.core.errors import Invalid
from app.datasets.formats.form import Form
from app.datasets.formats.messages import MESSAGES
from app.datasets.formats.registry import FORMS
from app.datasets.publish.rows import line_of
from app.prompts.import_lines import LINE_LIMIT, Row, lines_of, read_rows
from tests import hostile
from tests.cast import Cast
from tests.datasets.formats.test_shapes import ANSWER, MORE, QUESTION, SYSTEM, row
from tests.prompts.test_hostile_import import LINES, door
from tests.prompts.test_hostile_json import listed

WRITTEN: Sequence[Form] = [MESSAGES, *(form for form in FORMS.values() if form.ending == "jsonl")]
HOSTILE = [row.text for row in hostile.rows("text", stored=True)]


def read(*lines: dict[str, Any]) -> list[Row]:
    """What comes in from these lines."""
    return list(read_rows(BytesIO(b"".join(line_of(line) for line in lines)), {"Explain": 1}))


def conversation(found: Row) -> list[dict[str, Any]]:
    """All turns of what came in."""
    return [*found.messages, *(found.response or [])]


@pytest.mark.parametrize("form", WRITTEN, ids=lambda form: form.name)
def test_export_import_export_gives_the_same_texts_byte_for_byte(form: Form) -> None:  # I28
    rows = [row(SYSTEM, QUESTION, ANSWER, MORE | {"content": text}, ANSWER | {"content": text}) for text in HOSTILE]
    exported = [form.row(one) or {} for one in rows]
    came_in = [conversation(one) for one in read(*exported)]
    assert came_in == [one["messages"] for one in rows]
    again = [form.row(one | {"messages": turns}) or {} for one, turns in zip(rows, came_in, strict=True)]
    assert [line_of(one) for one in again] == [line_of(one) for one in exported]


@pytest.mark.parametrize("form", WRITTEN, ids=lambda form: form.name)
def test_what_the_metadata_says_comes_along_and_the_id_of_another_project_does_not(form: Form) -> None:
    exported = row(QUESTION, ANSWER)
    exported["metadata"] |= {"category": "Explain", "language": "de"}
    (found,) = read(form.row(exported) or {})
    assert (found.category, found.language, found.licence, found.source) == ("Explain", "de", "CC0-1.0", "us")
    assert found.key.startswith("sha256:")


def test_shapes_of_others_are_read_too() -> None:
    found = read(
        {"instruction": "Add.", "input": "1 2", "output": "3"},
        {"prompt": "Why?", "completion": "Because."},
        {"system": "Be brief.", "conversations": [{"from": "user", "value": "Why?"}, {"from": "gpt", "value": "So."}]},
        {"instruction": "Add.", "id": "q-1", "licence": "MIT"},
    )
    assert [[turn["content"] for turn in conversation(one)] for one in found] == [
        ["Add.\n1 2", "3"], ["Why?", "Because."], ["Be brief.", "Why?", "So."], ["Add."],
    ]  # fmt: skip
    assert (found[3].key, found[3].licence, found[3].response) == ("q-1", "MIT", None)


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ({"conversations": "hello"}, "/line/1/conversations"),
        ({"conversations": [{"from": "bing", "value": "x"}]}, "/line/1/conversations/0/from"),
        ({"conversations": [{"from": ["x"], "value": "a"}]}, "/line/1/conversations/0/from"),
        ({"conversations": [{"from": "human"}]}, "/line/1/conversations/0"),
        ({"instruction": "x", "history": [["y"]]}, "/line/1/history/0"),
        ({"instruction": "x", "history": "y"}, "/line/1/history"),
        ({"instruction": ["x"]}, "/line/1/messages/0/content"),
        ({"prompt": 1, "completion": "x"}, "/line/1/prompt"),
        ({"prompt": "x", "metadata": "y"}, "/line/1/metadata"),
        ({"prompt": "x", "metadata": {"category": "Nothing"}}, "/line/1/category"),
        ({"instruction": "x", "response": "y", "label": 1}, "/line/1/label"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_wrong_in_a_shape_is_named(line: dict[str, Any], place: str) -> None:  # S79
    with pytest.raises(Invalid) as refusal:
        read(line)
    assert [one.pointer for one in refusal.value.places] == [place]


def test_a_published_file_comes_in_once_with_its_answers_beside_the_prompts(cast: Cast) -> None:  # I21
    lines = [FORMS["sharegpt"].row(row(QUESTION | {"content": f"Why {n}?"}, ANSWER)) or {} for n in range(3)]
    file = b"".join(line_of(line) for line in lines)
    assert cast.admin.post(door(cast), content=file, headers=LINES).json()["added"] == 3
    again = cast.admin.post(door(cast), content=json.dumps(lines[0]).encode(), headers=LINES).json()
    assert again == {"rows": 1, "added": 0, "already_there": 1}
    assert {(one["source"], one["licence"]) for one in listed(cast)} == {("us", "CC0-1.0")}


def test_a_file_is_read_a_line_at_a_time_and_of_a_line_without_end_no_more_than_a_line() -> None:  # I21
    file = BytesIO(b'{"prompt": "Why?"}\n' * 100)
    assert next(read_rows(file, {})).question == "Why?"
    assert file.tell() == 19
    endless = BytesIO(b'{"prompt": "Why?"}\n' + b"x" * (3 * LINE_LIMIT))
    lines = list(lines_of(endless))
    assert [(number, len(line) > LINE_LIMIT) for number, line in lines] == [(1, False), (2, True)]
    assert len(lines[1][1]) == LINE_LIMIT + 2


def test_a_line_that_is_a_list_is_refused_in_words_of_people(cast: Cast) -> None:
    refused = cast.admin.post(door(cast), content=b"[1, 2]", headers=LINES).json()
    assert refused["errors"] == [{"pointer": "/line/1", "detail": "is not an object"}]
