"""A dataset's rule changes by number: each is kept with who made it, and a version names the one that made it."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.datasets.models import Dataset, RuleRevision
from app.datasets.rule.forms import RuleForm, written
from app.datasets.rule.rules import Rule, checked_rule
from tests.cast import Cast
from tests.datasets.made import dataset, published


def numbers(session: Session, made: Dataset) -> list[int]:
    """The numbers of the dataset's rules."""
    found = select(RuleRevision.number).where(RuleRevision.dataset_id == made.id)
    return list(session.scalars(found.order_by(RuleRevision.number)))


def test_a_new_rule_is_kept_beside_the_one_before_with_who_and_why(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session)
    form = {"based_on": "1", "categories": "Plan", "max_share": "50", "note": "Plans are wanted."}
    assert some_approved.admin.post(f"/datasets/{made.id}/rule", data=form).status_code == 303
    page = some_approved.reviewer.get(f"/datasets/{made.id}/rule").text
    assert "Rule 2: <bdi>Every approved response, in the category Plan, at most 50 % in one category.</bdi>" in page
    assert "<bdi>Plans are wanted.</bdi>" in page
    assert "<bdi>Every approved response.</bdi>" in page
    assert some_approved.admin.user
    assert f"<bdi>{some_approved.admin.user.name}</bdi>" in page


def test_a_version_names_the_rule_that_made_it_and_keeps_it(some_approved: Cast, session: Session) -> None:
    first = published(some_approved, session)
    form = {"based_on": "1", "categories": "Plan"}
    some_approved.admin.post(f"/datasets/{first.dataset_id}/rule", data=form)
    second = published(some_approved, session)
    session.refresh(first)
    assert (first.rule_number, second.rule_number) == (1, 2)
    assert first.manifest
    assert second.manifest
    assert (first.manifest["rule_revision"], second.manifest["rule_revision"]) == (1, 2)
    assert (sum(first.counts.values()), sum(second.counts.values())) == (20, 10)
    assert (
        "<dt>Rule 1</dt><dd><bdi>Every approved response.</bdi></dd>"
        in some_approved.reviewer.get(f"/versions/{first.id}").text
    )


def test_the_second_of_two_editors_hears_of_the_first_and_loses_nothing(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session)
    address = f"/datasets/{made.id}/rule"
    some_approved.admin.post(address, data={"based_on": "1", "categories": "Plan"})
    late = some_approved.admin.post(address, data={"based_on": "1", "languages": "en", "note": "English first."})
    assert late.status_code == 409
    assert "Somebody has changed this rule meanwhile" in late.text
    assert "\nen</textarea>" in late.text
    assert 'value="English first."' in late.text
    assert numbers(session, made) == [1, 2]
    again = {"based_on": "2", "languages": "en"}
    assert 'name="based_on" value="2"' in late.text
    assert some_approved.admin.post(address, data=again).status_code == 303
    assert numbers(session, made) == [1, 2, 3]


def test_a_double_click_makes_one_rule(some_approved: Cast, session: Session) -> None:  # R19
    made = dataset(some_approved, session)
    for _ in range(2):
        answer = some_approved.admin.post(f"/datasets/{made.id}/rule", data={"based_on": "1", "tags": "pilot"})
        assert answer.status_code == 303
    assert numbers(session, made) == [1, 2]


def test_a_rule_that_is_none_comes_back_in_its_form_with_the_place_named(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session)
    form = {"based_on": "1", "min_ratings": "helpful much", "approved_from": "2026-11-02", "approved_to": "2026-11-01"}
    answer = some_approved.admin.post(f"/datasets/{made.id}/rule", data=form)
    assert answer.status_code == 422
    assert '<a href="#approved_to">Approved until</a> is before the day from which it counts, 2026-11-02' in answer.text
    assert '<a href="#min_ratings">Rated at least, by criterion</a> takes a number from 1 to 5' in answer.text
    assert "\nhelpful much</textarea>" in answer.text
    assert numbers(session, made) == [1]


def test_a_dataset_that_is_not_made_leaves_its_form_filled(some_approved: Cast, session: Session) -> None:
    dataset(some_approved, session)
    address = f"/projects/{some_approved.project.id}/datasets"
    for name, share, status, said in (("Mine", "most", 422, "no rule yet"), ("Everything", "40", 409, "of that name")):
        answer = some_approved.admin.post(address, data={"name": name, "max_share": share})
        assert (answer.status_code, said in answer.text) == (status, True)
        assert f'value="{name}"' in answer.text
        assert f'value="{share}"' in answer.text


def test_only_an_admin_changes_a_rule_and_only_reviewers_see_it(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session)
    address = f"/datasets/{made.id}/rule"
    assert "Save the rule" not in some_approved.reviewer.get(address).text
    assert some_approved.reviewer.post(address, data={"based_on": "1", "tags": "x"}).status_code == 403
    assert some_approved.author.get(address).status_code == 404
    assert some_approved.outsider.post(address, data={"based_on": "1", "tags": "x"}).status_code == 404


def test_what_a_rule_was_cannot_be_changed(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session)
    with pytest.raises(DBAPIError, match=r"permission denied|append-only"):
        session.execute(RuleRevision.__table__.delete().where(RuleRevision.dataset_id == made.id))  # type: ignore[attr-defined]


FULL = Rule(
    state="edited", categories=["Plan", " odd  name"], languages=["en"], licences=["CC0"], sources=["ours"],
    tags=["pilot"], guidelines=[1, 3], guidelines_from=5, handed_in_from="2026-11-01", handed_in_to="2026-11-30",
    approved_from="2026-11-02", approved_to="2026-12-01", min_rating=3.25, min_ratings={"is kind": 2.0, "helpful": 4.1},
    of_prompt="best", per_writer=12, max_share=40,
)  # fmt: skip


@pytest.mark.parametrize("rule", [Rule(), FULL])
def test_a_form_gives_the_rule_back_that_it_was_filled_with(rule: Rule) -> None:
    assert checked_rule(RuleForm(**written(rule)).rule()) == rule


def test_a_program_changes_a_rule_that_it_names(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session)
    address = f"/api/v1/datasets/{made.id}/rule"
    body = {"rule": {"categories": ["Plan"], "of_prompt": "newest"}, "note": "Plans."}
    done = some_approved.admin.request("PUT", address, json=body, headers={"If-Match": '"1"'})
    assert (done.status_code, done.headers["ETag"], done.json()["number"]) == (200, '"2"', 2)
    other = {"rule": {"languages": ["en"]}}
    late = some_approved.admin.request("PUT", address, json=other, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["type"]) == (412, "/errors/datasets.rule_changed")
    assert late.json()["current"] == 2
    for header in ({}, {"If-Match": "2"}):
        unnamed = some_approved.admin.request("PUT", address, json=other, headers=header)
        assert unnamed.status_code == 422
        assert unnamed.json()["errors"][0]["pointer"] == "/header/If-Match"
    weak = some_approved.admin.request("PUT", address, json=other, headers={"If-Match": 'W/"2"'})
    assert weak.status_code == 412
    same = some_approved.admin.request("PUT", address, json=body, headers={"If-Match": "*"})
    assert (same.status_code, same.json()["number"]) == (200, 2)
    listed = some_approved.reviewer.get(f"/api/v1/datasets/{made.id}/rules").json()["rules"]
    assert [(one["number"], one["note"]) for one in listed] == [(2, "Plans."), (1, "")]
    assert listed[0]["words"] == (
        "Every approved response, in the category Plan, one response a prompt, the one approved last."
    )
