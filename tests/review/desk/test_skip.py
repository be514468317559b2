"""A reviewer leaves a submission to others."""

from sqlalchemy.orm import Session

from app.review.models import ReviewSkip
from app.writing.models import Submission
from tests.cast import Cast
from tests.review.conftest import HandIn, decided, posted, sheet_of, took


def test_what_is_skipped_goes_to_another_reviewer_and_does_not_come_back(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    path = f"/projects/{cast.project.id}/review"
    took(cast.reviewer, cast.project.id)
    answer = posted(cast.reviewer, waiting, "skipped")
    assert answer.status_code == 303
    assert "Skipped “Why is the sky blue?”" in cast.reviewer.get(answer.headers["location"]).text
    assert "Nothing waits for you" in cast.reviewer.get(path).text
    took(cast.second_reviewer, cast.project.id)
    assert sheet_of(cast.reviewer, waiting) in cast.second_reviewer.get(path).text


def test_a_skip_needs_no_rating_and_no_note_and_leads_to_the_next(cast: Cast, hand_in: HandIn) -> None:
    first, second = hand_in(cast.author), hand_in(cast.second_author)
    took(cast.reviewer, cast.project.id)
    answer = posted(cast.reviewer, first, "skipped", **{"rating-helpful": "", "rating-correct": ""})
    assert sheet_of(cast.reviewer, second) in cast.reviewer.get(answer.headers["location"]).text


def test_skipping_twice_is_skipping_once(cast: Cast, waiting: Submission, session: Session) -> None:
    for _ in range(2):
        assert cast.reviewer.api("POST", f"/api/v1/submissions/{waiting.id}/skip").status_code == 204
    assert session.query(ReviewSkip).count() == 1


def test_who_skipped_may_still_decide_by_the_submission_itself(cast: Cast, waiting: Submission) -> None:
    cast.reviewer.api("POST", f"/api/v1/submissions/{waiting.id}/skip")
    assert decided(cast.reviewer, waiting).status_code == 201


def test_only_those_who_may_decide_may_skip(cast: Cast, waiting: Submission, hand_in: HandIn) -> None:
    path = f"/api/v1/submissions/{waiting.id}/skip"
    assert cast.author.api("POST", path).status_code == 403
    assert cast.second_author.api("POST", path).status_code == 404
    assert cast.outsider.api("POST", path).status_code == 404
    own = hand_in(cast.reviewer)
    assert cast.reviewer.api("POST", f"/api/v1/submissions/{own.id}/skip").status_code == 403
