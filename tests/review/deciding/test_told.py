"""Who is told of a decision, a dispute, a comment: the other side, when it is there to be seen, without a name."""

from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.settings import Settings
from app.projects.models import Project
from app.review.jobs import settle
from app.writing.models import Submission
from tests.cast import Cast
from tests.conftest import settings_in
from tests.notices import told
from tests.review.comments.test_comment import answered, said
from tests.review.conftest import decided, posted
from tests.review.deciding.test_undo import let_time_pass, undone
from tests.review.desk.test_edit import BETTER, edited


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Decisions of the page are held for ten seconds."""
    return settings_in(tmp_path).model_copy(update={"undo_seconds": 10})


@pytest.mark.parametrize(
    ("decision", "kind"),
    [
        ("approved", "response_approved"),
        ("changes_requested", "changes_requested"),
        ("rejected", "response_rejected"),
    ],
)
def test_the_writer_hears_of_a_decision_and_not_whose_it_is(
    cast: Cast, waiting: Submission, session: Session, decision: str, kind: str
) -> None:
    decided(cast.reviewer, waiting, decision, note="Say why.")
    assert told(session, cast.author) == [kind]
    assert told(session, cast.reviewer) == told(session, cast.admin) == []
    assert "Rae Reviewer" not in cast.author.get("/notices").text  # S54


def test_a_held_decision_tells_nothing_before_it_is_carried_out(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    posted(cast.reviewer, waiting)
    assert told(session, cast.author) == []
    undone(cast.reviewer, waiting)
    let_time_pass(session)
    settle(submission_id=waiting.id)
    assert told(session, cast.author) == []
    posted(cast.reviewer, waiting)
    let_time_pass(session)
    for _ in range(2):
        settle(submission_id=waiting.id)
    assert told(session, cast.author) == ["response_approved"]


def test_the_writer_hears_that_a_response_was_put_right(cast: Cast, waiting: Submission, session: Session) -> None:
    edited(cast.reviewer, waiting, BETTER)
    let_time_pass(session)
    settle(submission_id=waiting.id)
    assert told(session, cast.author) == ["response_edited"]


def test_of_two_opinions_that_differ_only_those_hear_who_may_settle_it(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    session.execute(update(Project).where(Project.id == cast.project.id).values(reviews_per_response=2))
    session.commit()
    decided(cast.reviewer, waiting)
    assert told(session, cast.second_reviewer) == []
    decided(cast.second_reviewer, waiting, "rejected", note="No.")
    assert told(session, cast.admin) == ["disputed"]
    for other in (cast.author, cast.second_author, cast.reviewer, cast.second_reviewer):
        assert told(session, other) == []


def test_the_other_side_hears_of_a_comment_once_it_can_see_it(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    first = said(cast.reviewer, waiting).json()["id"]
    assert told(session, cast.author) == []  # nothing of what is said before the decision
    decided(cast.reviewer, waiting, "changes_requested", note="Say why.")
    answered(cast.author, first)
    said(cast.author, waiting, "light")
    assert told(session, cast.reviewer) == ["writer_commented"]
    assert told(session, cast.second_reviewer) == told(session, cast.admin) == []
    answered(cast.reviewer, first)
    assert told(session, cast.author) == ["changes_requested", "reviewer_commented"]
