"""A reviewer takes a decision back before anything has come of it."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Membership, Role
from app.accounts.sign_ins import actor_for
from app.core.audit import AuditEntry
from app.core.errors import Conflict
from app.core.settings import Settings
from app.prompts.models import Prompt, PromptStatus
from app.review.deciding import held
from app.review.deciding.wishes import Wish
from app.review.jobs import settle, settle_due
from app.review.models import Decision, HeldDecision, Review
from app.writing.models import Submission, SubmissionStatus
from tests import factories
from tests.cast import Cast, Client
from tests.conftest import settings_in
from tests.jobs import do_jobs
from tests.review.conftest import RATINGS, HandIn, decided, heard, posted, sheet_of, took
from tests.rounds import rounds

ROUNDS = rounds(60)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """As people have it: ten seconds to think better of it."""
    return settings_in(tmp_path).model_copy(update={"undo_seconds": 10})


def undone(client: Client, submission: Submission) -> Any:
    """The press of "Undo"."""
    assert client.user
    return client.post(f"/sheets/{sheet_of(client, submission)}/undo", data={"user_id": client.user.id})


def state(session: Session, submission: Submission) -> SubmissionStatus:
    session.expire_all()
    return session.scalars(select(Submission.status).where(Submission.id == submission.id)).one()


def desk(client: Client, project_id: int) -> str:
    """What the reviewer's page shows."""
    return client.get(f"/projects/{project_id}/review").text


def let_time_pass(session: Session) -> None:
    """Let the seconds of every held decision be over."""
    session.execute(update(HeldDecision).values(settles_at=func.now() - timedelta(seconds=1)))
    session.commit()


def held_ids(session: Session) -> list[int]:
    return list(session.scalars(select(HeldDecision.submission_id)))


def test_nothing_downstream_has_seen_a_decision_that_is_held(cast: Cast, hand_in: HandIn, session: Session) -> None:
    waiting, other = hand_in(cast.author), hand_in(cast.second_author, asked="Another question")
    took(cast.reviewer, cast.project.id)
    assert posted(cast.reviewer, waiting, note="Fine.").status_code == 303
    assert state(session, waiting) is SubmissionStatus.SUBMITTED
    assert session.scalars(select(Review.id)).all() == []
    assert session.get_one(Prompt, waiting.prompt_id).status is PromptStatus.APPROVED
    seen = cast.author.get(f"/submissions/{waiting.id}").text
    assert "Nobody has decided on it yet." in seen
    assert "Fine." not in seen
    assert sheet_of(cast.reviewer, other) in desk(cast.reviewer, cast.project.id)
    assert cast.second_reviewer.post(f"/api/v1/projects/{cast.project.id}/review/next").json() == {"submission": None}


def test_the_next_submission_is_claimed_by_the_request_that_decides(
    cast: Cast, hand_in: HandIn, session: Session
) -> None:
    first, second = hand_in(cast.author), hand_in(cast.second_author)
    took(cast.reviewer, cast.project.id)
    posted(cast.reviewer, first)
    assert cast.reviewer.user
    holders = dict(session.execute(select(Submission.id, Submission.lease_holder_id)).all())
    assert holders[second.id] == cast.reviewer.user.id


def test_undo_brings_it_back_with_note_and_ratings_and_frees_the_next(
    cast: Cast, hand_in: HandIn, session: Session
) -> None:
    first, second = hand_in(cast.author), hand_in(cast.second_author)
    took(cast.reviewer, cast.project.id)
    posted(cast.reviewer, first, "changes_requested", note=" Say why.\n", **{"rating-helpful": 2})
    assert "Asked for changes to" in desk(cast.reviewer, cast.project.id)
    shown = undone(cast.reviewer, first).text
    assert sheet_of(cast.reviewer, first) in shown
    assert " Say why.\n</textarea>" in shown
    assert 'name="rating-helpful" value="2" checked' in shown
    assert held_ids(session) == []
    session.expire_all()
    assert session.get_one(Submission, second.id).lease_holder_id is None
    assert do_jobs(session)
    assert state(session, first) is SubmissionStatus.SUBMITTED
    assert decided(cast.reviewer, first, note="").status_code == 201


def test_when_the_time_is_over_the_job_carries_it_out_once(cast: Cast, waiting: Submission, session: Session) -> None:
    posted(cast.reviewer, waiting, note="Clear.")
    assert do_jobs(session) == ["review.settle"]
    assert held_ids(session) == [waiting.id], "a job that comes too early leaves it"
    let_time_pass(session)
    for _ in range(2):
        settle(waiting.id)
    assert state(session, waiting) is SubmissionStatus.APPROVED
    made = session.scalars(select(Review)).one()
    assert cast.reviewer.user
    assert (made.reviewer_id, made.note, made.ratings) == (cast.reviewer.user.id, "Clear.", RATINGS)
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == waiting.id)).all()
    assert actions[-2:] == ["review.held", "review.approved"]


