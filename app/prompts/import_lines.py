"""Reading a file of prompts, line by line: rows, or the reason why a line is none. Pure."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from app.core.errors import DomainError, Invalid, Place
from app.core.excerpts import beginning
from app.core.problems import pointer, sentence_of
from app.core.strict_json import loads
from app.core.text import FilledText, Language, Line, Name
from app.core.web import In
from app.prompts.import_shapes import plain
from app.prompts.messages import Messages, check_turns, one_turn
from app.prompts.refusing import refused
from app.prompts.tag_names import Tags

FILE_LIMIT = 64 << 20
LINE_LIMIT = 1 << 20
ROW_LIMIT = 100_000
BOM = b"\xef\xbb\xbf"
T = TypeVar("T")


class ImportRow(In):
    """One line: `prompt` or `messages`; an answer that stands beside it is kept as the imported response."""

    prompt: FilledText | None = None
    messages: Messages | None = None
    response: FilledText | None = None
    id: Name | None = None
    category: Name | None = None
    language: Language | None = None
    source: Line = ""
    licence: Line = ""
    tags: Tags = []


@dataclass(frozen=True)
class Row:
    """A prompt as it will be stored. `key` is the importer's id, or made of the content where there is none."""

    line: int
    key: str
    messages: list[dict[str, Any]]
    response: list[dict[str, Any]] | None
    category: str | None
    language: str | None
    source: str
    licence: str
    tags: Sequence[str] = ()

    @property
    def question(self) -> str:
        """How the last user turn begins."""
        return beginning(str(self.messages[-1]["content"]))


def read_rows(data: bytes, categories: Mapping[str, int]) -> list[Row]:
    """The rows of a file of JSON lines. Invalid with a place a line that is wrong; then no row is read at all."""
    if data.startswith(BOM):
        raise refused([Place("/line/1", "begins with a byte order mark; save the file as UTF-8 without one")])
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    if not lines:
        raise refused([Place("/line/1", "is missing: the file is empty")])
    return rows_of(enumerate(lines, 1), len(lines), _parsed, categories)


def rows_of(
    lines: Iterable[tuple[int, T]], count: int, parse: Callable[[str, T], ImportRow], categories: Mapping[str, int]
) -> list[Row]:
    """The rows of numbered lines, each read by `parse`, which is told where it is. Every wrong line is named."""
    if count > ROW_LIMIT:
        raise refused([Place(f"/line/{ROW_LIMIT + 1}", f"is past the {ROW_LIMIT:,} rows that one file may have")])
    rows: list[Row] = []
    wrong: list[Place] = []
    for number, line in lines:
        try:
            rows.append(_row(number, parse(f"/line/{number}", line), categories))
        except Invalid as error:
            wrong += error.places
    wrong += _named_twice(rows)
    if wrong:
        raise refused(wrong)
    return rows


def checked(at: str, values: Mapping[str, Any]) -> ImportRow:
    """The fields of one line. Invalid with the places in it."""
    try:
        return ImportRow.model_validate(values)
    except ValidationError as error:
        wrong = [Place(at + pointer(item["loc"]), sentence_of(dict(item))) for item in error.errors()]
        raise refused(wrong) from None


def _row(number: int, row: ImportRow, categories: Mapping[str, int]) -> Row:
    at = f"/line/{number}"
    messages, response = _conversation(at, row)
    if row.category is not None and row.category not in categories:
        raise refused([Place(f"{at}/category", "is no category of this project")])
    key = row.id or content_key(messages, response)
    return Row(number, key, messages, response, row.category, row.language, row.source, row.licence, tuple(row.tags))


def content_key(messages: Sequence[Any], response: Sequence[Any] | None) -> str:
    """A name made of what a row says, so that the same row is known again."""
    content = json.dumps([messages, response], ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(content.encode("ascii")).hexdigest()


def _parsed(at: str, line: bytes) -> ImportRow:
    if len(line) > LINE_LIMIT:
        raise refused([Place(at, "is longer than 1 MiB")])
    try:
        values = loads(line)
    except Invalid as error:
        raise refused([Place(at + place.pointer, place.detail) for place in error.places]) from None
    except DomainError as error:
        detail = error.sentence.removeprefix("The body ").rstrip(".")
        raise refused([Place(at, detail)]) from None
    return checked(at, plain(at, values) if isinstance(values, dict) else values)


def _conversation(at: str, row: ImportRow) -> tuple[list[dict[str, Any]], list[dict[str, Any]] | None]:
    """What is asked, and the answer that stands after or beside it."""
    if (row.prompt is None) == (row.messages is None):
        raise refused([Place(f"{at}/prompt", "give either prompt or messages")])
    if row.messages is None:
        asked = one_turn(row.prompt or "")
        return asked, None if row.response is None else one_turn(row.response, "assistant")
    turns = check_turns([turn.model_dump() for turn in row.messages], f"{at}/messages")
    last = max((place for place, turn in enumerate(turns) if turn["role"] == "user"), default=None)
    if last is None:
        raise refused([Place(f"{at}/messages", "holds no user turn")])
    answer = turns[last + 1 :]
    if answer and row.response is not None:
        raise refused([Place(f"{at}/response", "the messages hold a response already")])
    return turns[: last + 1], answer or (None if row.response is None else one_turn(row.response, "assistant"))


def _named_twice(rows: Sequence[Row]) -> list[Place]:
    """Lines whose id stands for something else earlier in the file. The same row twice is no fault."""
    seen: dict[str, Row] = {}
    wrong = []
    for row in rows:
        first = seen.setdefault(row.key, row)
        if (first.messages, first.response) != (row.messages, row.response):
            wrong.append(Place(f"/line/{row.line}/id", f"stands for another prompt in line {first.line}"))
    return wrong
