"""Reading a table of prompts (CSV): which column says what, then each record as a line of the same import. Pure."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.core.errors import Place
from app.prompts.import_lines import BOM, LINE_LIMIT
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
    """The head of a table and what stands below it: the number of the line where a record begins, and its cells."""

    columns: Sequence[str]
    records: Sequence[tuple[int, Sequence[str]]]


def read_table(data: bytes) -> Table:
    """The cells of a CSV file in UTF-8, between commas, semicolons or tabs. Invalid with the lines that are wrong."""
    try:
        text = data.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise refused([Place(f"/line/{line}", "is not UTF-8; save the table as CSV in UTF-8")]) from None
    records = list(_records(text))
    if not records:
        raise refused([Place("/line/1", "is missing: the file is empty")])
    (_, columns), rows = records[0], records[1:]
    _check(columns, rows)
    return Table(columns, rows)


def suggest(columns: Sequence[str]) -> dict[str, str]:
    """For each field the column that is called like it; a field without such a column is not there."""
    known = {column.strip().casefold(): column for column in reversed(columns)}
    found = {field: next((known[name] for name in names if name in known), None) for field, names in NAMES.items()}
    return {field: column for field, column in found.items() if column is not None}


def values_of(table: Table, mapping: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str | list[str]]]]:
    """Each record as the fields of an import line, with its line number. An empty cell says nothing.

    A cell holds several tags between semicolons.
    """
    places = {field: table.columns.index(column) for field, column in mapping.items()}
    for line, cells in table.records:
        filled = {field: cells[place] for field, place in places.items() if cells[place] != ""}
        tags = {"tags": filled["tags"].split(TAGS_APART)} if "tags" in filled else {}
        yield line, filled | tags


def check_mapping(table: Table, mapping: Mapping[str, str]) -> None:
    """Invalid where a field names a column that is not there, or no column is the prompt's."""
    wrong = [
        Place(f"/column-{field}", "names a column that the table does not have")
        for field, column in mapping.items()
        if column not in table.columns
    ]
    if "prompt" not in mapping:
        wrong.append(Place("/column-prompt", "is missing: say which column holds the prompt"))
    if wrong:
        raise refused(wrong)


def check_all_known(table: Table) -> None:
    """Invalid where a program sends a column that would be left out unseen."""
    used = set(suggest(table.columns).values())
    if unknown := [column for column in table.columns if column not in used]:
        raise refused([Place("/line/1", f"has a column that is not known here: {unknown[0][:40]}")])


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    head = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for cells in reader:
            if cells:
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise refused([Place(f"/line/{reader.line_num}", f"cannot be read as CSV: {error}")]) from None


def _check(columns: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]]) -> None:
    wrong = []
    if len(columns) > COLUMNS_LIMIT:
        wrong.append(Place("/line/1", f"has more than {COLUMNS_LIMIT} columns"))
    if len(set(columns)) < len(columns):
        wrong.append(Place("/line/1", "names a column twice"))
    if not rows:
        wrong.append(Place("/line/2", "is missing: the table has a head and nothing below"))
    for line, cells in rows:
        if len(cells) != len(columns):
            wrong.append(Place(f"/line/{line}", f"has {len(cells)} cells where the head has {len(columns)}"))
    if wrong:
        raise refused(wrong)
