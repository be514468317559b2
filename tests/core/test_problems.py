"""A refusal says what it is, where, and never what was refused."""

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.prompts.models import PromptStatus
from tests import factories
from tests.cast import Cast, Client

REFUSALS = {
    "broken JSON": (b"{", 400, "input.not_json"),
    "a missing field": (b"{}", 422, "input.invalid"),
    "a field of another type": (b'{"name": 3}', 422, "input.invalid"),
    "an unknown field": (b'{"name": "x", "is_admin": true}', 422, "input.invalid"),
}


def test_an_address_that_is_nothing_answers_with_the_error_page(client: Client) -> None:
    answer = client.get("/nothing-here")
    assert answer.status_code == 404
    assert "There is no such page." in answer.text


def test_an_unknown_api_address_answers_with_a_problem_document(client: Client) -> None:
    answer = client.get("/api/v1/nothing")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/errors/core.no_such_page"


@pytest.mark.parametrize(("body", "status", "code"), REFUSALS.values(), ids=REFUSALS)
def test_a_problem_document_names_itself_and_its_request(
    cast: Cast, body: bytes, status: int, code: str
) -> None:  # S95
    answer = cast.operator.post("/api/v1/projects", content=body, headers={"Content-Type": "application/json"})
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, told["status"], told["type"]) == (status, status, f"/errors/{code}")
    assert told["instance"] == f"urn:request:{answer.headers['x-request-id']}"
    assert told["title"]
    assert told["detail"]


def test_each_refused_place_is_a_json_pointer(cast: Cast) -> None:  # S95
    given = {"name": "\u202e", "target": -1, "a/b~c": 1, "language": 3}
    answer = cast.operator.post("/api/v1/projects", json=given)
    assert {place["pointer"] for place in answer.json()["errors"]} == {"/name", "/target", "/a~1b~0c", "/language"}


def test_a_refused_value_is_not_repeated(cast: Cast) -> None:  # S95
    marker = "<script>marker-of-a-secret</script>"
    answer = cast.operator.post("/api/v1/projects", json={"name": f"\0{marker}", "target": marker, "language": marker})
    assert answer.status_code == 422
    assert "marker-of-a-secret" not in answer.text


@pytest.mark.parametrize("marker", ["<script>marker()</script>", "\"'><img src=x onerror=marker()>", "{{6577*7}}"])
def test_what_an_error_echoes_is_text(cast: Cast, marker: str) -> None:  # S64
    page = cast.author.get("/projects", params={marker: "1"})
    assert (page.status_code, page.headers["content-type"]) == (422, "text/html; charset=utf-8")
    problem = cast.author.get("/api/v1/me", params={marker: "1"})
    assert (problem.status_code, problem.headers["content-type"]) == (422, "application/problem+json")
    form = cast.operator.post("/projects/new", data={marker: "1", "name": marker})
    assert form.status_code == 422
    assert [tag for tag in ("<script>marker", "<img src=x") if tag in page.text or tag in form.text] == []
    for shown in (page.text, form.text, problem.text):
        assert "46039" not in shown  # S67


def test_a_hundred_places_are_listed_and_the_rest_counted(cast: Cast) -> None:
    answer = cast.operator.post("/api/v1/projects", json={f"field{number}": 1 for number in range(150)})
    told = answer.json()
    assert (len(told["errors"]), told["errors_in_all"]) == (100, 151)


def test_the_error_page_shows_who_is_signed_in(cast: Cast) -> None:
    answer = cast.author.get(f"/projects/{cast.other_project.id}")
    assert answer.status_code == 404
    assert "ann.author@example.org" in answer.text
    assert 'class="rail"' in answer.text


@pytest.mark.parametrize("address", ["/projects?nothing=1", "/nothing-here"])
def test_what_is_refused_before_anybody_was_asked_who_they_are_stands_in_their_frame(cast: Cast, address: str) -> None:
    answer = cast.author.get(address)
    assert answer.status_code in (404, 422)
    assert "ann.author@example.org" in answer.text
    assert 'class="rail"' in answer.text
    assert 'class="rail"' not in cast.visitor.get(address).text


def test_a_page_of_a_refusal_says_its_title_once_and_htmx_is_given_it_with_the_refusal(cast: Cast) -> None:
    address, title = "/nothing-here", "There is nothing here"
    page, part = (cast.author.get(address, headers=headers).text for headers in ({}, {"HX-Request": "true"}))
    assert f"<h1>{title}</h1>" in page
    assert f"<strong>{title}" not in page
    assert f"<strong>{title}.</strong>" in part


def test_the_error_page_of_a_visitor_shows_nobody(client: Client) -> None:
    answer = client.get("/sign-in?nothing=1")
    assert answer.status_code == 422
    assert 'class="rail"' not in answer.text


def test_a_refused_act_is_shown_in_the_words_of_its_problem_document(cast: Cast) -> None:
    address = f"/projects/{cast.project.id}/settings"
    page = cast.author.get(address)
    assert page.status_code == 403
    assert "<h1>You may not do this</h1>" in page.text


FIELDS = {
    "one field": ("members", {"email": "nowhere", "role": "annotator"}, "E-mail address"),
    "one with another label elsewhere in the room": ("guidelines/revise", {"text": "\0"}, "Guidelines"),
    "one of several": ("prompts/propose", {"prompt": "Why?", "tags": "a\nb\tc"}, "Tags 2"),
    "one that no form has": ("prompts/propose", {"prompt": "Why?", "some_thing": "1"}, "Some thing"),
}


@pytest.mark.parametrize(("address", "sent", "label"), FIELDS.values(), ids=FIELDS)
def test_a_refused_field_is_called_as_its_label_is(cast: Cast, address: str, sent: dict[str, str], label: str) -> None:
    form = sent | {"user_id": str(cast.admin.actor.user_id)}
    page = cast.admin.post(f"/projects/{cast.project.id}/{address}", data=form)
    assert page.status_code == 422
    assert f"<li><bdi>{label}</bdi> " in page.text


def test_what_is_wrong_with_an_address_is_called_as_the_field_that_makes_it(cast: Cast) -> None:
    page = cast.admin.get(f"/projects/{cast.project.id}/prompts?language=!").text
    assert "<bdi>Language</bdi> is no language code" in page
    day = cast.operator.get("/admin/audit?since=soon").text
    assert "<bdi>Since</bdi> should be a valid date" in day
    assert day.count("<li><bdi>") == 1


def test_a_field_that_is_called_body_is_named_as_any_other(cast: Cast, session: Session) -> None:
    asked = factories.prompt(
        session, cast.project, session.get_one(User, cast.admin.actor.user_id), status=PromptStatus.APPROVED
    )
    sent = {"body": "\0", "user_id": str(cast.author.actor.user_id)}
    page = cast.author.post(f"/prompts/{asked.id}/questions", data=sent)
    assert "<bdi>Body</bdi> holds a NUL character" in page.text
