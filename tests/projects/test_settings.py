"""The rules of a project and its categories."""

import re
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.projects.queries import list_categories
from app.prompts.models import PromptStatus
from app.writing.models import SubmissionStatus
from app.writing.service import record_decision
from tests import factories
from tests.cast import Cast
from tests.projects.conftest import Forms
from tests.world import people

ALL = {
    "name": "Everyday assistant", "description": "", "language": "de", "licence": "CC0-1.0", "target": "2000",
    "responses_per_prompt": "2", "lease_minutes": "45", "min_characters": "10", "max_characters": "9000",
}  # fmt: skip


def test_an_admin_changes_the_rules(cast: Cast, forms: Forms, here: str, session: Session) -> None:
    assert forms.post(cast.admin, f"{here}/settings", **ALL, show_reviewer_names="true").status_code == 303
    session.refresh(cast.project)
    kept = {name: str(getattr(cast.project, name)) for name in ALL}
    assert kept == ALL
    assert cast.project.show_reviewer_names


def test_a_box_that_is_not_ticked_is_off(cast: Cast, forms: Forms, here: str, session: Session) -> None:
    forms.post(cast.admin, f"{here}/settings", **ALL, show_reviewer_names="true")
    forms.post(cast.admin, f"{here}/settings", **ALL)
    session.refresh(cast.project)
    assert not cast.project.show_reviewer_names


