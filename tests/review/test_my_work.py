"""A writer sees what became of their work."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.review.models import Decision
from app.writing.models import Revision, Submission, SubmissionStatus
from app.writing.service import record_decision
from tests import factories
from tests.cast import Cast
from tests.review.desk.test_beside import copied
from tests.writing import work


@pytest.fixture
def taken(cast: Cast, session: Session) -> int:
    """The author's assignment on an open prompt, nothing written yet."""
    work.ask(session, cast)
    return work.take(cast.author, cast)


def test_before_anything_was_handed_in_the_page_says_what_will_stand_here(cast: Cast) -> None:
    assert "Nothing yet" in cast.author.get("/my/submissions").text


def test_each_submission_stands_there_with_its_state(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, "Because")
    work.hand_in(cast.author, taken, 1)
    page = cast.author.get("/my/submissions").text
    assert "Why is the sky blue?" in page
    assert "in review" in page


def test_what_is_to_be_mended_stands_first_with_the_way_to_it(cast: Cast, session: Session, taken: int) -> None:
    work.save(cast.author, taken, "Because")
    submission = work.hand_in(cast.author, taken, 1).json()
    asked, by = SubmissionStatus.CHANGES_REQUESTED, work.me(cast.reviewer)
    record_decision(session, submission["id"], revision=1, status=asked, decided_by=by)
    session.commit()
    page = cast.author.get("/my/submissions").text
    assert page.index("Changes asked of you") < page.index("What you handed in")
    assert f'href="/write/{taken}"' in page


def test_a_long_list_has_pages(cast: Cast, session: Session) -> None:
    for number in range(22):
        work.ask(session, cast, f"Question {number:02}")
        work.written(cast.author, cast, "An answer")
    first = cast.author.get("/my/submissions").text
    assert "Question 21" in first
    assert "Question 01" not in first
    older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = cast.author.get(older).text
    assert "Question 01" in second
    assert "Question 21" not in second


def test_nobody_elses_work_is_listed(cast: Cast, taken: int) -> None:
    # S45
    work.save(cast.author, taken, "Because")
    work.hand_in(cast.author, taken, 1)
    for other in (cast.second_author, cast.reviewer, cast.admin, cast.outsider):
        assert "Why is the sky blue?" not in other.get("/my/submissions").text


def test_what_a_reviewer_said_and_changed_stands_with_the_response(cast: Cast, session: Session) -> None:
    assert cast.author.user
    assert cast.reviewer.user
    prompt = work.ask(session, cast)
    submission = factories.submission(session, prompt, cast.author.user, "Because", "Because of the air")
    factories.review(session, submission, cast.reviewer.user, note="Say *why*.\nBriefly.")
    session.commit()
    page = cast.author.get("/my/submissions").text
    assert "Say *why*.\nBriefly." in page
    assert f"/submissions/{submission.id}?revision=2&amp;against=1" in page


def test_acceptance_over_time_is_told_drawn_and_tabled(cast: Cast, session: Session) -> None:
    assert "Accepted, week by week" not in cast.author.get("/my/submissions").text
    for number, decision in enumerate((Decision.APPROVED, Decision.APPROVED, Decision.REJECTED)):
        work.ask(session, cast, f"Question {number}")
        submission = session.get_one(Submission, work.written(cast.author, cast, "An answer")["id"])
        assert cast.reviewer.user
        factories.review(session, submission, cast.reviewer.user, decision)
    session.commit()
    page = cast.author.get("/my/submissions").text
    assert "2 of 3 decided responses approved, 67 %" in page
    assert "2 of 3" in page.split('aria-label="Approved of what you handed in')[1].split('"')[0]
    assert "Accepted, week by week" not in cast.second_author.get("/my/submissions").text


def test_how_long_it_was_typed_at_stands_there_where_the_project_keeps_it(
    cast: Cast, session: Session, taken: int
) -> None:
    work.save(cast.author, taken, "Because")
    work.hand_in(cast.author, taken, 1)
    assert "at the keys" not in cast.author.get("/my/submissions").text
    made = session.scalars(select(Submission)).one()
    counts = {"keystrokes": 40, "pastes": 0, "pasted_characters": 0, "active_seconds": 250}
    session.add(Revision(number=2, provenance=counts, **copied(session, made)))
    made.current_revision = 2
    session.commit()
    assert "4 min at the keys" in cast.author.get("/my/submissions").text
