"""A writer takes back what nobody has approved or rejected, and its place opens to others."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.projects.models import Category
from app.prompts.models import Prompt, PromptStatus, Slot
from app.writing.models import Submission, SubmissionStatus
from app.writing.service import record_decision
from tests import factories
from tests.cast import Cast
from tests.writing import work


@pytest.fixture
def submitted(cast: Cast, taken: int) -> int:
    """A submission that waits for review."""
    work.save(cast.author, taken, "Because")
    return int(work.hand_in(cast.author, taken, 1).json()["id"])


def withdraw(cast: Cast, submission_id: int) -> tuple[int, str]:
    """What the author hears: status, then state or error."""
    answer = cast.author.api("POST", f"/api/v1/submissions/{submission_id}/withdraw")
    said = answer.json()
    return answer.status_code, str(said["type"] if answer.status_code >= 400 else said["status"])


def test_it_is_withdrawn_and_another_writer_gets_the_prompt(cast: Cast, submitted: int) -> None:
    assert withdraw(cast, submitted) == (200, "withdrawn")
    assert work.take(cast.second_author, cast)


def test_what_was_to_be_mended_can_be_withdrawn_and_leaves_the_drafts(
    cast: Cast, session: Session, taken: int, submitted: int
) -> None:
    asked, by = SubmissionStatus.CHANGES_REQUESTED, work.me(cast.reviewer)
    record_decision(session, submitted, revision=1, status=asked, decided_by=by)
    session.commit()
    assert withdraw(cast, submitted) == (200, "withdrawn")
    assert work.save(cast.author, taken, "More", revision=1).status_code == 409
    assert "No drafts" in cast.author.get(f"/projects/{cast.project.id}/write").text


def test_what_was_approved_is_withdrawn_and_its_place_opens_again(cast: Cast, session: Session, submitted: int) -> None:
    # S101
    approved, by = SubmissionStatus.APPROVED, work.me(cast.reviewer)
    record_decision(session, submitted, revision=1, status=approved, decided_by=by)
    session.commit()
    assert withdraw(cast, submitted) == (200, "withdrawn")
    session.expire_all()
    assert session.scalars(select(Prompt.status)).one() is PromptStatus.APPROVED
    assert set(session.scalars(select(Category.approved))) == {0}
    assert work.take(cast.second_author, cast)


def test_what_was_rejected_stays_rejected(cast: Cast, session: Session, submitted: int) -> None:
    status = SubmissionStatus.REJECTED
    record_decision(session, submitted, revision=1, status=status, decided_by=work.me(cast.reviewer))
    session.commit()
    assert withdraw(cast, submitted) == (409, "/errors/writing.already_decided")
    session.expire_all()
    assert session.scalars(select(Submission.status)).one() is status


def test_a_second_click_hears_that_it_is_withdrawn(cast: Cast, session: Session, submitted: int) -> None:
    withdraw(cast, submitted)
    work.take(cast.second_author, cast)
    assert withdraw(cast, submitted) == (409, "/errors/writing.already_decided")
    session.expire_all()
    assert session.scalars(select(Slot.lease_holder_id)).one() == work.me(cast.second_author)


def test_a_withdrawn_pair_takes_its_prompt_along(cast: Cast, session: Session) -> None:
    pair = {"prompt_messages": factories.asked("Which tool?"), "messages": factories.answered("Try out Cursor")}
    made = cast.author.api("POST", f"/api/v1/projects/{cast.project.id}/pairs", **pair).json()
    assert withdraw(cast, made["id"]) == (200, "withdrawn")
    assert session.scalars(select(Prompt.status)).one() is PromptStatus.REJECTED
