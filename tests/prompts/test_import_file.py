"""An admin brings in a file of prompts: looks first, then all of it or nothing."""

import json
from typing import Any

import pytest

from app.prompts.import_lines import ROW_LIMIT
from tests.cast import Cast, Client
from tests.hostile import rows
from tests.prompts.test_hostile_import import LINES, door
from tests.prompts.test_hostile_json import listed

TWO = b'{"id":"q-1","prompt":"Why is the sky blue?","category":"Explain"}\n{"prompt":"Plan my day","language":"de"}\n'


def sent(
    client: Client, cast: Cast, data: bytes, step: str = "import", name: str = "prompts.jsonl", **more: str
) -> Any:
    """The form of the page, with a file."""
    assert client.user
    fields = {"user_id": str(client.user.id), "step": step} | more
    return client.post(f"/projects/{cast.project.id}/prompts/import", data=fields, files={"file": (name, data)})


def test_a_look_at_a_file_stores_nothing(cast: Cast) -> None:
    shown = sent(cast.admin, cast, TWO, "preview")
    assert "2 of 2 prompts would come in." in shown.text
    assert "Why is the sky blue?" in shown.text
    assert list(listed(cast)) == []
    preview = cast.admin.post(f"{door(cast)}?preview=true", content=TWO, headers=LINES).json()
    assert preview == {"rows": 2, "added": 2, "already_there": 0}
    assert list(listed(cast)) == []


def test_a_file_comes_in_as_proposals_in_its_order(cast: Cast) -> None:
    assert "2 of 2 prompts came in." in sent(cast.admin, cast, TWO).text
    second, first = listed(cast)
    assert (first["external_id"], first["category"]["name"], first["language"]) == ("q-1", "Explain", "en")
    assert (second["messages"][0]["content"], second["language"], second["status"]) == ("Plan my day", "de", "proposed")


def test_the_same_file_twice_adds_nothing_new(cast: Cast) -> None:  # I21
    sent(cast.admin, cast, TWO)
    again = cast.admin.post(door(cast), content=TWO + b'{"prompt":"One more"}\n', headers=LINES).json()
    assert again == {"rows": 3, "added": 1, "already_there": 2}
    assert len(list(listed(cast))) == 3


def test_one_bad_line_keeps_the_whole_file_out_and_says_where(cast: Cast) -> None:  # S79
    refusal = sent(cast.admin, cast, TWO + b'{"prompt":"","category":"Nothing"}\n')
    assert refusal.status_code == 422
    assert "<bdi>Line 3, prompt</bdi>" in refusal.text
    assert list(listed(cast)) == []


def test_a_hundred_reasons_are_listed_and_the_rest_counted(cast: Cast) -> None:  # S79
    wrong = b'{"prompt":1}\n' * 250
    problem = cast.admin.post(door(cast), content=wrong, headers=LINES).json()
    assert (len(problem["errors"]), problem["errors_in_all"]) == (100, 250)
    page = sent(cast.admin, cast, wrong).text
    assert page.count("<bdi>Line ") == 100
    assert "And 150 more." in page


def test_an_id_that_stands_for_another_prompt_is_refused_in_file_and_project(cast: Cast) -> None:
    twice = b'{"id":"a","prompt":"One"}\n{"id":"a","prompt":"Two"}\n'
    refusal = cast.admin.post(door(cast), content=twice, headers=LINES).json()
    assert [place["pointer"] for place in refusal["errors"]] == ["/line/2/id"]
    sent(cast.admin, cast, b'{"id":"a","prompt":"One"}')
    refusal = cast.admin.post(door(cast), content=b'{"prompt":"New"}\n{"id":"a","prompt":"Two"}', headers=LINES).json()
    assert [place["pointer"] for place in refusal["errors"]] == ["/line/2/id"]
    assert len(list(listed(cast))) == 1


@pytest.mark.usefixtures("system_allowed")
def test_a_conversation_is_cut_before_its_last_answer(cast: Cast) -> None:
    turns = [{"role": role, "content": role} for role in ("system", "user", "assistant", "user", "assistant")]
    sent(cast.admin, cast, json.dumps({"messages": turns}).encode())
    (made,) = listed(cast)
    assert (made["messages"], made["imported_response"]) == (turns[:4], turns[4:])


