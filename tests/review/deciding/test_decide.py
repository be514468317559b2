"""A reviewer decides on what another wrote."""

import json
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Role
from app.core.audit import AuditEntry
from app.prompts.models import Prompt, PromptStatus, Slot
from app.review.models import Review
from app.writing.models import Assignment, AssignmentStatus, Submission, SubmissionStatus
from tests import factories
from tests.cast import Cast
from tests.review.conftest import RATINGS, HandIn, decided, posted, took


def state(session: Session, submission: Submission) -> SubmissionStatus:
    """Its state as it is stored now."""
    session.expire_all()
    return session.scalars(select(Submission.status).where(Submission.id == submission.id)).one()


def count_reviews(session: Session) -> int:
    return len(session.scalars(select(Review.id)).all())


def test_a_reviewer_approves_with_ratings_and_the_prompt_is_complete(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    answer = decided(cast.reviewer, waiting, note="Clear and kind.")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["decision"], body["ratings"], body["revision"]) == ("approved", RATINGS, 1)
    assert state(session, waiting) is SubmissionStatus.APPROVED
    prompt = session.scalars(select(Prompt.status).where(Prompt.id == waiting.prompt_id)).one()
    assert prompt is PromptStatus.COMPLETE


def test_asking_for_changes_opens_the_draft_again(cast: Cast, waiting: Submission, session: Session) -> None:
    answer = decided(cast.reviewer, waiting, "changes_requested", note="Say why.", ratings={})
    assert answer.status_code == 201
    assert state(session, waiting) is SubmissionStatus.CHANGES_REQUESTED
    work = session.get_one(Assignment, waiting.assignment_id)
    assert work.status is AssignmentStatus.DRAFTING


def test_rejecting_opens_the_prompt_to_another_writer(cast: Cast, waiting: Submission, session: Session) -> None:
    assert decided(cast.reviewer, waiting, "rejected", note="This is copied.").status_code == 201
    assert state(session, waiting) is SubmissionStatus.REJECTED
    slot = session.scalars(select(Slot).where(Slot.prompt_id == waiting.prompt_id)).one()
    assert slot.filled_at is None


@pytest.mark.parametrize("decision", ["changes_requested", "rejected"])
@pytest.mark.parametrize("note", ["", " \n ", "\u200b"])
def test_nobody_is_sent_away_without_a_word(
    cast: Cast, waiting: Submission, session: Session, decision: str, note: str
) -> None:
    answer = decided(cast.reviewer, waiting, decision, note=note)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/note")
    assert state(session, waiting) is SubmissionStatus.SUBMITTED


@pytest.mark.parametrize(
    ("ratings", "pointer"),
    [
        ({"helpful": 0, "correct": 5}, "/ratings/helpful"),
        ({"helpful": 6, "correct": 5}, "/ratings/helpful"),
        ({"helpful": -1, "correct": 5}, "/ratings/helpful"),
        ({"helpful": 4.5, "correct": 5}, "/ratings/helpful"),
        ({"helpful": True, "correct": 5}, "/ratings/helpful"),
        ({"helpful": "5", "correct": 5}, "/ratings/helpful"),
        ({"helpful": None, "correct": 5}, "/ratings/helpful"),
        ({"helpful": 2**70, "correct": 5}, "/ratings/helpful"),
        ({"helpful": 5}, "/ratings/correct"),
        ({}, "/ratings/helpful"),
        ({"helpful": 5, "correct": 5, "kind": 5}, "/ratings/kind"),
        ({"helpful": 5, "correct": 5, "a/b~c": 5}, "/ratings/a~1b~0c"),
    ],
)
def test_ratings_that_do_not_fit_the_rubric_are_refused_by_name(  # I20
    cast: Cast, waiting: Submission, session: Session, ratings: dict[str, Any], pointer: str
) -> None:
    answer = decided(cast.reviewer, waiting, ratings=ratings)
    assert answer.status_code == 422
    assert pointer in [place["pointer"] for place in answer.json()["errors"]]
    assert count_reviews(session) == 0


def test_a_rating_that_is_not_a_number_is_no_json(cast: Cast, waiting: Submission, session: Session) -> None:  # I20
    body = json.dumps({"decision": "approved", "revision": 1, "ratings": {"helpful": float("nan"), "correct": 5}})
    headers = {"content-type": "application/json"}
    answer = cast.reviewer.post(f"/api/v1/submissions/{waiting.id}/reviews", content=body, headers=headers)
    assert answer.status_code == 400
    assert count_reviews(session) == 0


