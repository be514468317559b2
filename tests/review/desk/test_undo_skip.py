"""A reviewer has back what they left to others a moment ago."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.core.settings import Settings
from app.projects.models import Project
from app.review.models import ReviewSkip
from app.writing.models import Submission
from tests.cast import Cast
from tests.conftest import settings_in
from tests.review.conftest import HandIn, decided, posted, sheet_of, took
from tests.review.deciding.test_undo import desk, undone
from tests.review.test_gold import answers, lay_before, marked


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """As people have it: ten seconds to think better of it."""
    return settings_in(tmp_path).model_copy(update={"undo_seconds": 10})


def test_a_skip_taken_back_lies_on_the_desk_again_and_the_next_is_free(
    cast: Cast, hand_in: HandIn, session: Session
) -> None:
    first, second = hand_in(cast.author), hand_in(cast.second_author)
    took(cast.reviewer, cast.project.id)
    posted(cast.reviewer, first, "skipped")
    assert "Skipped “Why is the sky blue?”</span>" in desk(cast.reviewer, cast.project.id)
    assert undone(cast.reviewer, first).status_code == 303
    assert sheet_of(cast.reviewer, first) in desk(cast.reviewer, cast.project.id)
    session.expire_all()
    assert session.get_one(Submission, second.id).lease_holder_id is None
    assert session.get_one(Submission, first.id).never_for == []
    assert session.scalars(select(ReviewSkip)).all() == []
    assert undone(cast.reviewer, first).status_code == 303, "twice is once"


def test_what_was_done_last_is_taken_back_first(cast: Cast, hand_in: HandIn) -> None:
    first, second = hand_in(cast.author), hand_in(cast.second_author, asked="Another question")
    took(cast.reviewer, cast.project.id)
    posted(cast.reviewer, first)
    posted(cast.reviewer, second, "skipped")
    assert "Skipped “Another question”</span>" in desk(cast.reviewer, cast.project.id)
    undone(cast.reviewer, second)
    assert "Approved “Why is the sky blue?”</span>" in desk(cast.reviewer, cast.project.id)


def test_what_somebody_else_has_taken_meanwhile_stays_theirs(cast: Cast, waiting: Submission, session: Session) -> None:
    posted(cast.reviewer, waiting, "skipped")
    took(cast.second_reviewer, cast.project.id)
    assert "data-undo" not in desk(cast.reviewer, cast.project.id), "it is not offered any more"
    late = undone(cast.reviewer, waiting)
    assert (late.status_code, "Somebody else has taken this meanwhile" in late.text) == (409, True)
    assert session.scalars(select(func.count()).select_from(ReviewSkip)).one() == 1
    assert sheet_of(cast.reviewer, waiting) in desk(cast.second_reviewer, cast.project.id)


def test_too_late_to_have_a_skip_back_is_said(cast: Cast, waiting: Submission, session: Session) -> None:
    posted(cast.reviewer, waiting, "skipped")
    session.execute(update(ReviewSkip).values(created_at=func.now() - timedelta(seconds=11)))
    session.commit()
    assert "data-undo" not in desk(cast.reviewer, cast.project.id)
    late = undone(cast.reviewer, waiting)
    assert (late.status_code, "The time to take the skip back is over" in late.text) == (409, True)


def test_by_the_api_a_skip_is_taken_back_however_long_ago(cast: Cast, waiting: Submission, session: Session) -> None:
    path = f"/api/v1/submissions/{waiting.id}/skip"
    cast.reviewer.api("POST", path)
    session.execute(update(ReviewSkip).values(created_at=func.now() - timedelta(days=9)))
    session.commit()
    assert cast.reviewer.post(f"/api/v1/projects/{cast.project.id}/review/next").json() == {"submission": None}
    assert [cast.reviewer.api("DELETE", path).status_code for _ in range(2)] == [204, 204]
    given = cast.reviewer.post(f"/api/v1/projects/{cast.project.id}/review/next").json()
    assert given["submission"]["submission_id"] == waiting.id
    told = [who.api("DELETE", path).status_code for who in (cast.author, cast.second_author, cast.outsider)]
    assert told == [403, 404, 404]


def test_a_known_one_is_had_back_as_any_other(cast: Cast, hand_in: HandIn, session: Session) -> None:
    known = hand_in(cast.author, asked="The known question")
    assert decided(cast.second_reviewer, known).status_code == 201
    assert marked(cast.admin, known).status_code == 303
    session.execute(update(Project).values(gold_every=2))
    session.commit()
    lay_before(session, cast, known)
    posted(cast.reviewer, known, "skipped")
    assert "Skipped “The known question”</span>" in desk(cast.reviewer, cast.project.id)
    assert undone(cast.reviewer, known).status_code == 303
    assert answers(session) == [(None, "")]
    assert sheet_of(cast.reviewer, known) in desk(cast.reviewer, cast.project.id)