LABELS = {
    "name": "Name", "language": "Language", "target": "Approved responses wanted",
    "responses_per_prompt": "Responses for each prompt", "lease_minutes": "Minutes for a prompt",
    "max_characters": "Characters at most", "min_characters": "Characters at least",
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "), ("name", "a\u202eb"), ("language", "english language"), ("target", "-1"), ("target", "1e3"),
        ("responses_per_prompt", "21"), ("lease_minutes", "0"), ("max_characters", "100001"),
        ("min_characters", "9001"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_its_field(
    cast: Cast, forms: Forms, here: str, session: Session, field: str, value: str
) -> None:
    refusal = forms.post(cast.admin, f"{here}/settings", **(ALL | {field: value}))
    assert refusal.status_code == 422
    assert f"<bdi>{LABELS[field]}</bdi> " in refusal.text
    session.refresh(cast.project)
    assert cast.project.language == "en"


def test_nobody_but_an_admin_sees_or_changes_the_rules(cast: Cast, forms: Forms, here: str) -> None:
    for person in (cast.author, cast.reviewer):
        assert person.get(f"{here}/settings").status_code == 403
        assert forms.post(person, f"{here}/settings", **ALL).status_code == 403
        assert forms.post(person, f"{here}/categories", name="Mine").status_code == 403
    assert cast.operator.get(f"{here}/settings").status_code == 404


@pytest.mark.parametrize(
    "given", [{"created_by": 1}, {"id": 1}, {"created_at": "2020-01-01T00:00:00Z"}, {"archived_at": None}]
)
def test_what_is_no_setting_is_refused_by_form_and_api(
    cast: Cast, forms: Forms, here: str, given: dict[str, Any]
) -> None:  # S49
    name = next(iter(given))
    assert forms.post(cast.admin, f"{here}/settings", **ALL, **{name: "1"}).status_code == 422
    refusal = cast.admin.patch(f"/api/v1{here}", json=given)
    assert (refusal.status_code, refusal.json()["errors"][0]["pointer"]) == (422, f"/{name}")


def test_settings_that_are_not_named_stay(cast: Cast, here: str) -> None:
    before = cast.admin.get(f"/api/v1{here}").json()
    changed = cast.admin.api("PATCH", f"/api/v1{here}", lease_minutes=5).json()
    assert changed == before | {"lease_minutes": 5}


def test_numbers_by_the_api_are_numbers(cast: Cast, here: str) -> None:  # I15
    for value in ("5", True, 5.0, 2**31, 2**63, -1):
        assert cast.admin.api("PATCH", f"/api/v1{here}", lease_minutes=value).status_code == 422


def test_categories_are_added_and_their_targets_changed(cast: Cast, forms: Forms, here: str, session: Session) -> None:
    forms.post(cast.admin, f"{here}/categories", name="Code", target="150")
    code = next(one for one in list_categories(session, cast.project.id) if one.name == "Code")
    forms.post(cast.admin, f"{here}/categories/{code.id}", target="200", description="Programs")
    session.refresh(code)
    assert (code.target, code.description) == (200, "Programs")


def test_a_category_of_another_project_cannot_be_changed_through_ones_own(
    cast: Cast, forms: Forms, here: str, session: Session
) -> None:  # S43
    theirs = list_categories(session, cast.other_project.id)[0]
    assert forms.post(cast.admin, f"{here}/categories/{theirs.id}", target="1").status_code == 404
    session.refresh(theirs)
    assert theirs.target == 10


def test_a_category_is_removed_while_nothing_is_filed_under_it(
    cast: Cast, forms: Forms, here: str, session: Session
) -> None:
    explain, plan = list_categories(session, cast.project.id)
    theirs = list_categories(session, cast.other_project.id)[0]
    assert forms.post(cast.reviewer, f"{here}/categories/{plan.id}/remove").status_code == 403
    assert forms.post(cast.admin, f"{here}/categories/{theirs.id}/remove").status_code == 404
    assert cast.admin.user
    factories.prompt(session, cast.project, cast.admin.user, "Why?", category_id=explain.id)
    session.commit()
    refusal = forms.post(cast.admin, f"{here}/categories/{explain.id}/remove")
    assert (refusal.status_code, "Something was filed under this category" in refusal.text) == (409, True)
    assert forms.post(cast.admin, f"{here}/categories/{plan.id}/remove").status_code == 303
    assert [one.name for one in list_categories(session, cast.project.id)] == ["Explain"]
    assert "name Plan</p>" in cast.admin.get(f"/projects/{cast.project.id}/audit?action=projects.category_removed").text
    added = cast.admin.api("POST", f"/api/v1/projects/{cast.project.id}/categories", name="Plans").json()
    one = f"/api/v1/projects/{cast.project.id}/categories/{added['id']}"
    assert [cast.admin.api("DELETE", one).status_code for _ in range(2)] == [204, 404]


def test_a_second_category_of_one_name_is_refused(cast: Cast, forms: Forms, here: str) -> None:
    assert forms.post(cast.admin, f"{here}/categories", name="Plan").status_code == 409


RULES = {
    "reviews_per_response": "2", "review_order": "newcomers", "gold_every": "20", "qualification": "3",
    "responses_per_writer": "200",
    "allow_system": "true", "keeps_provenance": "true", "shows_examples": "true", "follows_advice": "true",
    "follows_need": "true",
    "blocking_hints": ["personal", "fence"], "consent_text": "I wrote this myself.\nNobody else did.  ",
}  # fmt: skip


def test_an_admin_sets_the_rules_of_writers_and_reviewers(
    cast: Cast, forms: Forms, here: str, session: Session
) -> None:
    sent = RULES | {"consent_text": "I wrote this myself.\r\nNobody else did.  "}
    assert forms.post(cast.admin, f"{here}/settings", **ALL, **sent).status_code == 303
    session.refresh(cast.project)
    kept = cast.project
    assert (kept.reviews_per_response, kept.review_order, kept.gold_every) == (2, "newcomers", 20)
    assert (kept.qualification, kept.allow_system, kept.keeps_provenance, kept.shows_examples) == (3, True, True, True)
    assert kept.follows_advice
    assert kept.follows_need
    assert kept.responses_per_writer == 200
    assert kept.blocking_hints == ["fence", "personal"]
    assert kept.consent_text == RULES["consent_text"]
    shown = cast.admin.get(f"{here}/settings").text
    assert "Nobody else did.  </textarea>" in shown
    assert 'id="hint-fence" name="blocking_hints" value="fence" checked' in shown
    forms.post(cast.admin, f"{here}/settings", **ALL)
    session.refresh(cast.project)
    assert (kept.blocking_hints, kept.allow_system, kept.qualification) == ([], False, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reviews_per_response", 3), ("reviews_per_response", 0), ("review_order", "newest"), ("gold_every", 1),
        ("gold_every", 1001), ("qualification", 21), ("blocking_hints", ["spelling"]), ("allow_system", "yes"),
        ("consent_text", "x" * 20_001), ("responses_per_writer", -1),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused_with_its_place(
    cast: Cast, here: str, session: Session, field: str, value: Any
) -> None:
    refusal = cast.admin.api("PATCH", f"/api/v1{here}", **{field: value})
    assert refusal.status_code == 422
    assert refusal.json()["errors"][0]["pointer"].startswith(f"/{field}")


def test_the_api_takes_and_gives_every_rule(cast: Cast, here: str) -> None:
    rules = {
        "reviews_per_response": 2, "review_order": "furthest", "gold_every": 2, "qualification": 20,
        "responses_per_writer": 200, "allow_system": True, "keeps_provenance": True, "shows_examples": True,
        "show_reviewer_names": True,
        "follows_advice": True, "follows_need": True, "blocking_hints": ["near"], "consent_text": "Yes.",
    }  # fmt: skip
    before = cast.admin.get(f"/api/v1{here}").json()
    assert cast.admin.api("PATCH", f"/api/v1{here}", **rules).json() == before | rules
    assert cast.author.api("PATCH", f"/api/v1{here}", qualification=0).status_code == 403
    off = cast.admin.request("PATCH", f"/api/v1{here}", json={"blocking_hints": []})
    assert off.json()["blocking_hints"] == []


def test_a_category_shows_how_much_of_its_target_is_approved(cast: Cast, here: str, session: Session) -> None:
    category = list_categories(session, cast.project.id)[0]
    prompt = factories.prompt(
        session, cast.project, people(cast.admin), status=PromptStatus.APPROVED, category_id=category.id
    )
    submission = factories.submission(session, prompt, people(cast.author))
    session.commit()
    by = people(cast.reviewer).id
    record_decision(session, submission.id, revision=1, status=SubmissionStatus.APPROVED, decided_by=by)
    session.commit()
    shown = cast.admin.get(f"{here}/settings").text
    assert "1 of 10 approved" in shown
    assert 'aria-label="Approved responses in Explain" max="10" value="1"' in shown
    assert cast.author.get(f"/api/v1{here}/categories").json()["categories"][0]["approved"] == 1


def test_a_program_changes_no_settings_that_it_has_not_seen(cast: Cast) -> None:
    here = f"/api/v1/projects/{cast.project.id}"
    seen = {"If-Match": cast.admin.get(here).headers["ETag"]}
    first = cast.admin.patch(here, json={"target": 5}, headers=seen)
    assert (first.status_code, first.headers["ETag"]) == (200, cast.admin.get(here).headers["ETag"])
    late = cast.admin.patch(here, json={"target": 9}, headers=seen)
    assert (late.status_code, late.json()["type"]) == (412, "/errors/projects.settings_moved_on")
    assert cast.admin.get(here).json()["target"] == 5
    assert cast.admin.patch(here, json={"target": 9}, headers={"If-Match": "*"}).status_code == 200
    assert cast.admin.patch(here, json={"target": 9}, headers={"If-Match": "5"}).status_code == 422


def test_a_program_may_name_several_states_of_which_only_strong_tags_count(cast: Cast) -> None:
    here = f"/api/v1/projects/{cast.project.id}"
    first = cast.admin.get(here).headers["ETag"]
    assert cast.admin.patch(here, json={"target": 5}, headers={"If-Match": f'"other", {first}'}).status_code == 200
    second = cast.admin.get(here).headers["ETag"]
    for neither in (f'"other", {first}', f"W/{second}", f'"other", W/{second}'):
        late = cast.admin.patch(here, json={"target": 9}, headers={"If-Match": neither})
        assert (neither, late.status_code) == (neither, 412)
    for nothing in ("", second.strip('"'), f"{second}, *", f"{second} {second}"):
        wrong = cast.admin.patch(here, json={"target": 9}, headers={"If-Match": nothing})
        assert (nothing, wrong.status_code) == (nothing, 422)
    assert cast.admin.get(here).json()["target"] == 5


def test_a_program_changes_no_category_that_it_has_not_seen(cast: Cast, session: Session) -> None:
    here = f"/api/v1/projects/{cast.project.id}/categories"
    category = cast.admin.get(here).json()["categories"][0]
    seen = {"If-Match": f'"{category["mark"]}"'}
    one = f"{here}/{category['id']}"
    first = cast.admin.patch(one, json={"target": 5}, headers=seen)
    assert (first.status_code, first.headers["ETag"]) == (200, f'"{first.json()["mark"]}"')
    late = cast.admin.patch(one, json={"description": "Mine"}, headers=seen)
    assert (late.status_code, late.json()["type"]) == (412, "/errors/projects.category_moved_on")
    assert cast.admin.get(here).json()["categories"][0] == first.json()


def test_a_page_overwrites_no_settings_and_no_category_that_somebody_has_changed_since(
    cast: Cast, forms: Forms, here: str
) -> None:
    page = cast.admin.get(f"{here}/settings").text
    category = cast.admin.get(f"/api/v1{here}/categories").json()["categories"][0]
    rules, *marks = re.findall(r'name="seen" value="([0-9a-f]+)"', page)
    assert category["mark"] in marks
    one = f"{here}/categories/{category['id']}"
    for path, seen, form in ((f"{here}/settings", rules, ALL), (one, category["mark"], {"description": "Mine"})):
        assert forms.post(cast.admin, path, **form | {"seen": seen, "target": "5"}).status_code == 303
        late = forms.post(cast.admin, path, **form | {"seen": seen, "target": "9"})
        assert (late.status_code, "Somebody has changed" in late.text) == (412, True)
    assert cast.admin.get(f"/api/v1{here}").json()["target"] == 5
    assert cast.admin.get(f"/api/v1{here}/categories").json()["categories"][0]["target"] == 5
