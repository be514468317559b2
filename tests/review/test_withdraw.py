"""An author takes back what nobody has decided on."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.writing.models import Submission, SubmissionStatus
from tests.cast import Cast, Client
from tests.review.conftest import decided


def withdrawn(client: Client, submission: Submission, **values: Any) -> Any:
    """The press of "Withdraw"."""
    assert client.user
    return client.post(f"/submissions/{submission.id}/withdraw", data={"user_id": client.user.id} | values)


def state(session: Session, submission: Submission) -> SubmissionStatus:
    session.expire_all()
    return session.get_one(Submission, submission.id).status


def test_its_author_withdraws_it_and_it_leaves_the_queue(cast: Cast, waiting: Submission, session: Session) -> None:
    assert "Withdraw</button>" in cast.author.get(f"/submissions/{waiting.id}").text
    answer = withdrawn(cast.author, waiting)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/submissions/{waiting.id}")
    assert state(session, waiting) is SubmissionStatus.WITHDRAWN
    assert "Withdraw</button>" not in cast.author.get(f"/submissions/{waiting.id}").text
    assert "Nothing waits for you" in cast.reviewer.get(f"/projects/{cast.project.id}/review").text


def test_what_was_approved_is_withdrawn_all_the_same(cast: Cast, waiting: Submission, session: Session) -> None:
    decided(cast.reviewer, waiting)  # S101
    assert "left out of every later version" in cast.author.get(f"/submissions/{waiting.id}").text
    assert withdrawn(cast.author, waiting).status_code == 303
    assert state(session, waiting) is SubmissionStatus.WITHDRAWN


def test_nobody_else_withdraws_it(cast: Cast, waiting: Submission, session: Session) -> None:
    assert withdrawn(cast.reviewer, waiting).status_code == 403
    assert withdrawn(cast.second_author, waiting).status_code == 404  # S46
    assert withdrawn(cast.outsider, waiting).status_code == 404
    assert "Withdraw</button>" not in cast.reviewer.get(f"/submissions/{waiting.id}").text
    assert state(session, waiting) is SubmissionStatus.SUBMITTED


def test_a_page_drawn_for_somebody_else_withdraws_nothing(cast: Cast, waiting: Submission, session: Session) -> None:
    assert cast.second_author.user
    assert withdrawn(cast.author, waiting, user_id=cast.second_author.user.id).status_code == 409  # S26
    assert state(session, waiting) is SubmissionStatus.SUBMITTED


REASON = "They asked for it\nby mail."


def withdrawn_for(client: Client, submission: Submission, reason: str = REASON) -> Any:
    """The press of "Withdraw for the writer"."""
    assert client.user
    given = {"user_id": client.user.id, "reason": reason}
    return client.post(f"/submissions/{submission.id}/withdraw-for", data=given)


def test_an_administrator_withdraws_it_for_its_author_who_is_told_why(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    decided(cast.reviewer, waiting)
    page = f"/submissions/{waiting.id}"
    assert "Withdraw for the writer</button>" in cast.admin.get(page).text
    assert "Withdraw for the writer</button>" not in cast.reviewer.get(page).text
    assert withdrawn_for(cast.admin, waiting).status_code == 303
    assert state(session, waiting) is SubmissionStatus.WITHDRAWN
    assert "An administrator withdrew a response of yours." in cast.author.get("/notices").text
    assert REASON in cast.author.get(page).text
    told = session.scalars(select(AuditEntry).where(AuditEntry.action == "writing.withdrawn_for")).one()
    assert (told.subject_id, told.actor_id) == (waiting.id, cast.admin.actor.user_id)
    assert withdrawn_for(cast.admin, waiting).status_code == 409


def test_nobody_withdraws_it_for_its_author_without_a_reason_or_the_right(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    assert withdrawn_for(cast.admin, waiting, reason=" ").status_code == 422
    assert withdrawn_for(cast.reviewer, waiting).status_code == 403
    assert withdrawn_for(cast.author, waiting).status_code == 403
    assert withdrawn_for(cast.outsider, waiting).status_code == 404
    assert state(session, waiting) is SubmissionStatus.SUBMITTED


def test_a_program_of_an_administrator_withdraws_it_too(cast: Cast, waiting: Submission) -> None:
    answer = cast.admin.api("POST", f"/api/v1/submissions/{waiting.id}/withdraw-for", reason=REASON)
    assert (answer.status_code, answer.json()["status"]) == (200, "withdrawn")
