"""Writers of a category are told how long is usual, and shown the best rated where the project does so."""

from collections.abc import Iterable

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.projects.models import Category, Project
from app.review.models import Decision
from app.writing.models import Submission, SubmissionStatus
from tests import factories
from tests.cast import Cast
from tests.writing import work


@pytest.fixture
def category(cast: Cast, session: Session) -> Category:
    """A category with four responses: rated 2, 5 and 4, and one that was rejected."""
    first = select(Category).where(Category.project_id == cast.project.id).order_by(Category.id).limit(1)
    found = session.scalars(first).one()
    assert cast.author.user
    assert cast.reviewer.user
    for text, rating, decision in (
        ("Poor.", 2, Decision.APPROVED),
        ("Best.", 5, Decision.APPROVED),
        ("Good.", 4, Decision.APPROVED),
        ("Wrong.", 5, Decision.REJECTED),
    ):
        prompt = work.ask(session, cast, f"Asked for {text}", category_id=found.id)
        made = factories.submission(session, prompt, cast.author.user, text, category_id=found.id)
        factories.review(session, made, cast.reviewer.user, decision, ratings={"helpful": rating})
    session.get_one(Project, cast.project.id).shows_examples = True
    session.commit()
    return found


def test_the_two_best_rated_are_shown_the_best_first_and_nobody_is_named(cast: Cast, category: Category) -> None:
    page = cast.second_author.get(f"/categories/{category.id}/examples").text
    assert page.index("Best.") < page.index("Good.")
    assert not any(word in page for word in ("Poor.", "Wrong.", "Ann Author"))


def test_where_the_project_does_not_show_them_there_are_none(cast: Cast, session: Session, category: Category) -> None:
    session.get_one(Project, cast.project.id).shows_examples = False
    session.commit()
    answer = cast.second_author.get(f"/categories/{category.id}/examples")
    assert (answer.status_code, "Best." in answer.text) == (200, False)


def approve(cast: Cast, session: Session, category: Category, texts: Iterable[str]) -> str:
    """What a writer is told of the length once these are approved in place of all others."""
    assert cast.author.user
    session.execute(update(Submission).values(status=SubmissionStatus.REJECTED))
    for text in texts:
        prompt = factories.prompt(session, cast.project, cast.author.user, text, category_id=category.id)
        made = factories.submission(session, prompt, cast.author.user, text, category_id=category.id)
        made.status, made.decided_at = SubmissionStatus.APPROVED, func.now()
    session.commit()
    return str(cast.second_author.get(f"/categories/{category.id}/examples").text)


def test_the_middle_half_of_what_was_approved_says_how_long_is_usual(
    cast: Cast, session: Session, category: Category
) -> None:
    told = approve(cast, session, category, ("word " * count for count in range(10, 31)))
    assert "Usually 15–25 words" in told
    assert "half of 21 approved" in told


def test_with_fewer_than_twenty_nothing_is_said_of_the_length(cast: Cast, session: Session, category: Category) -> None:
    told = approve(cast, session, category, ("word " * count for count in range(10, 29)))
    assert "Usually" not in told
    assert "once 20 are approved" in told


def test_where_words_are_not_set_apart_characters_are_counted(cast: Cast, session: Session, category: Category) -> None:
    assert "Usually 60–100 characters" in approve(cast, session, category, ("空" * 4 * n for n in range(10, 31)))


def test_a_category_of_others_does_not_exist_to_an_outsider(cast: Cast, category: Category) -> None:
    assert cast.outsider.get(f"/categories/{category.id}/examples").status_code == 404
