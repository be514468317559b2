"""A rule with a name: made by an admin, said in words, previewed before anything is published."""

import pytest
from sqlalchemy.orm import Session

from app.datasets.rule import preview
from app.datasets.rule.preview import count_approved
from tests.cast import Cast
from tests.datasets.made import approve, dataset, published


def test_without_a_dataset_the_page_offers_the_first(cast: Cast) -> None:
    page = cast.admin.get(f"/projects/{cast.project.id}/datasets").text
    assert "No dataset yet" in page
    assert f"/projects/{cast.project.id}/datasets/new" in page
    assert "Make the dataset</button>" in cast.admin.get(f"/projects/{cast.project.id}/datasets/new").text


def test_a_rule_is_said_in_words_and_previewed_with_the_reasons(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session, name="Some", categories="Explain", per_writer="4", languages="en\nde")
    page = some_approved.reviewer.get(f"/datasets/{made.id}").text
    assert (
        "Every approved response, in the category Explain, in the languages en or de, at most 4 of one writer." in page
    )
    assert "would hold <strong>4</strong> of 20 approved responses" in page
    assert '<dt class="num">−10</dt><dd><a class="quiet-link" href="/datasets/' in page
    assert "−6" in page


def test_the_preview_counts_what_the_version_then_holds(some_approved: Cast, session: Session) -> None:
    version = published(some_approved, session, name="Rated", min_rating="4.5", categories="Plan")
    assert sum(version.counts.values()) == 10
    none = dataset(some_approved, session, name="Higher", min_rating="4.6")
    assert "would hold <strong>0</strong> of 20" in some_approved.reviewer.get(f"/datasets/{none.id}").text


def test_approved_responses_are_counted_no_further_than_the_page_says(some_approved: Cast, session: Session) -> None:
    here = some_approved.project.id
    assert [count_approved(session, here, most=most) for most in (3, 19, 20, 1_000)] == [4, 20, 20, 20]
    assert (
        "20 approved responses could be published now" in some_approved.reviewer.get(f"/projects/{here}/datasets").text
    )


def test_where_counting_takes_long_the_page_is_drawn_before_it(
    some_approved: Cast, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "QUICK", 19)
    made = dataset(some_approved, session)
    here, new = f"/datasets/{made.id}", f"/projects/{some_approved.project.id}/datasets/new"
    page = some_approved.admin.get(here).text
    assert ("is being counted" in page, f'hx-get="{here}?counted=1"' in page) == (True, True)
    assert "would hold <strong>20</strong> of 20" in some_approved.admin.get(f"{here}?counted=1").text
    for form in (f"{here}/rule", new):
        page = some_approved.admin.get(form).text
        assert ("is being counted" in page, 'hx-trigger="load, change' in page) == (True, True)
        assert "20 of 20 approved responses" in some_approved.admin.get(f"{form}?state=any").text


def test_versions_are_drawn_as_a_line_of_growth(some_approved: Cast, session: Session) -> None:
    published(some_approved, session)
    approve(session, some_approved, 4, first=40)
    version = published(some_approved, session)
    page = some_approved.reviewer.get(f"/datasets/{version.dataset_id}").text
    assert 'aria-label="Rows by version: 20, 24"' in page


def test_two_datasets_of_one_name_are_refused(cast: Cast) -> None:
    address = f"/api/v1/projects/{cast.project.id}/datasets"
    assert cast.admin.api("POST", address, name="Twins").status_code == 201
    again = cast.admin.api("POST", address, name="Twins")
    assert (again.status_code, again.json()["type"]) == (409, "/errors/datasets.name_taken")


def test_a_rule_that_is_none_is_refused_and_the_place_is_named(cast: Cast) -> None:
    address = f"/api/v1/projects/{cast.project.id}/datasets"
    for rule, place in (
        ({"min_rating": 6}, "min_rating"),
        ({"per_writer": 0}, "per_writer"),
        ({"per_writer": "5"}, "per_writer"),
        ({"colour": "red"}, "colour"),
        ({"categories": ["a\nb"]}, "categories"),
    ):
        answer = cast.admin.api("POST", address, name="Wrong", rule=rule)
        assert answer.status_code == 422, rule
        assert place in answer.text
    form = cast.admin.post(f"/projects/{cast.project.id}/datasets", data={"name": "Wrong", "min_rating": "many"})
    assert form.status_code == 422
    assert "No dataset yet" in cast.admin.get(f"/projects/{cast.project.id}/datasets").text


def test_only_an_admin_makes_a_dataset_and_only_reviewers_see_them(cast: Cast) -> None:
    page, api = f"/projects/{cast.project.id}/datasets", f"/api/v1/projects/{cast.project.id}/datasets"
    assert cast.reviewer.get(page).status_code == 200
    assert "A new dataset" not in cast.reviewer.get(page).text
    assert cast.reviewer.get(f"{page}/new").status_code == 403
    assert cast.reviewer.api("POST", api, name="Mine").status_code == 403
    assert cast.author.get(page).status_code == 403
    assert cast.outsider.get(page).status_code == 404
    assert cast.author.api("POST", api, name="Mine").status_code == 403
    assert cast.author.get(api).status_code == 403


def test_a_program_finds_the_datasets_of_all_its_projects_by_name(some_approved: Cast, session: Session) -> None:
    published(some_approved, session)
    dataset(some_approved, session, name="Waiting")
    found = some_approved.reviewer.get("/api/v1/datasets").json()
    assert [(one["name"], one["newest"]) for one in found["datasets"]] == [("Everything", 1), ("Waiting", None)]
    assert {one["project"] for one in found["datasets"]} == {some_approved.project.name}
    named = some_approved.reviewer.get("/api/v1/datasets?name=Waiting").json()["datasets"]
    assert [one["name"] for one in named] == ["Waiting"]
    for stranger in (some_approved.author, some_approved.outsider):
        assert stranger.get("/api/v1/datasets").json() == {"datasets": [], "next_cursor": None}


def test_many_datasets_come_in_pages_and_none_twice(cast: Cast) -> None:
    for number in range(21):
        cast.admin.api("POST", f"/api/v1/projects/{cast.project.id}/datasets", name=f"Number {number}")
    first = cast.admin.get("/api/v1/datasets").json()
    rest = cast.admin.get(f"/api/v1/datasets?cursor={first['next_cursor']}").json()
    assert [one["name"] for one in first["datasets"] + rest["datasets"]] == [f"Number {n}" for n in range(21)]
    assert rest["next_cursor"] is None
