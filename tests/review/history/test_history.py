"""How decisions fell: newest first, page by page, for those who decide."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.models import Membership
from app.review.models import Decision
from tests import factories
from tests.cast import Cast
from tests.review.conftest import HandIn, decided
from tests.walking import every_row


@pytest.fixture
def many(cast: Cast, hand_in: HandIn, session: Session) -> list[int]:
    """Twenty-five decisions by two reviewers, oldest first."""
    assert cast.reviewer.user
    assert cast.second_reviewer.user
    ids = []
    for number in range(25):
        who = cast.reviewer.user if number % 2 else cast.second_reviewer.user
        made = hand_in(cast.author, f"Answer {number}", asked=f"Question {number}")
        decision = Decision.REJECTED if number % 5 == 0 else Decision.APPROVED
        ids.append(factories.review(session, made, who, decision, note=f"Note {number}").id)
    session.commit()
    return ids


def test_a_project_without_decisions_says_what_will_stand_here(cast: Cast) -> None:
    assert "Nothing is decided yet" in cast.reviewer.get(f"/projects/{cast.project.id}/review/history").text


def test_decisions_stand_newest_first_with_their_notes_and_shares(cast: Cast, many: list[int]) -> None:
    shown = cast.reviewer.get(f"/projects/{cast.project.id}/review/history").text
    assert "20 of the last 25 decisions approved." in shown
    assert shown.index("Question 24") < shown.index("Question 23")
    assert "Note 24" in shown
    assert "Rae Reviewer" in shown


def test_every_decision_is_on_exactly_one_page(cast: Cast, many: list[int]) -> None:
    path = f"/api/v1/projects/{cast.project.id}/reviews"
    first = cast.reviewer.get(path).json()
    second = cast.reviewer.get(path, params={"cursor": first["next_cursor"]}).json()
    assert [review["id"] for page in (first, second) for review in page["reviews"]] == many[::-1]
    assert second["next_cursor"] is None


def test_a_filter_shows_one_kind_and_its_cursor_fits_no_other_list(cast: Cast, many: list[int]) -> None:
    path = f"/api/v1/projects/{cast.project.id}/reviews"
    rejected = cast.reviewer.get(path, params={"decision": "rejected"}).json()
    assert {review["decision"] for review in rejected["reviews"]} == {"rejected"}
    assert len(rejected["reviews"]) == 5
    cursor = cast.reviewer.get(path).json()["next_cursor"]
    assert cast.reviewer.get(path, params={"cursor": cursor, "decision": "rejected"}).status_code == 422  # I18
    assert cast.second_reviewer.get(path, params={"cursor": cursor}).status_code == 422
    page = f"/projects/{cast.project.id}/review/history"
    assert "Question 24" not in cast.reviewer.get(page, params={"decision": "rejected"}).text
    assert cast.reviewer.get(page, params={"decision": "author.password_hash"}).status_code == 422  # S56


def test_the_page_leads_to_older_decisions(cast: Cast, many: list[int]) -> None:
    path = f"/projects/{cast.project.id}/review/history"
    shown = cast.reviewer.get(path).text
    older = shown.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    assert "Question 0" in cast.reviewer.get(older.replace("&amp;", "&")).text


def test_only_those_who_decide_see_how_decisions_fell(cast: Cast, many: list[int], session: Session) -> None:
    for path in (f"/projects/{cast.project.id}/review/history", f"/api/v1/projects/{cast.project.id}/reviews"):
        assert cast.admin.get(path).status_code == 200
        assert cast.author.get(path).status_code == 403
        assert cast.second_author.get(path).status_code == 403
        assert cast.outsider.get(path).status_code == 404
        assert cast.operator.get(path).status_code == 404  # an installation admin is nobody in a project
    assert cast.reviewer.user
    session.get_one(Membership, (cast.project.id, cast.reviewer.user.id)).left_at = session.scalar(text("SELECT now()"))
    session.commit()
    assert cast.reviewer.get(f"/api/v1/projects/{cast.project.id}/reviews").status_code == 404  # S51


def test_decisions_of_another_project_are_not_listed(cast: Cast, many: list[int]) -> None:
    assert cast.outsider.get(f"/api/v1/projects/{cast.other_project.id}/reviews").json()["reviews"] == []  # S52


def test_the_json_says_of_the_reviewer_no_more_than_the_name(cast: Cast, hand_in: HandIn) -> None:
    decided(cast.reviewer, hand_in(cast.author))
    listed = cast.admin.get(f"/api/v1/projects/{cast.project.id}/reviews").json()["reviews"][0]
    assert set(listed) == {
        "id", "submission_id", "revision", "decision", "ratings", "note", "missed", "reviewer", "created_at",
    }  # fmt: skip  # S55


def test_decisions_of_one_reviewer_are_listed_alone_on_the_page_and_by_the_api(cast: Cast, many: list[int]) -> None:
    assert cast.reviewer.user
    here, person = f"/projects/{cast.project.id}", cast.reviewer.user.id
    shown = cast.reviewer.get(f"{here}/review/history?reviewer={person}&decision=approved").text
    assert "Question 23" in shown
    assert "Question 24" not in shown
    assert f'<option value="{person}" selected>Rae Reviewer</option>' in shown
    listed = every_row(cast.reviewer, f"/api/v1{here}/reviews?reviewer={person}", "reviews")
    assert [one["id"] for one in listed] == many[::-1][1::2]
    assert {one["reviewer"] for one in listed} == {"Rae Reviewer"}
    assert cast.reviewer.get(f"{here}/review/history?reviewer=&decision=").status_code == 200
    assert cast.reviewer.get(f"{here}/review/history?reviewer=x").status_code == 422


def test_the_filters_of_a_page_stay_on_its_older_page(cast: Cast, hand_in: HandIn, session: Session) -> None:
    assert cast.reviewer.user
    for number in range(21):
        factories.review(session, hand_in(cast.author, asked=f"Question {number}"), cast.reviewer.user)
    session.commit()
    here = f"/projects/{cast.project.id}/review/history"
    first = cast.reviewer.get(f"{here}?reviewer={cast.reviewer.user.id}").text
    older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert f"reviewer={cast.reviewer.user.id}" in older
    assert "Question 0" in cast.reviewer.get(older).text
