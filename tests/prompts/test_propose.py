"""Anybody in the project suggests a prompt, by form or by API."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.projects.queries import list_categories
from tests.cast import Cast
from tests.hostile import of_each_kind, rows, sendable_as_utf8
from tests.prompts.test_hostile_json import listed

ASKED = [{"role": "user", "content": "Why?"}]


@pytest.fixture
def here(cast: Cast) -> str:
    """Where prompts are proposed by form."""
    return f"/projects/{cast.project.id}/prompts/propose"


@pytest.mark.usefixtures("system_allowed")
def test_a_writer_proposes_a_prompt_by_form(cast: Cast, here: str, form: Any, session: Session) -> None:
    plan = next(one for one in list_categories(session, cast.project.id) if one.name == "Plan")
    answer = form(cast.author, here, prompt="Plan my day", system="Be brief.", category_id=plan.id, language="de")
    made = cast.author.get("/api/v1" + answer.headers["location"]).json()
    assert [turn["role"] for turn in made["messages"]] == ["system", "user"]
    assert (made["category"]["name"], made["language"], made["status"]) == ("Plan", "de", "proposed")


def test_text_of_each_kind_by_form_is_judged_as_by_json(cast: Cast, here: str, form: Any) -> None:
    # I1 I2 I4 I8 I9 I10 I11 I12: a browser sends CR LF for each LF, and LF is stored
    judged = [*rows("text", "markdown"), *rows("query", stored=True)]
    sendable = [row for row in judged if sendable_as_utf8(row) and "\r" not in row.text]
    texts = of_each_kind(sendable)
    kept = [row for row in texts if row.stored]
    statuses = {row.id: form(cast.author, here, prompt=row.text.replace("\n", "\r\n")).status_code for row in texts}
    assert {row.id: statuses[row.id] for row in texts if statuses[row.id] != (303 if row.stored else 422)} == {}
    found = [prompt["messages"][0]["content"] for prompt in listed(cast)]
    assert [row.id for row, text in zip(kept, reversed(found), strict=True) if row.text != text] == []


def test_a_form_that_is_no_utf8_is_refused_and_nothing_is_replaced(cast: Cast, here: str) -> None:  # I6
    assert cast.author.user
    start = f"user_id={cast.author.user.id}&prompt=a".encode()
    kind = {"content-type": "application/x-www-form-urlencoded"}
    for wrong in (b"%ff", b"%c0%af", b"%ed%a0%80", b"%e2%82", b"%zz", b"%", b"\xff", "é".encode()):
        assert cast.author.post(here, content=start + wrong, headers=kind).status_code == 400, wrong
    part = b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\ncaf\xe9\r\n--x--\r\n'
    kind = {"content-type": "multipart/form-data; boundary=x"}
    assert cast.author.post(here, content=part, headers=kind).status_code == 400
    assert list(listed(cast)) == []


@pytest.mark.parametrize(
    "given",
    [
        {"author_id": 1}, {"status": "approved"}, {"project_id": 1}, {"from_pair": True}, {"decided_by": 1},
        {"created_at": "2020-01-01T00:00:00Z"}, {"imported_response": ASKED}, {"id": 7}, {"user_id": 1},
        {"is_admin": True}, {"revision": 1}, {"role": "admin"}, {"approved_by": 1},
    ],
)  # fmt: skip
def test_a_field_that_is_not_ones_own_to_set_is_refused(
    cast: Cast, here: str, form: Any, given: dict[str, Any]
) -> None:
    # S49 S60
    name = next(iter(given))
    refusal = cast.author.api("POST", f"/api/v1/projects/{cast.project.id}/prompts", prompt="Why?", **given)
    assert (refusal.status_code, refusal.json()["errors"][0]["pointer"]) == (422, f"/{name}")
    if name != "user_id":
        assert form(cast.author, here, prompt="Why?", **{name: "1"}).status_code == 422
    assert list(listed(cast)) == []


@pytest.mark.parametrize(
    ("messages", "place"),
    [
        ([], "/messages"),
        ([{"role": "assistant", "content": "a"}], "/messages/0/role"),
        ([*ASKED, {"role": "assistant", "content": "a"}], "/messages/1/role"),
        ([{"role": "system", "content": "a"}, {"role": "system", "content": "b"}, *ASKED], "/messages/1/role"),
        ([*ASKED, {"role": "system", "content": "a"}, *ASKED], "/messages/1/role"),
        ([{"role": "tool", "content": "a"}], "/messages/0/role"),
        ([{"role": "user", "content": " \u200b"}], "/messages/0/content"),
        ([{"role": "user", "content": "a", "name": "b"}], "/messages/0/name"),
        ([{"role": "user"}], "/messages/0/content"),
        (ASKED * 101, "/messages"),
        ("Why?", "/messages"),
        ([{"role": "user", "content": ["Why?"]}], "/messages/0/content"),
    ],
)
def test_wrong_messages_are_refused_with_their_place(cast: Cast, messages: Any, place: str) -> None:  # I19
    refusal = cast.author.api("POST", f"/api/v1/projects/{cast.project.id}/prompts", messages=messages)
    assert (refusal.status_code, refusal.json()["errors"][0]["pointer"]) == (422, place)


@pytest.mark.usefixtures("system_allowed")
def test_a_prompt_may_follow_earlier_turns(cast: Cast) -> None:
    messages = [{"role": "system", "content": "Be brief."}, *ASKED, {"role": "assistant", "content": "So."}, *ASKED]
    made = cast.author.api("POST", f"/api/v1/projects/{cast.project.id}/prompts", messages=messages)
    assert (made.status_code, made.json()["messages"]) == (201, messages)


def test_a_system_message_is_only_taken_where_the_project_wants_some(cast: Cast, here: str, form: Any) -> None:
    assert 'name="system"' not in cast.author.get(here).text
    assert form(cast.author, here, prompt="Plan my day", system="Be brief.").status_code == 422
    messages = [{"role": "system", "content": "Be brief."}, *ASKED]
    refusal = cast.author.api("POST", f"/api/v1/projects/{cast.project.id}/prompts", messages=messages)
    assert (refusal.status_code, refusal.json()["errors"][0]["pointer"]) == (422, "/messages/0/role")
    assert list(listed(cast)) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("category_id", "1"), ("category_id", True), ("category_id", 1.0), ("category_id", -1), ("category_id", 2**63),
        ("category_id", 999999), ("language", "English"), ("language", "e\u200dn"), ("licence", "a\nb"),
        ("source", "a\u202eb"), ("external_id", ""), ("external_id", "a" * 201), ("messages", ASKED),
    ],
)  # fmt: skip
def test_a_wrong_detail_is_refused_with_its_place(cast: Cast, field: str, value: Any) -> None:  # I10 I15 I16
    refusal = cast.author.api("POST", f"/api/v1/projects/{cast.project.id}/prompts", prompt="Why?", **{field: value})
    place = "/prompt" if field == "messages" else f"/{field}"
    assert (refusal.status_code, refusal.json()["errors"][0]["pointer"]) == (422, place)


def test_every_name_is_judged_as_its_row_says(cast: Cast) -> None:  # I2 I3 I10
    path = f"/api/v1/projects/{cast.project.id}/prompts"
    answers = {row.id: cast.author.api("POST", path, prompt="Why?", external_id=row.text) for row in rows("name")}
    wrong = {
        row.id: answers[row.id].status_code
        for row in rows("name")
        if row.stored != (answers[row.id].status_code == 201)
    }
    assert {key: status for key, status in wrong.items() if status != 409} == {}
    kept = {row.text for row in rows("name", stored=True)}
    assert {prompt["external_id"] for prompt in listed(cast)} == kept


def test_an_external_id_stands_for_one_prompt(cast: Cast) -> None:
    path = f"/api/v1/projects/{cast.project.id}/prompts"
    assert cast.author.api("POST", path, prompt="Why?", external_id="q-1").status_code == 201
    assert cast.author.api("POST", path, prompt="How?", external_id="q-1").status_code == 409


def test_an_outsider_cannot_propose(cast: Cast, here: str, form: Any) -> None:  # S43
    assert form(cast.outsider, here, prompt="Let me in").status_code == 404
    assert cast.outsider.get(here).status_code == 404
    path = f"/api/v1/projects/{cast.project.id}/prompts"
    assert cast.outsider.api("POST", path, prompt="Let me in").status_code == 404


def test_json_as_a_form_and_a_form_as_json_are_refused(cast: Cast, here: str) -> None:  # S34
    assert cast.author.post(here, json={"prompt": "Why?"}).status_code == 415
    path = f"/api/v1/projects/{cast.project.id}/prompts"
    assert cast.author.post(path, data={"prompt": "Why?"}).status_code == 415
    assert (
        cast.author.post(path, content=b'{"prompt":"Why?"}', headers={"content-type": "text/plain"}).status_code == 415
    )


def test_a_repeated_request_with_its_key_proposes_once(cast: Cast) -> None:  # R2
    path = f"/api/v1/projects/{cast.project.id}/prompts"
    key = {"Idempotency-Key": "k-1"}
    first, again = (cast.author.post(path, json={"prompt": "Why?"}, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert len(list(listed(cast))) == 1
