"""Reading a table of prompts (CSV): which column says what, then each record as a line of the same import. Pure."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from app.core.errors import Place
from app.prompts.import_lines import LINE_LIMIT, ImportRow, checked, lines_of
from app.prompts.refusing import refused

# What each field is called in the tables that people have. The first name is the field's own.
NAMES = {
    "prompt": ("prompt", "question", "instruction", "text"),
    "response": ("response", "answer", "output", "completion"),
    "category": ("category", "task", "topic"),
    "language": ("language", "lang"),
    "id": ("id", "external_id", "prompt_id"),
    "source": ("source", "origin"),
    "licence": ("licence", "license"),
    "tags": ("tags", "labels"),
}
TAGS_APART = ";"
SEPARATORS = ",;\t"
COLUMNS_LIMIT = 200
csv.field_size_limit(LINE_LIMIT)


@dataclass(frozen=True)
class Table:
    """The head of a table and what stands below it: the number of the line where a record begins, and its cells.

    Records are read from the file as they are asked for, once: no more than one of them is held.
    """

    columns: Sequence[str]
    records: Iterator[tuple[int, Sequence[str]]]


def read_table(file: IO[bytes]) -> Table:
    """A CSV file in UTF-8, between commas, semicolons or tabs. Invalid, now or later, with the line that is wrong."""
    records = _records(file)
    _, columns = next(records, (1, ()))
    if not columns:
        raise refused([Place("/line/1", "is missing: the file is empty")])
    if len(columns) > COLUMNS_LIMIT:
        raise refused([Place("/line/1", f"has more than {COLUMNS_LIMIT} columns")])
    if len(set(columns)) < len(columns):
        raise refused([Place("/line/1", "names a column twice")])
    return Table(columns, _some(records))


def suggest(columns: Sequence[str]) -> dict[str, str]:
    """For each field the column that is called like it; a field without such a column is not there."""
    known = {column.strip().casefold(): column for column in reversed(columns)}
    found = {field: next((known[name] for name in names if name in known), None) for field, names in NAMES.items()}
    return {field: column for field, column in found.items() if column is not None}


def parsed(columns: Sequence[str], mapping: Mapping[str, str], at: str, cells: Sequence[str]) -> ImportRow:
    """A record as an import line, by the column of each field. An empty cell says nothing.

    A cell holds several tags between semicolons. Invalid with the places in it.
    """
    if len(cells) != len(columns):
        raise refused([Place(at, f"has {len(cells)} cells where the head has {len(columns)}")])
    named = dict(zip(columns, cells, strict=True))
    filled = {field: named[column] for field, column in mapping.items() if named[column] != ""}
    tags = {"tags": filled["tags"].split(TAGS_APART)} if "tags" in filled else {}
    return checked(at, filled | tags)


def check_mapping(columns: Sequence[str], mapping: Mapping[str, str]) -> None:
    """Invalid where a field names a column that is not there, or no column is the prompt's."""
    wrong = [
        Place(f"/column-{field}", "names a column that the table does not have")
        for field, column in mapping.items()
        if column not in columns
    ]
    if "prompt" not in mapping:
        wrong.append(Place("/column-prompt", "is missing: say which column holds the prompt"))
    if wrong:
        raise refused(wrong)


def check_all_known(columns: Sequence[str]) -> None:
    """Invalid where a program sends a column that would be left out unseen."""
    used = set(suggest(columns).values())
    if unknown := [column for column in columns if column not in used]:
        raise refused([Place("/line/1", f"has a column that is not known here: {unknown[0][:40]}")])


def _records(file: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    file.seek(0)
    head = file.readline(LINE_LIMIT).decode(errors="replace")
    file.seek(0)
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    lines = Lines(text)
    reader = csv.reader(lines, delimiter=max(SEPARATORS, key=head.count), strict=True)
    try:
        for cells in reader:
            if cells:
                yield lines.begins, cells
            lines.begin(reader.line_num + 1)
    except csv.Error as error:
        raise refused([Place(f"/line/{reader.line_num}", f"cannot be read as CSV: {error}")]) from None
    except UnicodeDecodeError:
        place = Place(f"/line/{_first_not_utf8(file)}", "is not UTF-8; save the table as CSV in UTF-8")
        raise refused([place]) from None
    finally:
        text.detach()  # else the file is closed with what reads it


class Lines:
    """The lines of a text, for a reader that makes records of them. Invalid where one record would be too long."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self.begin(1)

    def begin(self, number: int) -> None:
        """From here on another record is read, that begins at this line."""
        self.begins, self._held = number, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LINE_LIMIT + 1)
        self._held += len(line)
        if self._held > LINE_LIMIT:
            raise refused([Place(f"/line/{self.begins}", "is longer than 1 MiB")])
        if not line:
            raise StopIteration
        return line


def _first_not_utf8(file: IO[bytes]) -> int:
    file.seek(0)
    for number, line in lines_of(file):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return number
    return 1


def _some(records: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    first = next(records, None)
    if first is None:
        raise refused([Place("/line/2", "is missing: the table has a head and nothing below")])
    yield first
    yield from records
