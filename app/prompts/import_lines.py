"""Reading a file of prompts, line by line: rows, or the reason why a line is none. Pure."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, TypeVar

from pydantic import ValidationError

from app.core.errors import PLACES_LISTED, DomainError, Invalid, Place
from app.core.excerpts import beginning
from app.core.problems import pointer, sentence_of
from app.core.strict_json import loads
from app.core.text import FilledText, Language, Line, Name
from app.core.web import In
from app.prompts.import_shapes import plain
from app.prompts.messages import Messages, check_turns, one_turn
from app.prompts.refusing import refused
from app.prompts.tag_names import Tags

LINE_LIMIT = 1 << 20
ROW_LIMIT = 100_000
BOM = b"\xef\xbb\xbf"
COUNTED = Place("", "")  # stands for a place that is not listed any more
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

    @property
    def answer(self) -> str:
        """How the answer that stands beside it begins; empty where there is none."""
        return beginning(str(self.response[-1]["content"])) if self.response else ""


Check = Callable[[Row], Sequence[Place]]


def nothing_wrong(row: Row) -> Sequence[Place]:
    """What is wrong with a row that is only read: nothing."""
    return ()


def read_rows(file: IO[bytes], categories: Mapping[str, int], check: Check = nothing_wrong) -> Iterator[Row]:
    """The rows of a file of JSON lines, read one after another: no more than a line is held.

    Invalid at the end, with a place a line, if any is wrong: whoever stores rows meanwhile takes them back.
    """
    return rows_of(json_lines(file), _parsed, categories, check)


def json_lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines of a file of JSON lines from its beginning. Invalid where a mark stands before the first."""
    file.seek(0)
    if file.read(len(BOM)) == BOM:
        raise refused([Place("/line/1", "begins with a byte order mark; save the file as UTF-8 without one")])
    file.seek(0)
    return lines_of(file)


def lines_of(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers. Of one that is too long comes so much that it is seen to be."""
    number = 0
    while line := file.readline(LINE_LIMIT + 2):
        number += 1
        yield number, line.removesuffix(b"\n")
        while line and not line.endswith(b"\n"):
            line = file.readline(LINE_LIMIT)


def rows_of(
    lines: Iterable[tuple[int, T]],
    parse: Callable[[str, T], ImportRow],
    categories: Mapping[str, int],
    check: Check = nothing_wrong,
) -> Iterator[Row]:
    """The rows of numbered lines, each read by `parse`, which is told where it is. Every wrong line is named.

    After the first wrong one none comes any more, and all are read to say what else is wrong.
    """
    wrong: list[Place] = []
    names = Names()
    count = 0
    for count, (number, line) in enumerate(lines, 1):
        if count > ROW_LIMIT:
            raise refused([Place(f"/line/{ROW_LIMIT + 1}", f"is past the {ROW_LIMIT:,} rows that one file may have")])
        try:
            row = _row(number, parse(f"/line/{number}", line), categories)
        except Invalid as error:
            keep_reasons(wrong, error.places)
            continue
        keep_reasons(wrong, [*names.standing_twice(row), *check(row)])
        if not wrong:
            yield row
    if not count:
        raise refused([Place("/line/1", "is missing: the file is empty")])
    if wrong:
        raise refused(wrong)


def keep_reasons(wrong: list[Place], more: Sequence[Place]) -> None:
    """Add what else is wrong: as many as are listed, then only how many there are."""
    room = max(0, PLACES_LISTED - len(wrong))
    wrong += more[:room]
    wrong += [COUNTED] * len(more[room:])


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
    values = loaded(at, line)
    return checked(at, plain(at, values) if isinstance(values, dict) else values)


def loaded(at: str, line: bytes) -> Any:
    """What a line holds. Invalid, with its place, where it is no JSON or too long."""
    if len(line) > LINE_LIMIT:
        raise refused([Place(at, "is longer than 1 MiB")])
    try:
        return loads(line)
    except Invalid as error:
        raise refused([Place(at + place.pointer, place.detail) for place in error.places]) from None
    except DomainError as error:
        detail = error.sentence.removeprefix("The body ").rstrip(".")
        raise refused([Place(at, detail)]) from None


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


class Names:
    """What each name of a file stands for, by a digest: a hundred thousand rows take some megabytes."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[int, str]] = {}

    def standing_twice(self, row: Row) -> list[Place]:
        """That this row's id stands for something else earlier in the file. The same row twice is no fault."""
        said = content_key(row.messages, row.response)
        line, first = self._first.setdefault(row.key, (row.line, said))
        return [] if first == said else [Place(f"/line/{row.line}/id", f"stands for another prompt in line {line}")]
