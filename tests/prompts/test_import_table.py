"""An admin brings in a table of prompts: says which column is which, looks, then all of it comes in or nothing."""

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.prompts.import_tables import read_table
from tests.cast import Cast
from tests.prompts.test_hostile_import import door
from tests.prompts.test_hostile_json import listed
from tests.prompts.test_import_file import sent

TABLE = b'nr,Question,Topic,Remark\n1,"Why is the sky\nblue?",Explain,nice\n2,"Say ""hello"", please",,\n'
CSV = {"Content-Type": "text/csv"}


def contents(cast: Cast) -> list[str]:
    """What the prompts of the project ask, oldest first."""
    return [one["messages"][0]["content"] for one in listed(cast)][::-1]


def as_csv(rows: Sequence[Sequence[str]], **dialect: Any) -> bytes:
    """A table as a spreadsheet writes it."""
    file = io.StringIO(newline="")
    csv.writer(file, **dialect).writerows(rows)
    return file.getvalue().encode()


def test_a_look_at_a_table_guesses_the_columns_and_stores_nothing(cast: Cast) -> None:
    page = sent(cast.admin, cast, TABLE, "preview", "prompts.csv").text
    assert "2 of 2 prompts would come in." in page
    assert '<option value="Question" selected>' in page
    assert "Not read: <bdi>nr</bdi>, <bdi>Remark</bdi>." in page
    assert contents(cast) == []


def test_a_look_shows_what_each_of_the_first_rows_would_be(cast: Cast) -> None:
    table = as_csv(
        [
            ("Frage", "Thema", "Antwort", "Sprache", "Quelle", "Lizenz", "Marken"),
            ("Warum?", "Plan", "Darum.", "de", "Schule", "CC0", "leicht; kurz"),
            ("Wozu?", "", "", "", "", "", ""),
        ]
    )
    chosen = ("prompt", "Frage"), ("category", "Thema"), ("response", "Antwort"), ("language", "Sprache")
    more = ("source", "Quelle"), ("licence", "Lizenz"), ("tags", "Marken")
    mapping = {f"column-{field}": name for field, name in (*chosen, *more)}
    page = sent(cast.admin, cast, table, "preview", "prompts.csv", **mapping).text
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("2 of 2 prompts would come in.") :]))
    assert "Warum? Darum. Plan de from Schule under CC0 tag leicht tag kurz Wozu? no category en" in shown


def test_a_table_comes_in_with_its_line_ends_and_quotes(cast: Cast) -> None:
    assert "2 of 2 prompts came in." in sent(cast.admin, cast, TABLE, name="prompts.csv").text
    assert contents(cast) == ["Why is the sky\nblue?", 'Say "hello", please']
    assert [one["category"] and one["category"]["name"] for one in listed(cast)] == [None, "Explain"]


def test_the_columns_that_a_person_chose_are_read(cast: Cast) -> None:
    chosen = {"column-prompt": "Remark", "column-id": "nr", "column-category": ""}
    table = TABLE.replace(b",,\n", b",,also nice\n")
    sent(cast.admin, cast, table, name="prompts.csv", **chosen)
    assert contents(cast) == ["nice", "also nice"]
    assert {one["external_id"] for one in listed(cast)} == {"1", "2"}


def test_another_file_than_the_one_that_was_looked_at_is_looked_at_anew(cast: Cast) -> None:
    page = sent(cast.admin, cast, b"text\nHello?\n", "preview", "b.csv", **{"column-prompt": "Question"}).text
    assert '<option value="text" selected>' in page
    refused = sent(cast.admin, cast, b"text\nHello?\n", "import", "b.csv", **{"column-prompt": "Question"})
    assert refused.status_code == 422
    assert "<bdi>Column prompt</bdi> names a column that the table does not have" in refused.text


@pytest.mark.parametrize(
    ("table", "place", "detail"),
    [
        (b"", "Line 1", "is missing: the file is empty"),
        (b"prompt\n", "Line 2", "is missing: the table has a head and nothing below"),
        (b"prompt,prompt\na,b\n", "Line 1", "names a column twice"),
        (b"prompt,id\na\n", "Line 2", "has 1 cells where the head has 2"),
        (b'prompt\n"a\nb"\n"c\n', "Line 4", "cannot be read as CSV"),
        (b"prompt\n\xff\n", "Line 2", "is not UTF-8"),
        (b'prompt\na\n"' + b"b\n" * (1 << 19) + b'"\n', "Line 3", "is longer than 1 MiB"),
        (b'prompt,category\n"a\nb",Nothing\n', "Line 2, category", "is no category of this project"),
        (b"prompt,id\na,1\nb,1\n", "Line 3, id", "stands for another prompt in line 2"),
        (b"prompt,id\n,1\n", "Line 2, prompt", "give either prompt or messages"),
        (b"prompt,language\na,klingon\n", "Line 2, language", ""),
        (b"prompt\na\x00b\n", "Line 2, prompt", ""),
        (b"words\na\n", "Column prompt", "is missing: say which column holds the prompt"),
    ],
)
def test_a_table_with_a_fault_stays_out_and_the_place_is_named(
    cast: Cast, table: bytes, place: str, detail: str
) -> None:  # S79
    refused = sent(cast.admin, cast, table, name="prompts.csv")
    assert refused.status_code == 422
    assert f"<bdi>{place}</bdi> {detail}" in refused.text
    assert contents(cast) == []


def test_a_program_sends_a_table_and_no_column_is_left_out_unseen(cast: Cast) -> None:
    known = b"prompt,category\nWhy?,Explain\n"
    assert cast.admin.post(f"{door(cast)}?preview=true", content=known, headers=CSV).json()["added"] == 1
    assert cast.admin.post(door(cast), content=known, headers=CSV).json()["added"] == 1
    refused = cast.admin.post(door(cast), content=TABLE, headers=CSV)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/line/1")
    assert contents(cast) == ["Why?"]


def test_what_a_spreadsheet_puts_before_a_table_is_no_part_of_its_first_column(cast: Cast) -> None:
    sent(cast.admin, cast, b"\xef\xbb\xbfprompt;topic\r\nWhy, please?;\r\n", name="prompts.csv")
    assert contents(cast) == ["Why, please?"]


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@settings(max_examples=200)
@given(st.lists(st.tuples(cells.filter(bool), cells), min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_every_cell_is_read_as_it_was_written(rows: list[tuple[str, str]], separator: str) -> None:  # I1
    file = io.BytesIO(as_csv([("prompt", "answer"), *rows], delimiter=separator, quoting=csv.QUOTE_ALL))
    assert [tuple(cells) for _, cells in read_table(file).records] == rows


def test_a_table_is_read_as_its_records_are_asked_for() -> None:
    file = io.BytesIO(as_csv([("prompt",), *([f"Question {number}?"] for number in range(100_000))]))
    table = read_table(file)
    assert next(table.records) == (2, ["Question 0?"])
    assert file.tell() < 20_000


def test_columns_under_names_of_their_own_can_be_chosen_after_a_look(cast: Cast) -> None:
    looked = sent(cast.admin, cast, b"Frage\nWarum?\n", "preview", "a.csv")
    assert looked.status_code == 200
    assert "say which column holds the prompt" in looked.text.split('id="preview"')[1]
    assert '<option value="Frage">' in looked.text
