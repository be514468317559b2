"""A writer sees what became of their work."""

from sqlalchemy.orm import Session

from app.writing.models import SubmissionStatus
from app.writing.service import record_decision
from tests.cast import Cast
from tests.writing import work


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
