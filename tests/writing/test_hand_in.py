"""Handing in makes a submission, once, and its next revision when changes were asked for."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.projects.models import Project
from app.prompts.models import Prompt, Slot
from app.writing.models import Revision, Submission, SubmissionStatus
from app.writing.service import record_decision
from tests import factories
from tests.cast import Cast
from tests.writing import work


def submissions(session: Session) -> list[Submission]:
    """Every submission that there is."""
    session.expire_all()
    return list(session.scalars(select(Submission).order_by(Submission.id)))


def decide(session: Session, cast: Cast, submission_id: int, status: SubmissionStatus, revision: int = 1) -> None:
    """What a review does to a submission."""
    record_decision(session, submission_id, revision=revision, status=status, decided_by=work.me(cast.reviewer))
    session.commit()


def test_a_form_saves_the_text_and_hands_it_in(cast: Cast, session: Session, taken: int) -> None:
    answer = work.post(cast.author, f"/write/{taken}", response="Because\r\nof air", revision=0)
    assert answer.status_code == 303
    assert "Handed in." in cast.author.get(answer.headers["location"]).text
    assert session.scalars(select(Revision)).one().messages == work.turns("Because\nof air")


def test_a_double_click_and_a_form_sent_again_make_one_submission(cast: Cast, session: Session, taken: int) -> None:
    # R19
    answers = [work.post(cast.author, f"/write/{taken}", response="Because", revision=0) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert (len(submissions(session)), len(session.scalars(select(Revision)).all())) == (1, 1)


def test_the_same_draft_revision_handed_in_twice_is_one_revision(cast: Cast, session: Session, taken: int) -> None:
    work.save(cast.author, taken, "Because")
    first, second = (work.hand_in(cast.author, taken, 1) for _ in range(2))
    assert first.json() == second.json()
    assert len(submissions(session)) == 1


def test_an_older_draft_revision_is_not_handed_in(cast: Cast, session: Session, taken: int) -> None:
    work.save(cast.author, taken, "First thought")
    work.save(cast.author, taken, "Second thought", revision=1)
    late = work.hand_in(cast.author, taken, 1)
    assert (late.status_code, late.json()["type"]) == (409, "/errors/writing.draft_changed")
    assert late.json()["current"]["revision"] == 2
    assert not submissions(session)


def test_a_blank_text_is_refused_and_the_draft_is_kept(cast: Cast, session: Session, taken: int) -> None:
    # I10
    answer = work.post(cast.author, f"/write/{taken}", response=" \u200b\u2800 ", revision=0)
    assert answer.status_code == 422
    assert "There is an empty turn" in answer.text
    assert work.stored(cast.author, taken)["messages"] == work.turns(" \u200b\u2800 ")
    assert not submissions(session)


@pytest.mark.parametrize(
    ("text", "code"), [("x" * 9, "too_short"), ("x" * 21, "too_long"), ("x" * 10, None), ("🙂" * 20, None)]
)
def test_the_limits_of_the_project_count_code_points(
    cast: Cast, session: Session, taken: int, text: str, code: str | None
) -> None:
    session.execute(update(Project).values(min_characters=10, max_characters=20))
    session.commit()
    work.save(cast.author, taken, text)
    answer = work.hand_in(cast.author, taken, 1)
    assert answer.status_code == (422 if code else 201)
    assert code is None or answer.json()["type"] == f"/errors/writing.{code}"
    assert work.stored(cast.author, taken)["messages"] == work.turns(text)


def test_every_turn_must_say_something(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, "Yes.", "", "No.")
    answer = work.hand_in(cast.author, taken, 1)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/messages/1/content"]


def test_a_text_that_was_saved_elsewhere_is_shown_beside_ones_own_and_neither_is_lost(
    cast: Cast, session: Session, taken: int
) -> None:
    # R20
    work.save(cast.author, taken, "Written on the train")
    answer = work.post(cast.author, f"/write/{taken}", response="Written at home", revision=0)
    assert answer.status_code == 409
    assert "Written on the train" in answer.text
    assert "Written at home" in answer.text
    assert not submissions(session)


def test_handing_in_fills_the_slot_and_stamps_the_guidelines(cast: Cast, session: Session, taken: int) -> None:
    newest = factories.guidelines(session, cast.project, cast.admin.user, version=2)  # type: ignore[arg-type]
    session.commit()
    work.save(cast.author, taken, "Because")
    answer = work.hand_in(cast.author, taken, 1)
    assert answer.json()["revisions"][0]["guidelines"] == newest.version == 2
    slot = session.scalars(select(Slot)).one()
    assert slot.filled_at is not None
    assert slot.lease_holder_id is None


def test_the_revision_keeps_what_was_asked(cast: Cast, asked: Prompt, taken: int) -> None:
    work.save(cast.author, taken, "Because")
    assert work.hand_in(cast.author, taken, 1).json()["revisions"][0]["prompt_messages"] == asked.messages


def test_after_changes_were_asked_for_the_same_draft_becomes_the_next_revision(
    cast: Cast, session: Session, taken: int
) -> None:
    work.save(cast.author, taken, "Because")
    submission = work.hand_in(cast.author, taken, 1).json()
    decide(session, cast, submission["id"], SubmissionStatus.CHANGES_REQUESTED)
    assert work.save(cast.author, taken, "Because of air", revision=1).status_code == 200
    again = work.hand_in(cast.author, taken, 2).json()
    assert (again["id"], again["status"], again["current_revision"]) == (submission["id"], "submitted", 2)
    assert [one["messages"] for one in again["revisions"]] == [work.turns("Because"), work.turns("Because of air")]


def test_an_unchanged_text_is_not_handed_in_again_as_something_new(cast: Cast, session: Session, taken: int) -> None:
    work.save(cast.author, taken, "Because")
    submission = work.hand_in(cast.author, taken, 1).json()
    decide(session, cast, submission["id"], SubmissionStatus.CHANGES_REQUESTED)
    again = work.hand_in(cast.author, taken, 1).json()
    assert (again["status"], again["current_revision"]) == ("changes_requested", 1)


def test_a_submission_in_review_takes_no_second_revision(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, "Because")
    work.hand_in(cast.author, taken, 1)
    assert work.post(cast.author, f"/write/{taken}", response="Because!", revision=1).status_code == 409


@pytest.mark.parametrize("field", ["role", "status", "author_id", "project_id", "created_at", "draft_revision"])
def test_fields_that_are_not_the_writers_to_give_are_refused(cast: Cast, taken: int, field: str) -> None:
    # S49
    answer = work.post(cast.author, f"/write/{taken}", response="x", revision=0, **{field: "1"})
    assert answer.status_code == 422
    assert f"<bdi>{field.replace('_', ' ').capitalize()}</bdi> is not a field" in answer.text
    assert work.stored(cast.author, taken)["revision"] == 0


def test_a_page_that_was_drawn_for_somebody_else_hands_in_nothing(cast: Cast, session: Session, taken: int) -> None:
    # S26
    form = {"user_id": work.me(cast.author), "response": "Ann's text", "revision": 0}
    answer = cast.second_author.post(f"/write/{taken}", data=form)
    assert answer.status_code == 409
    assert "You are now signed in as Ben Author" in answer.text
    assert work.stored(cast.author, taken)["revision"] == 0
    assert not submissions(session)
