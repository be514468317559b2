"""Prompts have tags: given when they are proposed or imported, changed by who decides, and lists select by them."""

import json
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests import hostile
from tests.cast import Cast


def proposed(cast: Cast, *tags: str) -> dict[str, Any]:
    """A prompt of the author's with these tags."""
    address = f"/api/v1/projects/{cast.project.id}/prompts"
    answer = cast.author.api("POST", address, prompt=f"Why {len(tags)}?", tags=list(tags))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def tagged(cast: Cast, tag: str) -> list[int]:
    """The prompts that a list by this tag holds."""
    listed = cast.author.get(f"/api/v1/projects/{cast.project.id}/prompts", params={"tag": tag}).json()["prompts"]
    return [one["id"] for one in listed]


def test_a_prompt_is_proposed_with_tags_and_found_by_each(cast: Cast) -> None:
    made = proposed(cast, "pilot", "long answers")
    assert made["tags"] == ["pilot", "long answers"]
    proposed(cast)
    assert tagged(cast, "pilot") == tagged(cast, "long answers") == [made["id"]]
    assert tagged(cast, "pilo") == []
    page = cast.author.get(f"/projects/{cast.project.id}/prompts", params={"tag": "pilot"}).text
    assert f"/prompts/{made['id']}" in page


def test_the_form_of_a_prompt_takes_a_tag_a_line(cast: Cast) -> None:
    assert cast.author.user
    form = {"user_id": cast.author.user.id, "prompt": "Why?", "tags": "pilot\r\n odd  one\r\n"}
    answer = cast.author.post(f"/projects/{cast.project.id}/prompts/propose", data=form)
    shown = cast.author.get(f"/api/v1{answer.headers['location']}").json()
    assert shown["tags"] == ["pilot", " odd  one"]


def test_a_reviewer_changes_tags_and_the_proposer_until_somebody_has_decided(cast: Cast) -> None:
    made = proposed(cast, "pilot")
    address = f"/api/v1/prompts/{made['id']}/tags"
    assert cast.author.api("PUT", address, tags=["mine"]).json()["tags"] == ["mine"]
    assert cast.second_author.api("PUT", address, tags=["theirs"]).status_code == 403
    cast.reviewer.api("POST", f"/api/v1/prompts/{made['id']}/approve")
    late = cast.author.api("PUT", address, tags=["late"])
    assert (late.status_code, late.json()["type"]) == (403, "/errors/prompts.not_to_tag")
    assert cast.reviewer.user
    form = {"user_id": cast.reviewer.user.id, "tags": "decided"}
    assert cast.reviewer.post(f"/prompts/{made['id']}/tags", data=form).status_code == 303
    assert tagged(cast, "decided") == [made["id"]]
    assert "Tag it" not in cast.author.get(f"/prompts/{made['id']}").text


def test_a_file_brings_tags_as_a_list_or_between_semicolons(cast: Cast) -> None:
    here = f"/api/v1/projects/{cast.project.id}/prompts/import"
    line = json.dumps({"prompt": "By line?", "tags": ["pilot", "two words"]})
    table = "prompt,tags\nBy table?,pilot;two words\n"
    for content, kind in ((line, "application/jsonl"), (table, "text/csv")):
        answer = cast.admin.post(here, content=content, headers={"Content-Type": kind})
        assert (answer.status_code, answer.json()["added"]) == (200, 1), answer.text
    assert len(tagged(cast, "two words")) == 2


@pytest.mark.parametrize(
    ("tags", "place"), [(["a", "a"], "/tags"), (["a\nb"], "/tags/0"), ([""], "/tags/0"), (["a"] * 21, "/tags")]
)
def test_what_is_no_tag_is_refused_by_its_place(cast: Cast, tags: list[str], place: str) -> None:
    made = proposed(cast)
    answer = cast.author.api("PUT", f"/api/v1/prompts/{made['id']}/tags", tags=tags)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, place)


def test_every_name_can_be_a_tag_and_comes_back_as_it_was(cast: Cast, session: Session) -> None:
    names = [row.text for row in hostile.rows("name", stored=True)][:60]
    made = proposed(cast)
    for start in range(0, len(names), 20):
        tags = list(dict.fromkeys(names[start : start + 20]))
        answer = cast.author.api("PUT", f"/api/v1/prompts/{made['id']}/tags", tags=tags)
        assert answer.json().get("tags") == tags, answer.text
