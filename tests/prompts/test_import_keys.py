"""An admin brings in JSON lines whose keys have names of their own, and says which key is which."""

import json
from typing import Any

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
    for place in ("/line/2/prompt", "/line/3/prompt", "/line/4/category", "/line/5"):
        assert place in page.text, place
    assert contents(cast) == []


def test_a_key_of_any_length_makes_no_long_page(cast: Cast) -> None:
    rows = lines({"question": "Why?", "k" * 300_000: 1, "": 2})
    page = sent(cast.admin, cast, rows, "preview").text
    assert ("1 of 1 prompts would come in." in page, "kkkk" in page) == (True, False)
