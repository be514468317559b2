"""What pages of review show, a program reads: figures, decisions on one text, one's own work, examples."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.projects.models import Project
from app.review.models import Decision
from app.writing.models import Submission
from tests import factories
from tests.cast import Cast
from tests.review.conftest import HandIn, decided
from tests.walking import every_row
from tests.world import people


@pytest.fixture
def returned(cast: Cast, hand_in: HandIn) -> Submission:
    """A response of the author's that comes back with a note."""
    made = hand_in(cast.author)
    assert decided(cast.reviewer, made, "changes_requested", note="Say more.").status_code == 201
    return made


def test_the_author_reads_what_was_decided_without_a_name_and_a_reviewer_with_it(
    cast: Cast, returned: Submission
) -> None:
    address = f"/api/v1/submissions/{returned.id}/reviews"
    (mine,) = cast.author.get(address).json()["reviews"]
    assert (mine["decision"], mine["note"], mine["reviewer"]) == ("changes_requested", "Say more.", "A reviewer")
    assert cast.second_reviewer.get(address).json()["reviews"][0]["reviewer"] == "Rae Reviewer"
    assert cast.second_author.get(address).status_code == 404


def test_an_opinion_is_told_to_nobody_who_has_yet_to_give_theirs(cast: Cast, hand_in: HandIn, session: Session) -> None:
    session.execute(update(Project).where(Project.id == cast.project.id).values(reviews_per_response=2))
    session.commit()
    made = hand_in(cast.author)
    decided(cast.reviewer, made)
    address = f"/api/v1/submissions/{made.id}/reviews"
    assert cast.second_reviewer.get(address).json()["opinions"] == []
    assert len(cast.reviewer.get(address).json()["opinions"]) == 1
    assert cast.author.get(address).json()["opinions"] == []


def test_why_an_administrator_withdrew_it_is_told(cast: Cast, returned: Submission) -> None:
    cast.admin.api("POST", f"/api/v1/submissions/{returned.id}/withdraw-for", reason="They asked.")
    told = cast.author.get(f"/api/v1/submissions/{returned.id}/reviews").json()
    assert told["withdrawal"]["reason"] == "They asked."


def test_my_work_has_notes_and_weeks_page_by_page(cast: Cast, hand_in: HandIn, returned: Submission) -> None:
    for number in range(21):
        hand_in(cast.author, asked=f"Question {number}")
    hand_in(cast.second_author)
    mine = every_row(cast.author, "/api/v1/my/submissions", "submissions")
    assert len(mine) == 22
    assert [one["note"] for one in mine if one["note"]] == ["Say more."]
    weeks = cast.author.get("/api/v1/my/submissions").json()["weeks"]
    assert (len(weeks), weeks[-1]["handed_in"]) == (8, 22)


def test_figures_say_how_a_project_decides(cast: Cast, returned: Submission) -> None:
    told = cast.reviewer.get(f"/api/v1/projects/{cast.project.id}/review/figures").json()
    assert told["shares"] == {"changes_requested": 1}
    assert {one["name"] for one in told["facts"]} == {"Wait", "Time per decision"}


def test_examples_are_given_where_the_project_shows_them(cast: Cast, hand_in: HandIn, session: Session) -> None:
    (category, *_) = cast.author.get(f"/api/v1/projects/{cast.project.id}/categories").json()["categories"]
    made = hand_in(cast.author, "A model answer.", category_id=category["id"])
    factories.review(session, made, people(cast.reviewer), Decision.APPROVED)
    session.commit()
    address = f"/api/v1/categories/{category['id']}/examples"
    session.execute(update(Project).where(Project.id == cast.project.id).values(shows_examples=True))
    session.commit()
    assert cast.second_author.get(address).json()["examples"][0]["messages"][0]["content"] == "A model answer."
    session.execute(update(Project).where(Project.id == cast.project.id).values(shows_examples=False))
    session.commit()
    assert cast.second_author.get(address).json() == {"usual": None, "examples": []}
