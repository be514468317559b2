"""What a decision does to the work that it is about."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import Conflict
from app.prompts.models import Prompt, PromptStatus, Slot
from app.writing.models import Assignment, AssignmentStatus, Submission, SubmissionStatus
from app.writing.service import record_decision
from tests.cast import Cast
from tests.writing import work


@pytest.fixture
def submitted(cast: Cast, taken: int) -> int:
    """A submission that waits for review."""
    work.save(cast.author, taken, "Because")
    return int(work.hand_in(cast.author, taken, 1).json()["id"])


def decide(session: Session, cast: Cast, submission_id: int, status: str, revision: int = 1) -> None:
    """What a review does."""
    by = work.me(cast.reviewer)
    record_decision(session, submission_id, revision=revision, status=SubmissionStatus(status), decided_by=by)
    session.commit()
    session.expire_all()


def test_the_approved_response_completes_its_prompt(cast: Cast, session: Session, submitted: int) -> None:
    decide(session, cast, submitted, "approved")
    assert session.scalars(select(Prompt.status)).one() is PromptStatus.COMPLETE
    row = session.scalars(select(Submission)).one()
    assert row.status is SubmissionStatus.APPROVED
    assert row.decided_at is not None


def test_a_prompt_that_wants_another_response_stays_open(cast: Cast, session: Session) -> None:
    work.ask(session, cast, slots=2)
    decide(session, cast, work.written(cast.author, cast, "Because")["id"], "approved")
    assert session.scalars(select(Prompt.status)).one() is PromptStatus.APPROVED
    assert work.take(cast.second_author, cast)


def test_a_rejected_response_leaves_its_place_to_others(cast: Cast, session: Session, submitted: int) -> None:
    decide(session, cast, submitted, "rejected")
    assert session.scalars(select(Slot.filled_at)).one() is None
    assert session.scalars(select(Assignment.status)).one() is AssignmentStatus.HANDED_IN
    assert work.take(cast.second_author, cast)


def test_asked_for_changes_the_draft_opens_again_and_keeps_its_place(
    cast: Cast, session: Session, submitted: int
) -> None:
    decide(session, cast, submitted, "changes_requested")
    assert session.scalars(select(Assignment.status)).one() is AssignmentStatus.DRAFTING
    assert session.scalars(select(Slot.filled_at)).one() is not None
    assert cast.second_author.api("POST", f"/api/v1/projects/{cast.project.id}/assignments").status_code == 409


def test_the_second_of_two_decisions_is_refused(cast: Cast, session: Session, submitted: int) -> None:
    decide(session, cast, submitted, "approved")
    with pytest.raises(Conflict) as late:
        decide(session, cast, submitted, "rejected")
    assert late.value.code == "writing.already_decided"


def test_a_decision_on_an_older_revision_is_refused(cast: Cast, session: Session, taken: int, submitted: int) -> None:
    decide(session, cast, submitted, "changes_requested")
    work.save(cast.author, taken, "Because of air", revision=1)
    work.hand_in(cast.author, taken, 2)
    with pytest.raises(Conflict):
        decide(session, cast, submitted, "approved", revision=1)
    decide(session, cast, submitted, "approved", revision=2)