def test_a_line_with_a_system_message_that_the_project_does_not_want_is_named(cast: Cast) -> None:
    turns = [{"role": role, "content": role} for role in ("system", "user")]
    lines = TWO.rstrip(b"\n") + b"\n" + json.dumps({"messages": turns}).encode()
    refusal = cast.admin.post(door(cast), content=lines, headers=LINES).json()
    assert [place["pointer"] for place in refusal["errors"]] == ["/line/3/messages/0/role"]
    assert list(listed(cast)) == []


def test_thousands_of_lines_come_in_at_once(cast: Cast) -> None:
    many = b"".join(b'{"prompt":"Question %d"}\n' % number for number in range(2500))
    assert cast.admin.post(door(cast), content=many, headers=LINES).json()["added"] == 2500
    newest = cast.admin.get(f"/api/v1/projects/{cast.project.id}/prompts?limit=1").json()["prompts"][0]
    assert newest["messages"][0]["content"] == "Question 2499"


def test_only_admins_import(cast: Cast) -> None:
    for person, status in ((cast.author, 403), (cast.reviewer, 403), (cast.outsider, 404)):
        assert sent(person, cast, TWO).status_code == status
        assert person.post(door(cast), content=TWO, headers=LINES).status_code == status
        assert person.get(f"/projects/{cast.project.id}/prompts/import").status_code == status
    assert "Import" not in cast.reviewer.get(f"/projects/{cast.project.id}/prompts").text
    assert list(listed(cast)) == []


def test_a_file_is_sent_as_lines_or_as_the_one_file_of_a_form(cast: Cast) -> None:  # S34
    assert cast.admin.post(door(cast), json={"prompt": "Why?"}).status_code == 415
    assert cast.admin.post(door(cast), content=TWO, headers={"content-type": "text/plain"}).status_code == 415
    assert cast.admin.post(door(cast), files={"file": ("a.jsonl", TWO)}).json()["added"] == 2
    assert cast.admin.post(door(cast), data={"file": "text"}, files={"other": ("a", TWO)}).status_code in (400, 422)


def test_a_form_with_an_unknown_field_or_step_is_refused(cast: Cast) -> None:  # S49
    assert sent(cast.admin, cast, TWO, author_id="1").status_code == 422
    assert sent(cast.admin, cast, TWO, step="approve").status_code == 422
    assert list(listed(cast)) == []


def test_a_form_drawn_for_somebody_else_imports_nothing(cast: Cast) -> None:  # S26
    assert cast.author.user
    assert sent(cast.admin, cast, TWO, user_id=str(cast.author.user.id)).status_code == 409
    assert list(listed(cast)) == []


def test_a_file_name_is_shown_as_text_and_holds_no_nul(cast: Cast) -> None:  # I4 S62
    shown = sent(cast.admin, cast, TWO, "preview", name="<script>window.__pwned=1</script>.jsonl").text
    assert "&lt;script&gt;window.__pwned=1&lt;/script&gt;.jsonl" in shown
    assert cast.admin.user
    [row] = [row for row in rows("header", stored=False) if row.kind == "nul"]
    body = (
        b"--x\r\n"
        + row.raw
        + b"\r\n"
        + TWO
        + b'\r\n--x\r\nContent-Disposition: form-data; name="user_id"\r\n\r\n%d\r\n--x--\r\n' % cast.admin.user.id
    )
    kind = {"content-type": "multipart/form-data; boundary=x"}
    refusal = cast.admin.post(f"/projects/{cast.project.id}/prompts/import", content=body, headers=kind)
    assert refusal.status_code == row.status == 422


def test_a_file_of_too_many_lines_is_refused_before_any_is_read(cast: Cast) -> None:
    refusal = cast.admin.post(door(cast), content=b"{}\n" * (ROW_LIMIT + 1), headers=LINES).json()
    assert [place["pointer"] for place in refusal["errors"]] == [f"/line/{ROW_LIMIT + 1}"]