def test_the_job_is_due_when_the_time_is_over(cast: Cast, waiting: Submission, session: Session) -> None:
    posted(cast.reviewer, waiting)
    due = session.scalar(text("SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'review.settle'"))
    assert due == session.scalars(select(HeldDecision.settles_at)).one()


def test_a_lost_job_leaves_no_decision_hanging(cast: Cast, waiting: Submission, session: Session) -> None:
    posted(cast.reviewer, waiting)
    session.execute(text("DELETE FROM procrastinate_jobs"))
    let_time_pass(session)
    for _ in range(2):
        settle_due(0)
    assert state(session, waiting) is SubmissionStatus.APPROVED


def test_the_reviewers_own_next_request_carries_out_what_is_due(cast: Cast, hand_in: HandIn, session: Session) -> None:
    first, second = hand_in(cast.author), hand_in(cast.second_author)
    posted(cast.reviewer, first)
    let_time_pass(session)
    posted(cast.reviewer, second)
    assert (state(session, first), state(session, second)) == (SubmissionStatus.APPROVED, SubmissionStatus.SUBMITTED)


def test_too_late_to_undo_is_said(cast: Cast, waiting: Submission, session: Session) -> None:
    posted(cast.reviewer, waiting)
    let_time_pass(session)
    settle(waiting.id)
    late = undone(cast.reviewer, waiting)
    assert (late.status_code, "can no longer be taken back" in late.text) == (409, True)
    assert state(session, waiting) is SubmissionStatus.APPROVED


def test_an_undo_sent_twice_leads_to_the_desk(cast: Cast, waiting: Submission) -> None:
    posted(cast.reviewer, waiting)
    assert [undone(cast.reviewer, waiting).status_code for _ in range(2)] == [200, 303]


