"""What a good response is, in every version."""

from typing import Any

from sqlalchemy.orm import Session

from app.projects.queries import current_guidelines
from tests.cast import Cast
from tests.projects.conftest import Forms

CRITERION = {"rubric_key": "kind", "rubric_name": "Kind", "rubric_description": "Is it kind?"}


def revised(cast: Cast, forms: Forms, text: str, based_on: int = 1, **fields: Any) -> Any:
    """The admin writes a version."""
    path = f"/projects/{cast.project.id}/guidelines/revise"
    return forms.post(cast.admin, path, text=text, based_on=based_on, **(CRITERION | fields))


def test_every_member_reads_the_newest_version_as_markdown(cast: Cast, here: str) -> None:
    shown = cast.author.get(f"{here}/guidelines").text
    assert '<h1 id="part-1">Be helpful</h1>' in shown
    assert "Write the next version" not in shown


def test_an_admin_writes_the_next_version_and_the_words_that_changed_are_shown(
    cast: Cast, forms: Forms, here: str
) -> None:
    assert revised(cast, forms, "# Be helpful\n\nAnswer what was meant.").status_code == 303
    shown = cast.author.get(f"{here}/guidelines?version=2&against=1").text
    assert "<del> asked</del><ins> meant</ins>" in shown
    assert "Version 2" in shown
    assert "Is it kind?" in shown


def test_an_old_version_says_that_there_is_a_newer_one(cast: Cast, forms: Forms, here: str) -> None:
    revised(cast, forms, "Two")
    assert "Version 2 is the newest." in cast.author.get(f"{here}/guidelines?version=1").text


def test_a_version_written_upon_an_older_one_is_refused(cast: Cast, forms: Forms, session: Session) -> None:  # R20
    revised(cast, forms, "Two")
    late = revised(cast, forms, "Also two")
    assert late.status_code == 409
    assert "Somebody has written version 2" in late.text
    assert current_guidelines(session, cast.project.id).text == "Two"


def test_criteria_are_made_of_the_lines_that_are_filled_in(cast: Cast, forms: Forms, session: Session) -> None:
    revised(
        cast,
        forms,
        "Text",
        rubric_key=["helpful", "", ""],
        rubric_name=["Helpful", "Well-mannered & warm", ""],
        rubric_description=["Of use?", "", ""],
    )
    assert current_guidelines(session, cast.project.id).rubric == [
        {"key": "helpful", "name": "Helpful", "description": "Of use?"},
        {"key": "well_mannered_warm", "name": "Well-mannered & warm", "description": ""},
    ]


def test_a_rubric_without_a_criterion_is_refused_with_its_place(cast: Cast, forms: Forms) -> None:
    refusal = revised(cast, forms, "Text", rubric_key="", rubric_name="", rubric_description="")
    assert refusal.status_code == 422
    assert "<bdi>Rubric</bdi>" in refusal.text


def test_writers_and_reviewers_cannot_revise(cast: Cast, forms: Forms, here: str) -> None:
    for person in (cast.author, cast.reviewer):
        assert person.get(f"{here}/guidelines/revise").status_code == 403
        sent = forms.post(person, f"{here}/guidelines/revise", text="Mine", based_on=1, **CRITERION)
        assert sent.status_code == 403


def test_the_api_keeps_the_rubric_where_none_is_given(cast: Cast) -> None:
    path = f"/api/v1/projects/{cast.project.id}/guidelines"
    before = cast.author.get(path).json()
    made = cast.admin.api("POST", path, text="Be kind.")
    assert (made.status_code, made.json()["version"], made.json()["rubric"]) == (201, 2, before["rubric"])
    assert cast.author.get(f"{path}/1").json() == before
    assert cast.author.get(f"{path}/3").status_code == 404


def test_a_version_number_that_is_none_is_refused(cast: Cast, here: str) -> None:  # I16
    for value in ("x", "1_0", "+1", "%D9%A1", "1e3", "99999999999999999999"):
        assert cast.author.get(f"{here}/guidelines?version={value}").status_code == 422, value
    assert cast.author.get(f"{here}/guidelines?version=999").status_code == 404


def test_a_program_writes_no_guidelines_over_those_that_it_has_not_seen(cast: Cast) -> None:
    here = f"/api/v1/projects/{cast.project.id}/guidelines"
    seen = {"If-Match": cast.admin.get(here).headers["ETag"]}
    assert cast.admin.post(here, json={"text": "Be kind."}, headers=seen).json()["version"] == 2
    late = cast.admin.post(here, json={"text": "Be brief."}, headers=seen)
    assert (late.status_code, late.json()["type"]) == (412, "/errors/projects.guidelines_moved_on")
    assert cast.admin.get(here).json()["text"] == "Be kind."


def test_every_page_about_the_guidelines_lights_their_entry_in_the_rail(cast: Cast) -> None:
    here = f"/projects/{cast.project.id}/guidelines"
    for page in ("", "/revise", "/readers"):
        assert f'href="{here}" aria-current="page"' in cast.admin.get(here + page).text, page
