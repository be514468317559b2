"""What a dataset may pick from."""

from sqlalchemy.orm import Session

from app.review.models import Decision
from app.review.queries import approved_revisions
from tests import factories
from tests.cast import Cast
from tests.review.conftest import RATINGS, HandIn


def test_it_is_the_newest_revision_of_each_approved_submission(cast: Cast, hand_in: HandIn, session: Session) -> None:
    assert cast.reviewer.user
    approved = hand_in(cast.author, "First.", "Second.", licence="CC-BY-4.0", source="us", language="de")
    review = factories.review(session, approved, cast.reviewer.user)
    hand_in(cast.author, asked="Still waits")
    factories.review(session, hand_in(cast.author, asked="No"), cast.reviewer.user, Decision.REJECTED)
    factories.review(session, hand_in(cast.author, asked="Mend"), cast.reviewer.user, Decision.CHANGES_REQUESTED)
    session.flush()
    (row,) = session.execute(approved_revisions(cast.project.id)).all()
    assert (row.submission_id, row.revision, row.prompt_id) == (approved.id, 2, approved.prompt_id)
    assert row.messages == [{"role": "assistant", "content": "Second."}]
    assert row.prompt_messages == [{"role": "user", "content": "Why is the sky blue?"}]
    assert (row.language, row.licence, row.source, row.guidelines) == ("de", "CC-BY-4.0", "us", 1)
    assert (row.ratings, row.category, row.decided_at) == (RATINGS, None, review.created_at)
    assert row.annotator == f"a-{cast.project.id}-{row.author_id}"


def test_other_projects_give_nothing(cast: Cast, hand_in: HandIn, session: Session) -> None:
    assert cast.reviewer.user
    factories.review(session, hand_in(cast.author), cast.reviewer.user)
    assert session.execute(approved_revisions(cast.other_project.id)).all() == []


def test_an_approval_without_its_review_is_given_with_holes_not_left_out(
    cast: Cast, hand_in: HandIn, session: Session
) -> None:
    broken = hand_in(cast.author)
    broken.status = type(broken.status).APPROVED
    session.flush()
    (row,) = session.execute(approved_revisions(cast.project.id)).all()
    assert (row.submission_id, row.ratings, row.decided_at) == (broken.id, None, None)
