"""An admin brings in JSON lines whose keys have names of their own, and says which key is which."""

import json
import tracemalloc
from io import BytesIO
from typing import Any

from app.prompts.import_keys import LOOKED, keys_of
from app.prompts.import_tables import COLUMNS_LIMIT
from tests.cast import Cast
from tests.prompts.test_hostile_json import listed
from tests.prompts.test_import_file import sent
from tests.prompts.test_import_table import contents


def lines(*rows: dict[str, Any]) -> bytes:
    """A file of JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


ASKED = lines(
    {"nr": 7, "question": "Why is the sky\nblue? 🙂", "topic": "Explain", "remark": "nice", "labels": ["sky", "light"]},
    {"nr": 8, "question": "Say hello", "topic": None, "answer": "Hello.", "labels": "short;polite"},
)


def test_a_look_guesses_the_keys_and_stores_nothing(cast: Cast) -> None:
    page = sent(cast.admin, cast, ASKED, "preview").text
    assert "Which key is which?" in page
    assert "2 of 2 prompts would come in." in page
    assert '<option value="question" selected>' in page
    assert "Not read: <bdi>nr</bdi>, <bdi>remark</bdi>." in page
    assert contents(cast) == []


def test_the_lines_come_in_by_the_keys_that_a_person_chose(cast: Cast) -> None:
    chosen = {"column-prompt": "question", "column-id": "nr", "column-category": "topic", "column-tags": "labels"}
    assert "2 of 2 prompts came in." in sent(cast.admin, cast, ASKED, **chosen).text
    assert contents(cast) == ["Why is the sky\nblue? 🙂", "Say hello"]
    found = list(listed(cast))[::-1]
    assert [one["external_id"] for one in found] == ["7", "8"]
    assert [one["category"] and one["category"]["name"] for one in found] == ["Explain", None]
    assert [one["tags"] for one in found] == [["sky", "light"], ["short", "polite"]]


def test_known_keys_beside_an_unknown_one_are_read_and_the_other_is_named(cast: Cast) -> None:
    page = sent(cast.admin, cast, lines({"prompt": "Why?", "remark": "nice"}), "preview").text
    assert ("1 of 1 prompts would come in." in page, "Not read: <bdi>remark</bdi>." in page) == (True, True)


def test_a_list_under_the_key_of_the_prompt_is_turns(cast: Cast) -> None:
    turns = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": "Why?"},
    ]
    told = [{"from": "human", "value": "And this?"}]
    rows = lines({"dialog": turns, "nr": 1}, {"dialog": told, "nr": 2})
    assert "2 of 2 prompts came in." in sent(cast.admin, cast, rows, **{"column-prompt": "dialog"}).text
    assert [one["messages"] for one in list(listed(cast))[::-1]] == [turns, [{"role": "user", "content": "And this?"}]]


def test_lines_that_say_by_themselves_what_is_which_are_asked_nothing(cast: Cast) -> None:
    plain: list[dict[str, Any]] = [{"prompt": "Why?"}, {"instruction": "Say", "input": "it"}, {"messages": []}]
    for row in plain:
        assert "Which key is which?" not in sent(cast.admin, cast, lines(row), "preview").text


def test_without_a_key_for_the_prompt_it_is_asked_and_nothing_comes_in(cast: Cast) -> None:
    page = sent(cast.admin, cast, lines({"wording": "Why?", "nr": 1}), "preview").text
    assert "say which column holds the prompt" in page
    assert '<option value="wording">' in page
    assert sent(cast.admin, cast, lines({"wording": "Why?"})).status_code == 422
    assert contents(cast) == []


def test_a_wrong_line_is_named_and_all_stay_out(cast: Cast) -> None:
    rows = lines({"question": "Why?"}, {"question": 5}, {"question": ""}, {"question": "So?", "topic": "Nothing"})
    page = sent(cast.admin, cast, rows + b"[]\n", **{"column-prompt": "question", "column-category": "topic"})
    assert page.status_code == 422
    for place in ("Line 2, prompt", "Line 3, prompt", "Line 4, category", "Line 5<"):
        assert place in page.text, place
    assert contents(cast) == []


def test_a_key_that_cannot_be_chosen_is_named_and_makes_no_long_page(cast: Cast) -> None:
    long, torn = "k" * 300_000, b'{"\\ud800": 1, "question": "x"}\n'
    page = sent(cast.admin, cast, lines({"question": "Why?", long: 1, "": 2, "a\0b": 3}) + torn, "preview")
    assert page.status_code == 200
    for place, why in (
        (f"Line 1, {'k' * 79}", "it has 300000 characters; the limit is 200"),
        ("Line 1, a", "it holds a NUL character at position 1"),
        ("Line 2, \\ud800", "it holds half a surrogate pair at position 0"),
    ):
        assert place in page.text, place
        assert why in page.text, why
    assert "k" * 100 not in page.text
    assert sent(cast.admin, cast, torn).status_code == 422
    assert contents(cast) == []


def test_a_key_that_comes_after_the_lines_looked_at_is_refused_with_its_place(cast: Cast) -> None:  # S79
    late = lines(*[{"question": f"Why {number}?"} for number in range(LOOKED)])
    late += lines({"question": "a", "response": "Because.", "licence": "CC0"})
    for step, status in (("preview", 200), ("import", 422)):
        page = sent(cast.admin, cast, late, step)
        assert page.status_code == status
        assert [f"<bdi>Line 201, {key}</bdi>" in page.text for key in ("response", "licence")] == [True, True]
        assert "move a line that has it to the beginning" in page.text
    assert contents(cast) == []
    first = b"".join(late.splitlines(keepends=True)[::-1])
    assert "201 of 201 prompts came in." in sent(cast.admin, cast, first).text
    (found,) = [one for one in listed(cast) if one["imported_response"]]
    assert found["licence"] == "CC0"


def test_a_key_past_those_that_can_be_chosen_is_refused_with_its_place(cast: Cast) -> None:  # S79
    wide = lines({"question": "Why?"} | {f"k{number}": number for number in range(COLUMNS_LIMIT)})
    page = sent(cast.admin, cast, wide)
    assert (page.status_code, f"<bdi>Line 1, k{COLUMNS_LIMIT - 1}</bdi>" in page.text) == (422, True)
    assert "is past the 200 keys" in page.text
    assert contents(cast) == []


def test_a_stray_key_does_not_hide_what_the_metadata_says(cast: Cast) -> None:
    asked = [{"role": "user", "content": "Why?"}]
    published = {
        "messages": asked,
        "metadata": {"licence": "CC BY-NC", "source": "them", "submission_id": 3},
        "id": "7",
        "note": "x",
    }
    said = {"messages": [{"role": "user", "content": "So?"}], "metadata": {"licence": "MIT"}, "licence": "CC0", "id": 8}
    silent = {"question": "And?", "metadata": "web"}
    page = sent(cast.admin, cast, lines(published, said)).text
    assert "2 of 2 prompts came in." in page
    assert ("Not read: <bdi>note</bdi>." in page, "Of <code>metadata</code> category" in page) == (True, True)
    second, first = listed(cast)
    assert (first["licence"], first["source"], first["external_id"].startswith("sha256:")) == ("CC BY-NC", "them", True)
    assert (second["licence"], second["external_id"]) == ("CC0", "8")
    page = sent(cast.admin, cast, lines(silent), **{"column-prompt": "question", "column-source": "metadata"}).text
    assert ("1 of 1 prompts came in." in page, next(listed(cast))["source"]) == (True, "web")


def test_what_was_not_read_is_named_after_the_import_too(cast: Cast) -> None:
    assert "Not read: <bdi>remark</bdi>." in sent(cast.admin, cast, lines({"question": "Why?", "remark": "nice"})).text
    table = sent(cast.admin, cast, b"question,remark\nWhy not?,nice\n", name="table.csv").text
    assert ("1 of 1 prompts came in." in table, "Not read: <bdi>remark</bdi>." in table) == (True, True)


def test_a_truth_value_is_no_id(cast: Cast) -> None:
    page = sent(cast.admin, cast, lines({"question": "Why?", "id": True}))
    assert (page.status_code, "<bdi>Line 1, id</bdi>" in page.text) == (422, True)


def test_of_the_keys_of_a_file_no_more_are_held_than_are_offered() -> None:
    assert keys_of(BytesIO(keys_by_the_thousand(3))) == [f"0-{number}" for number in range(COLUMNS_LIMIT)]
    assert held_for(8) < 1.3 * held_for(2)


def keys_by_the_thousand(many: int) -> bytes:
    """So many lines, each of 10,000 keys that no other has."""
    return lines(*[{f"{line}-{number}": 0 for number in range(10_000)} for line in range(many)])


def held_for(many: int) -> int:
    """The most that is held while the keys of so many such lines are looked at."""
    file = BytesIO(keys_by_the_thousand(many))
    tracemalloc.start()
    try:
        keys_of(file)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