def test_ratings_belong_to_the_guidelines_that_the_revision_was_written_under(  # I20
    cast: Cast, waiting: Submission, session: Session
) -> None:
    assert cast.admin.user
    rubric = [{"key": "kind", "name": "Kind", "description": ""}]
    factories.guidelines(session, cast.project, cast.admin.user, 2, rubric=rubric)
    session.commit()
    newest = decided(cast.reviewer, waiting, ratings={"kind": 5})
    assert (newest.status_code, count_reviews(session)) == (422, 0)
    assert decided(cast.reviewer, waiting, ratings=RATINGS).status_code == 201


def test_the_form_takes_the_same_ratings_and_refuses_the_same(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    for wrong in ({"rating-helpful": "9"}, {"rating-helpful": "five"}, {"rating-helpful": "１"}, {"rating-kind": "3"}):
        assert posted(cast.reviewer, waiting, **wrong).status_code == 422  # I2
    assert count_reviews(session) == 0
    assert posted(cast.reviewer, waiting).status_code == 303
    assert session.scalars(select(Review.ratings)).one() == RATINGS


def test_unknown_fields_are_refused_by_both_doors(cast: Cast, waiting: Submission, session: Session) -> None:
    for name in ("status", "author_id", "reviewer_id", "project_id", "approved_by", "created_at", "is_admin"):
        assert decided(cast.reviewer, waiting, **{name: "1"}).status_code == 422  # S49
        assert posted(cast.reviewer, waiting, **{name: "1"}).status_code == 422
    assert count_reviews(session) == 0


def test_a_form_that_is_refused_keeps_what_was_filled_in(cast: Cast, waiting: Submission) -> None:
    answer = posted(cast.reviewer, waiting, "rejected", note="", **{"rating-helpful": 2})
    assert answer.status_code == 422
    assert "what to change" in answer.text
    assert 'name="rating-helpful" value="2" checked' in answer.text
    unrated = posted(cast.reviewer, waiting, note="Nearly <b>there</b>", **{"rating-correct": ""})
    assert "Nearly &lt;b&gt;there&lt;/b&gt;" in unrated.text


def test_nobody_decides_on_their_own_response(cast: Cast, hand_in: HandIn, session: Session) -> None:
    own = hand_in(cast.reviewer)
    for answer in (decided(cast.reviewer, own), posted(cast.reviewer, own)):  # S48
        assert answer.status_code == 403
    assert decided(cast.reviewer, own).json()["type"] == "/errors/review.own_submission"
    assert state(session, own) is SubmissionStatus.SUBMITTED
    assert decided(cast.second_reviewer, own).status_code == 201


def test_a_decision_on_an_older_revision_is_refused(cast: Cast, hand_in: HandIn, session: Session) -> None:
    twice = hand_in(cast.author, "First try.", "Second try.")
    answer = decided(cast.reviewer, twice, revision=1)  # S48
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors/review.newer_revision")
    assert answer.json()["current_revision"] == 2
    page = posted(cast.reviewer, twice, revision=1, note="My words")
    assert (page.status_code, "My words" in page.text) == (409, True)
    assert state(session, twice) is SubmissionStatus.SUBMITTED
    assert count_reviews(session) == 0


def test_a_revision_that_never_was_is_refused(cast: Cast, waiting: Submission) -> None:
    answer = decided(cast.reviewer, waiting, revision=2)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/revision")


def test_the_second_of_two_decisions_hears_who_was_first_and_keeps_the_note(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    assert decided(cast.second_reviewer, waiting).status_code == 201
    late = decided(cast.reviewer, waiting, "rejected", note="Mine.")
    assert (late.status_code, late.json()["type"]) == (409, "/errors/review.already_decided")
    assert (late.json()["decided_by"], late.json()["decision"]) == ("Rob Reviewer", "approved")
    page = posted(cast.reviewer, waiting, "rejected", note="Mine to copy.")
    assert page.status_code == 409
    assert "Rob Reviewer has already approved this" in page.text
    assert "Mine to copy." in page.text
    assert count_reviews(session) == 1


def test_the_same_decision_sent_twice_is_stored_once(cast: Cast, waiting: Submission, session: Session) -> None:  # R19
    first, second = (decided(cast.reviewer, waiting, note="Good.") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert posted(cast.reviewer, waiting, note="Good.").status_code == 303
    assert count_reviews(session) == 1


def test_a_withdrawn_response_can_no_longer_be_decided_on(cast: Cast, waiting: Submission) -> None:
    assert cast.author.api("POST", f"/api/v1/submissions/{waiting.id}/withdraw").status_code == 200
    answer = decided(cast.reviewer, waiting)
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors/review.withdrawn")


def test_an_annotator_is_refused_on_their_own_and_does_not_know_of_others(cast: Cast, waiting: Submission) -> None:
    answer = decided(cast.author, waiting)
    assert (answer.status_code, answer.json()["type"]) == (403, "/errors/review.not_a_reviewer")
    assert decided(cast.second_author, waiting).status_code == 404  # S45
    assert posted(cast.second_author, waiting).status_code == 404
    assert decided(cast.outsider, waiting).status_code == 404
    assert decided(cast.visitor, waiting).status_code == 401


def test_a_page_that_was_drawn_for_somebody_else_decides_nothing(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    assert cast.second_reviewer.user
    answer = posted(cast.reviewer, waiting, user_id=cast.second_reviewer.user.id)  # S26
    assert (answer.status_code, "You are now signed in as Rae Reviewer" in answer.text) == (409, True)
    assert count_reviews(session) == 0


def test_a_role_taken_away_between_page_and_click_stops_the_click(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    assert cast.reviewer.get(f"/submissions/{waiting.id}").status_code == 200
    assert cast.reviewer.user
    held = session.get_one(Membership, (cast.project.id, cast.reviewer.user.id))
    held.role = Role.ANNOTATOR
    session.commit()
    assert decided(cast.reviewer, waiting).status_code == 404  # S51
    assert posted(cast.reviewer, waiting).status_code == 404
    assert state(session, waiting) is SubmissionStatus.SUBMITTED


def test_a_note_comes_back_byte_for_byte(cast: Cast, waiting: Submission) -> None:  # I1
    note = "\n  e\u0301 \u00e9 \U0001f468\u200d\U0001f469 \u202eabc\r\nend \t"
    answer = decided(cast.reviewer, waiting, note=note)
    assert answer.json()["note"] == note
    listed = cast.reviewer.get(f"/api/v1/projects/{cast.project.id}/reviews").json()
    assert listed["reviews"][0]["note"] == note


def test_a_note_from_a_form_has_the_line_ends_that_were_typed(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    assert posted(cast.reviewer, waiting, note="one\r\ntwo").status_code == 303
    assert session.scalars(select(Review.note)).one() == "one\ntwo"


@pytest.mark.parametrize("note", ["a\0b", "a\ud800b"])
def test_what_cannot_be_stored_is_refused_by_name(cast: Cast, waiting: Submission, note: str) -> None:  # I4, I5
    body = json.dumps({"decision": "approved", "revision": 1, "ratings": RATINGS, "note": note})
    headers = {"content-type": "application/json"}
    answer = cast.reviewer.post(f"/api/v1/submissions/{waiting.id}/reviews", content=body, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/note")


def test_each_decision_stands_in_the_audit_log_without_a_word_of_it(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    assert cast.reviewer.user
    decided(cast.reviewer, waiting, note="A secret remark")
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "review.approved")).one()
    assert (entry.actor_id, entry.subject_id) == (cast.reviewer.user.id, waiting.id)  # S98
    assert entry.project_id == cast.project.id
    logged = session.scalars(text("SELECT details::text FROM audit_log")).all()
    assert not [details for details in logged if "secret" in details]


def test_a_pair_is_decided_on_together_with_its_prompt(cast: Cast, hand_in: HandIn, session: Session) -> None:
    pair = hand_in(cast.author, asked="Suggest a coding assistant tool", from_pair=True)
    prompt = session.get_one(Prompt, pair.prompt_id)
    prompt.status = PromptStatus.PROPOSED
    session.get_one(Assignment, pair.assignment_id).is_pair = True
    session.commit()
    assert decided(cast.reviewer, pair).status_code == 201
    session.expire_all()
    assert session.get_one(Prompt, pair.prompt_id).status is PromptStatus.COMPLETE


def test_guidelines_of_the_revision_are_those_shown_beside_it(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    assert cast.admin.user
    factories.guidelines(session, cast.project, cast.admin.user, 2, text="# Quite new")
    session.commit()
    took(cast.reviewer, cast.project.id)
    page = cast.reviewer.get(f"/projects/{cast.project.id}/review").text
    assert "Written under guidelines 1; they are at 2 now" in page
    assert "Quite new" not in page