def test_the_same_decision_sent_twice_is_held_once_and_another_is_refused(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    assert [posted(cast.reviewer, waiting).status_code for _ in range(2)] == [303, 303]
    assert held_ids(session) == [waiting.id]
    other = posted(cast.reviewer, waiting, "rejected", note="No.")
    assert (other.status_code, "Take that back first" in other.text) == (409, True)
    assert decided(cast.reviewer, waiting).json()["type"] == "/errors/review.held"


def test_others_hear_that_somebody_is_deciding_but_not_who_or_what(cast: Cast, waiting: Submission) -> None:
    posted(cast.reviewer, waiting, "rejected", note="Copied.")
    by_page = posted(cast.second_reviewer, waiting, note="My own words")
    by_api = decided(cast.second_reviewer, waiting)
    assert (by_page.status_code, by_api.status_code) == (409, 409)
    assert "My own words" in by_page.text
    for said in (by_page.text, by_api.text):
        assert "Rae Reviewer" not in said
        assert "Copied." not in said
    assert by_api.json()["type"] == "/errors/review.being_decided"
    assert undone(cast.second_reviewer, waiting).status_code == 409
    skipped = cast.second_reviewer.post(f"/api/v1/submissions/{waiting.id}/skip")
    assert skipped.status_code == 409


def test_the_author_may_withdraw_while_it_is_held_and_the_decision_comes_to_nothing(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    posted(cast.reviewer, waiting)
    assert cast.author.post(f"/api/v1/submissions/{waiting.id}/withdraw").status_code == 200
    assert "Undo" not in desk(cast.reviewer, cast.project.id)
    late = undone(cast.reviewer, waiting)
    assert (late.status_code, "withdrawn" in late.text) == (409, True)
    let_time_pass(session)
    settle(waiting.id)
    assert (state(session, waiting), held_ids(session)) == (SubmissionStatus.WITHDRAWN, [])
    assert session.scalars(select(Review.id)).all() == []
    assert "review.dropped" in session.scalars(select(AuditEntry.action)).all()


def test_who_may_no_longer_decide_when_the_time_is_over_has_not_decided(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    posted(cast.reviewer, waiting)
    assert cast.reviewer.user
    one = (Membership.user_id == cast.reviewer.user.id, Membership.project_id == cast.project.id)
    session.execute(update(Membership).where(*one).values(role=Role.ANNOTATOR))
    let_time_pass(session)
    settle(waiting.id)
    assert (state(session, waiting), held_ids(session)) == (SubmissionStatus.SUBMITTED, [])
    took(cast.second_reviewer, cast.project.id)
    assert sheet_of(cast.reviewer, waiting) in desk(cast.second_reviewer, cast.project.id)


def test_writers_and_outsiders_undo_nothing(cast: Cast, waiting: Submission, session: Session) -> None:
    posted(cast.reviewer, waiting)
    assert [undone(who, waiting).status_code for who in (cast.author, cast.outsider)] == [403, 404]
    assert held_ids(session) == [waiting.id]


def test_what_is_wrong_is_refused_before_it_is_held(cast: Cast, waiting: Submission, session: Session) -> None:
    assert posted(cast.reviewer, waiting, "rejected").status_code == 422
    assert posted(cast.reviewer, waiting, revision=2).status_code == 422
    assert held_ids(session) == []


def test_of_an_undo_and_the_end_of_its_time_one_comes_first(own_sessions: sessionmaker[Session]) -> None:
    with own_sessions.begin() as session:
        owner, reviewer = factories.user(session, "Ada Admin"), factories.user(session, "Rae Reviewer")
        project = factories.project(session, owner)
        factories.member(session, project, reviewer, Role.REVIEWER)
        actor = actor_for(session, reviewer)
        ids = []
        for number in range(ROUNDS):
            prompt = factories.prompt(session, project, owner, f"Question {number}", status=PromptStatus.APPROVED)
            ids.append(factories.submission(session, prompt, owner).id)
            held.decide(session, actor, ids[-1], Wish(Decision.APPROVED, 1, RATINGS), seconds=10)
        session.execute(update(HeldDecision).values(settles_at=func.now() - timedelta(seconds=1)))
    told: dict[int, str] = {}
    for submission_id in ids:
        start = threading.Barrier(2)

        def take_back(submission_id: int = submission_id, start: threading.Barrier = start) -> None:
            with own_sessions() as session:
                start.wait()
                try:
                    held.undo(session, actor, submission_id)
                    session.commit()
                    told[submission_id] = "undone"
                except Conflict:
                    told[submission_id] = "too late"

        def carry_out(submission_id: int = submission_id, start: threading.Barrier = start) -> None:
            with own_sessions.begin() as session:
                start.wait()
                held.settle(session, submission_id)

        threads = [threading.Thread(target=one) for one in (take_back, carry_out)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with own_sessions() as session:
        reviewed = set(session.scalars(select(Review.submission_id)))
        assert session.scalars(select(HeldDecision.submission_id)).all() == []
    assert reviewed == {one for one, said in told.items() if said == "too late"}
    assert len(told) == ROUNDS


def test_of_two_who_decide_at_the_same_moment_one_is_held_and_the_other_hears_of_it(
    own_sessions: sessionmaker[Session],
) -> None:
    with own_sessions.begin() as session:
        owner = factories.user(session, "Ada Admin")
        project = factories.project(session, owner)
        people = [factories.user(session, name) for name in ("Rae Reviewer", "Rob Reviewer")]
        for person in people:
            factories.member(session, project, person, Role.REVIEWER)
        ids = []
        for number in range(ROUNDS):
            prompt = factories.prompt(session, project, owner, f"Question {number}", status=PromptStatus.APPROVED)
            ids.append(factories.submission(session, prompt, owner).id)
        actors = [actor_for(session, person) for person in people]
    refused: list[tuple[int, str]] = []
    for submission_id in ids:
        start = threading.Barrier(2)

        def press(who: int, submission_id: int = submission_id, start: threading.Barrier = start) -> None:
            decision = (Decision.APPROVED, Decision.REJECTED)[who]
            try:
                with own_sessions.begin() as session:
                    start.wait()
                    held.decide(session, actors[who], submission_id, Wish(decision, 1, RATINGS, "So."), seconds=10)
            except Conflict as late:
                refused.append((submission_id, late.code))

        threads = [threading.Thread(target=press, args=(who,)) for who in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with own_sessions() as session:
        kept = session.scalars(select(HeldDecision.submission_id).order_by(HeldDecision.submission_id)).all()
    assert kept == ids
    assert sorted(refused) == [(submission_id, "review.being_decided") for submission_id in ids]


def test_people_decide_and_have_the_next_in_three_statements(cast: Cast, hand_in: HandIn, session: Session) -> None:
    first, second = hand_in(cast.author), hand_in(cast.author, asked="Another question")
    took(cast.reviewer, cast.project.id)
    asked = heard(session)
    assert posted(cast.reviewer, first).status_code == 303
    assert len(asked) == 3, asked
    assert session.scalars(select(HeldDecision.submission_id)).all() == [first.id]
    mine = select(Submission.id).where(Submission.lease_holder_id == cast.reviewer.actor.user_id)
    assert session.scalars(mine.order_by(Submission.id)).all() == [first.id, second.id]
