"""The best rated approved responses of a category are there for its writers, where the project shows them."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.projects.models import Category, Project
from app.review.models import Decision
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
    assert cast.second_author.get(f"/categories/{category.id}/examples").status_code == 404


def test_to_an_outsider_there_are_none(cast: Cast, category: Category) -> None:
    assert cast.outsider.get(f"/categories/{category.id}/examples").status_code == 404
