"""Two reviewers judge the same text, neither knowing of the other; where they differ, a third one settles it."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Role
from app.accounts.sign_ins import actor_for
from app.core.settings import Settings
from app.projects.models import Project
from app.prompts.models import PromptStatus
from app.review import service
from app.review.deciding.opinions import mean_ratings
from app.review.jobs import settle
from app.review.models import Decision, HeldDecision, Opinion, Review
from app.review.queries import approved_revisions
from app.writing.models import Submission, SubmissionStatus
from tests import factories
from tests.cast import Cast
from tests.conftest import settings_in
from tests.review.conftest import RATINGS, HandIn, decided, posted, sheet_of, took
from tests.review.deciding.test_undo import desk, state, undone
from tests.review.desk.test_edit import edited
from tests.review.desk.test_take import taken
from tests.rounds import rounds

ROUNDS = rounds(40)


@pytest.fixture(autouse=True)
def _two_are_asked_for(cast: Cast, session: Session) -> None:
    """The project of these tests wants two opinions."""
    session.execute(update(Project).where(Project.id == cast.project.id).values(reviews_per_response=2))
    session.commit()


def stored(session: Session) -> tuple[list[Decision], list[Decision]]:
    """The opinions and the reviews that there are."""
    session.expire_all()
    opinions, reviews = select(Opinion.decision).order_by(Opinion.id), select(Review.decision).order_by(Review.id)
    return list(session.scalars(opinions)), list(session.scalars(reviews))


def test_the_first_opinion_decides_nothing(cast: Cast, waiting: Submission, session: Session) -> None:
    answer = decided(cast.reviewer, waiting, note="Fine.")
    assert (answer.status_code, answer.json()["id"], answer.json()["decision"]) == (201, None, "approved")
    assert stored(session) == ([Decision.APPROVED], [])
    assert state(session, waiting) is SubmissionStatus.SUBMITTED
    assert session.get_one(Submission, waiting.id).lease_holder_id is None
    assert "Nobody has decided on it yet." in cast.author.get(f"/submissions/{waiting.id}").text


def test_two_equal_opinions_are_the_decision_with_the_mean_of_their_ratings(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    decided(cast.reviewer, waiting, note="Fine.\n", ratings={"helpful": 4, "correct": 5})
    answer = decided(cast.second_reviewer, waiting, note=" Kind.", ratings={"helpful": 5, "correct": 5})
    assert answer.json()["ratings"] == {"helpful": 4.5, "correct": 5}
    assert answer.json()["id"]
    assert state(session, waiting) is SubmissionStatus.APPROVED
    assert session.scalars(select(Review.note)).one() == "Fine.\n\n\n Kind."
    assert session.execute(approved_revisions(cast.project.id)).one().ratings == {"helpful": 4.5, "correct": 5}
    assert "4.5 of 5" in cast.author.get(f"/submissions/{waiting.id}").text


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ({"a": 4}, {"a": 4}, {"a": 4}),
        ({"a": 1, "b": 5}, {"a": 2}, {"a": 1.5, "b": 5}),
        ({}, {"b": 3}, {"b": 3}),
        ({}, {}, {}),
    ],
)
def test_ratings_of_two_are_their_mean(first: Any, second: Any, both: Any) -> None:
    found = mean_ratings([Opinion(ratings=first), Opinion(ratings=second)])
    assert found == both
    assert [type(value) for value in found.values()] == [type(value) for value in both.values()]


def test_nothing_tells_the_second_reviewer_of_the_first_opinion(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    took(cast.second_reviewer, cast.project.id)
    pages = [f"/projects/{cast.project.id}/review", f"/submissions/{waiting.id}"]
    paths = [*pages, f"/projects/{cast.project.id}/review/history", f"/projects/{cast.project.id}"]
    doors = [f"/api/v1/submissions/{waiting.id}", f"/api/v1/projects/{cast.project.id}/reviews"]
    before = [plain(cast.second_reviewer.get(path).text) for path in (*paths, *doors)]
    assert decided(cast.reviewer, waiting, "rejected", note="Copied from a book").status_code == 201
    assert [plain(cast.second_reviewer.get(path).text) for path in (*paths, *doors)] == before
    assert [plain(cast.admin.get(path).text) for path in pages if "Copied" in cast.admin.get(path).text] == []
    assert "Copied from a book" in cast.reviewer.get(f"/submissions/{waiting.id}").text
    assert "Copied from a book" not in cast.author.get(f"/submissions/{waiting.id}").text


def plain(page: str) -> str:
    """A page without what differs between any two requests."""
    return "\n".join(line for line in page.splitlines() if "ago" not in line and "just now" not in line)


def test_nobody_gives_both_opinions(cast: Cast, waiting: Submission, session: Session) -> None:
    decided(cast.reviewer, waiting)
    assert taken(cast.reviewer, cast.project.id) is None
    assert decided(cast.reviewer, waiting).status_code == 201, "the same again is the same"
    other = decided(cast.reviewer, waiting, "rejected", note="No.")
    assert (other.status_code, other.json()["type"]) == (409, "/errors/review.opinion_given")
    assert stored(session) == ([Decision.APPROVED], [])
    assert taken(cast.second_reviewer, cast.project.id) == waiting.id


def test_nobody_judges_their_own(cast: Cast, hand_in: HandIn) -> None:
    own = hand_in(cast.reviewer)
    assert decided(cast.reviewer, own).status_code == 403
    assert taken(cast.reviewer, cast.project.id) is None


def disputed(cast: Cast, submission: Submission) -> None:
    """Two reviewers judge it differently."""
    decided(cast.reviewer, submission, note="Good enough for me")
    decided(cast.second_reviewer, submission, "rejected", note="It is copied", ratings={"helpful": 1})


def test_who_differ_leave_it_to_a_third_who_sees_both(cast: Cast, waiting: Submission, session: Session) -> None:
    disputed(cast, waiting)
    assert stored(session) == ([Decision.APPROVED, Decision.REJECTED], [])
    assert session.get_one(Submission, waiting.id).disputed_at
    assert [taken(who, cast.project.id) for who in (cast.reviewer, cast.second_reviewer)] == [None, None]
    took(cast.admin, cast.project.id)
    shown = desk(cast.admin, cast.project.id)
    for said in ("Good enough for me", "It is copied", "Rae Reviewer", "Rob Reviewer", "Two opinions that differ"):
        assert said in shown
    assert decided(cast.admin, waiting, "changes_requested", note="Say where it is from.").status_code == 201
    assert stored(session)[1] == [Decision.CHANGES_REQUESTED]
    assert state(session, waiting) is SubmissionStatus.CHANGES_REQUESTED
    seen = cast.author.get(f"/submissions/{waiting.id}").text
    assert "Say where it is from." in seen
    assert "It is copied" not in seen


def test_who_differed_do_not_settle_it(cast: Cast, waiting: Submission, session: Session) -> None:
    disputed(cast, waiting)
    for who, decision in ((cast.reviewer, "rejected"), (cast.second_reviewer, "approved")):
        late = decided(who, waiting, decision, note="As the other says.")
        assert late.json()["type"] == "/errors/review.opinion_given"
    assert stored(session)[1] == []
    assert "It is copied" in cast.reviewer.get(f"/submissions/{waiting.id}").text


def test_the_third_may_edit_and_the_first_two_may_not(cast: Cast, waiting: Submission, session: Session) -> None:
    took(cast.reviewer, cast.project.id)
    assert "Edit and approve" not in desk(cast.reviewer, cast.project.id)
    assert edited(cast.reviewer, waiting, "Better.").status_code == 403
    assert cast.reviewer.get(f"/sheets/{sheet_of(cast.reviewer, waiting)}/edit").status_code == 403
    disputed(cast, waiting)
    assert edited(cast.admin, waiting, "Better.").status_code == 303
    assert state(session, waiting) is SubmissionStatus.APPROVED


def test_a_new_revision_is_judged_anew(cast: Cast, waiting: Submission, session: Session) -> None:
    for who in (cast.reviewer, cast.second_reviewer):
        decided(who, waiting, "changes_requested", note="More, please.")
    draft = f"/api/v1/assignments/{waiting.assignment_id}"
    cast.author.api("PUT", f"{draft}/draft", messages=factories.answered("More."), revision=1)
    assert cast.author.api("POST", f"{draft}/hand-in", draft_revision=2).status_code < 300
    again = session.get_one(Submission, waiting.id, populate_existing=True)
    assert (again.current_revision, again.disputed_at) == (2, None)
    assert taken(cast.reviewer, cast.project.id) == waiting.id
    assert decided(cast.reviewer, again).json()["id"] is None


def test_an_opinion_is_append_only(cast: Cast, waiting: Submission, session: Session) -> None:
    decided(cast.reviewer, waiting)
    for change in ("UPDATE opinions SET note = 'x'", "DELETE FROM opinions"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(change))


def test_a_project_that_asks_for_one_opinion_is_decided_by_one(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    session.execute(update(Project).values(reviews_per_response=1))
    session.commit()
    assert decided(cast.reviewer, waiting).json()["id"]
    assert stored(session) == ([], [Decision.APPROVED])


class TestHeld:
    """The same through the seconds in which an opinion can be taken back."""

    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        """As people have it."""
        return settings_in(tmp_path).model_copy(update={"undo_seconds": 10})

    def test_an_opinion_can_be_taken_back(self, cast: Cast, waiting: Submission, session: Session) -> None:
        posted(cast.reviewer, waiting)
        assert stored(session) == ([], [])
        assert undone(cast.reviewer, waiting).status_code == 200
        assert taken(cast.reviewer, cast.project.id) == waiting.id

    def test_it_is_given_when_the_time_is_over(self, cast: Cast, waiting: Submission, session: Session) -> None:
        for who in (cast.reviewer, cast.second_reviewer):
            posted(who, waiting)
            session.execute(update(HeldDecision).values(settles_at=func.now() - timedelta(seconds=1)))
            session.commit()
            settle(waiting.id)
        assert stored(session) == ([Decision.APPROVED] * 2, [Decision.APPROVED])


def test_two_opinions_at_the_same_moment_are_one_decision(own_sessions: sessionmaker[Session]) -> None:
    with own_sessions.begin() as session:
        owner = factories.user(session, "Ada Admin")
        project = factories.project(session, owner, reviews_per_response=2)
        reviewers = [factories.user(session, name) for name in ("Rae Reviewer", "Rob Reviewer")]
        for person in reviewers:
            factories.member(session, project, person, Role.REVIEWER)
        ids = []
        for number in range(ROUNDS):
            prompt = factories.prompt(session, project, owner, f"Question {number}", status=PromptStatus.APPROVED)
            ids.append(factories.submission(session, prompt, owner).id)
        actors = [actor_for(session, person) for person in reviewers]
    for at, submission_id in enumerate(ids):
        start = threading.Barrier(2)

        def judge(who: int, submission_id: int = submission_id, at: int = at, start: Any = start) -> None:
            decision = Decision.REJECTED if at % 2 and who else Decision.APPROVED
            with own_sessions.begin() as session:
                start.wait()
                service.decide(session, actors[who], submission_id, decision, revision=1, ratings=RATINGS, note="So.")

        threads = [threading.Thread(target=judge, args=(who,)) for who in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with own_sessions() as session:
        reviewed = set(session.scalars(select(Review.submission_id)))
        disputes = set(session.scalars(select(Submission.id).where(Submission.disputed_at.is_not(None))))
        assert len(session.scalars(select(Opinion.id)).all()) == 2 * ROUNDS
    assert reviewed == set(ids[::2])
    assert disputes == set(ids[1::2])
