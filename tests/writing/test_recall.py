"""A writer puts right what they handed in, until a reviewer has begun with it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.writing.models import Submission, SubmissionStatus
from app.writing.service import record_decision
from tests.cast import Cast, Client
from tests.writing import work

APPROVED = {"decision": "approved", "ratings": {"helpful": 4, "correct": 5}, "note": ""}


@pytest.fixture
def submitted(cast: Cast, taken: int) -> int:
    """A submission that waits for review."""
    work.save(cast.author, taken, "Because")
    return int(work.hand_in(cast.author, taken, 1).json()["id"])


def recall(client: Client, submission_id: int) -> tuple[int, str]:
    """What they hear: status, and the kind of refusal."""
    answer = client.api("POST", f"/api/v1/submissions/{submission_id}/recall")
    return answer.status_code, str(answer.json().get("type", "")).removeprefix("/errors/")


def next_to_review(cast: Cast) -> int | None:
    """What lies before the reviewer now."""
    answer = cast.reviewer.api("POST", f"/api/v1/projects/{cast.project.id}/review/next")
    found = answer.json().get("submission") if answer.content else None
    return int(found["submission_id"]) if found else None


def decide(cast: Cast, submission_id: int, revision: int) -> tuple[int, str]:
    """What the reviewer hears of an approval."""
    answer = cast.reviewer.api("POST", f"/api/v1/submissions/{submission_id}/reviews", **APPROVED, revision=revision)
    return answer.status_code, str(answer.json().get("type", "")).removeprefix("/errors/")


def test_it_is_changed_and_handed_in_again_as_the_next_revision(
    cast: Cast, session: Session, taken: int, submitted: int
) -> None:
    answer = cast.author.post(f"/submissions/{submitted}/recall", data={"user_id": work.me(cast.author)})
    page = cast.author.get(answer.headers["location"]).text
    assert "Because" in page
    assert "change it unasked" in page
    assert "Go on writing" in cast.author.get(f"/submissions/{submitted}").text
    assert work.save(cast.author, taken, "Because of the air", revision=1).status_code == 200
    again = work.hand_in(cast.author, taken, 2).json()
    assert (again["id"], again["status"], again["current_revision"]) == (submitted, "submitted", 2)
    assert next_to_review(cast) == submitted
    assert session.scalars(select(AuditEntry.action).where(AuditEntry.action == "writing.recalled")).all()


def test_meanwhile_no_reviewer_is_given_it_or_decides_on_it(cast: Cast, submitted: int) -> None:
    assert recall(cast.author, submitted) == (200, "")
    assert recall(cast.author, submitted) == (200, ""), "twice is once"
    assert next_to_review(cast) is None
    assert decide(cast, submitted, 1) == (409, "review.recalled")


def test_handed_in_unchanged_it_is_back_where_it_was(cast: Cast, taken: int, submitted: int) -> None:
    recall(cast.author, submitted)
    again = work.hand_in(cast.author, taken, 1).json()
    assert (again["id"], again["current_revision"]) == (submitted, 1)
    assert "No drafts" in cast.author.get(f"/projects/{cast.project.id}/write").text
    assert next_to_review(cast) == submitted


def test_handed_in_unchanged_when_a_reviewer_has_taken_it_since_it_is_no_draft_and_stays_theirs(
    cast: Cast, session: Session, taken: int, submitted: int
) -> None:
    recall(cast.author, submitted)
    session.execute(update(Submission).values(lease_expires_at=func.now() - timedelta(seconds=1)))
    session.commit()
    assert next_to_review(cast) == submitted
    work.hand_in(cast.author, taken, 1)
    assert "No drafts" in cast.author.get(f"/projects/{cast.project.id}/write").text
    assert recall(cast.author, submitted) == (409, "writing.under_review")


def test_what_a_reviewer_has_begun_with_stays_with_them(cast: Cast, submitted: int) -> None:
    assert "Change it" in cast.author.get(f"/submissions/{submitted}").text
    assert next_to_review(cast) == submitted
    assert "Change it" not in cast.author.get(f"/submissions/{submitted}").text
    assert recall(cast.author, submitted) == (409, "writing.under_review")
    assert decide(cast, submitted, 1) == (201, "")
    assert recall(cast.author, submitted) == (409, "writing.under_review")


def test_what_is_forgotten_for_a_week_goes_to_review_as_it_was_and_the_draft_stays(
    cast: Cast, session: Session, taken: int, submitted: int
) -> None:
    recall(cast.author, submitted)
    work.save(cast.author, taken, "Half", revision=1)
    session.execute(update(Submission).values(lease_expires_at=func.now() - timedelta(seconds=1)))
    session.commit()
    assert next_to_review(cast) == submitted
    late = work.hand_in(cast.author, taken, 2)
    assert (late.status_code, late.json()["type"]) == (409, "/errors/writing.already_decided")
    assert work.stored(cast.author, taken)["messages"] == work.turns("Half")
    assert decide(cast, submitted, 1) == (201, "")
    assert "No drafts" in cast.author.get(f"/projects/{cast.project.id}/write").text


def test_changes_that_are_asked_for_meanwhile_find_the_draft_open(
    cast: Cast, session: Session, taken: int, submitted: int
) -> None:
    recall(cast.author, submitted)
    asked, by = SubmissionStatus.CHANGES_REQUESTED, work.me(cast.reviewer)
    record_decision(session, submitted, revision=1, status=asked, decided_by=by)
    session.commit()
    work.save(cast.author, taken, "Better", revision=1)
    assert work.hand_in(cast.author, taken, 2).json()["current_revision"] == 2


def test_only_the_one_who_wrote_it_changes_it(cast: Cast, submitted: int) -> None:
    assert recall(cast.reviewer, submitted) == (403, "writing.not_the_author")
    assert recall(cast.second_author, submitted) == (404, "writing.no_submission")
    assert "Change it" not in cast.reviewer.get(f"/submissions/{submitted}").text


def test_what_was_withdrawn_is_changed_no_more(cast: Cast, submitted: int) -> None:
    cast.author.api("POST", f"/api/v1/submissions/{submitted}/withdraw")
    assert recall(cast.author, submitted) == (409, "writing.under_review")


def test_who_has_just_handed_in_is_offered_to_change_it(cast: Cast, taken: int) -> None:
    body = {"user_id": work.me(cast.author), "revision": 0, "response": "Because", "another": ""}
    page = cast.author.get(cast.author.post(f"/write/{taken}", data=body).headers["location"])
    assert "Handed in." in page.text
    assert "/recall" in page.text


def test_what_was_handed_in_before_the_hint_could_be_read_is_hinted_at_beside_the_way_back(
    cast: Cast, taken: int
) -> None:
    body = {"user_id": work.me(cast.author), "revision": 0, "response": "Ask:\n```\nwhy", "another": ""}
    page = cast.author.get(cast.author.post(f"/write/{taken}", data=body).headers["location"])
    assert "A code block is opened with ``` and not closed." in page.text
