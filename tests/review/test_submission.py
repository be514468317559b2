"""What happened to one submission: for its author and for reviewers; to everybody else it does not exist."""

import pytest
from sqlalchemy.orm import Session

from app.projects.models import Project
from app.review.models import Decision
from app.writing.models import Submission, SubmissionStatus
from tests import factories
from tests.cast import Cast, Client
from tests.review.conftest import HandIn, decided


def seen(client: Client, submission: Submission, query: str = "") -> str:
    """The page as this person sees it."""
    answer = client.get(f"/submissions/{submission.id}{query}")
    assert answer.status_code == 200
    return answer.text


def test_its_author_sees_the_text_the_decision_the_ratings_and_the_note(cast: Cast, waiting: Submission) -> None:
    assert "Nobody has decided on it yet." in seen(cast.author, waiting)
    decided(cast.reviewer, waiting, note="Clear and kind.")
    shown = seen(cast.author, waiting)
    assert "Because air scatters blue light most." in shown
    assert "Clear and kind." in shown
    assert "<bdi>Correct</bdi></dt><dd>5 of 5" in shown
    assert 'data-state="approved"' in shown


def test_a_writer_learns_who_reviewed_only_where_the_project_says_so(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    decided(cast.reviewer, waiting)
    assert "Rae Reviewer" not in seen(cast.author, waiting)  # S54
    assert "A reviewer" in seen(cast.author, waiting)
    assert "Rae Reviewer" in seen(cast.second_reviewer, waiting)
    session.get_one(Project, cast.project.id).show_reviewer_names = True
    session.commit()
    assert "Rae Reviewer" in seen(cast.author, waiting)


def test_to_a_reviewer_its_writer_is_a_pseudonym(cast: Cast, waiting: Submission) -> None:
    assert "Ann Author" not in seen(cast.reviewer, waiting)  # S54
    assert f"a-{cast.project.id}-" in seen(cast.reviewer, waiting)
    assert "written by <bdi>you</bdi>" in seen(cast.author, waiting)


def test_another_writer_of_the_same_project_does_not_know_of_it(cast: Cast, waiting: Submission) -> None:
    for _ in range(2):  # before the decision and after it
        for path in (f"/submissions/{waiting.id}", f"/submissions/{waiting.id}?revision=1"):  # S45
            answer = cast.second_author.get(path)
            assert answer.status_code == 404
            assert "scatters" not in answer.text
        decided(cast.reviewer, waiting, note="A secret remark")
    for path in ("/", f"/projects/{cast.project.id}", f"/prompts/{waiting.prompt_id}", "/my/submissions"):
        listed = cast.second_author.get(path)
        assert "scatters" not in listed.text
        assert "secret remark" not in listed.text


def test_it_answers_an_outsider_as_if_it_had_never_been(cast: Cast, waiting: Submission) -> None:
    there = cast.outsider.get(f"/submissions/{waiting.id}")
    never = cast.outsider.get(f"/submissions/{2**50}")
    assert (there.status_code, never.status_code) == (404, 404)  # S43
    same = [answer.text.replace(answer.headers["x-request-id"], "") for answer in (there, never)]
    assert same[0] == same[1]


def test_any_two_revisions_can_be_compared(cast: Cast, hand_in: HandIn) -> None:
    thrice = hand_in(cast.author, "one apple", "two apples", "three pears")
    assert "three pears" in seen(cast.author, thrice)
    assert "one apple" in seen(cast.author, thrice, "?revision=1")
    changes = seen(cast.author, thrice, "?revision=3&against=1")
    assert "Changes from 1 to 3" in changes
    assert "<del>one apple</del><ins>three pears</ins>" in changes


@pytest.mark.parametrize(
    ("query", "status"),
    [("revision=2", 404), ("against=7", 404), ("revision=0", 422), ("revision=x", 422), (f"against={2**63}", 422),
     ("revision=1&revision=1", 422), ("author=1", 422)],
)  # fmt: skip
def test_a_revision_that_is_not_there_is_refused(cast: Cast, waiting: Submission, query: str, status: int) -> None:
    assert cast.author.get(f"/submissions/{waiting.id}?{query}").status_code == status


def test_a_text_is_shown_as_text_whatever_it_holds(cast: Cast, hand_in: HandIn) -> None:
    hostile = '<script>alert(1)</script> {{ 7*7 }} <img src=x onerror="x()"> </textarea>'
    one = hand_in(cast.author, hostile, hostile + "!", asked=hostile)
    for query in ("", "?revision=2&against=1"):
        shown = seen(cast.reviewer, one, query)
        assert "<script>alert" not in shown  # S62
        assert "<img src=x" not in shown
        assert "{{ 7*7 }}" in shown  # S67


def test_a_text_comes_back_byte_for_byte(cast: Cast, hand_in: HandIn) -> None:
    odd = "\n first newline, trailing spaces  \n\n\ttab, e\u0301, \U0001f1e9\U0001f1ea"
    assert odd in seen(cast.author, hand_in(cast.author, odd))  # I1


def test_its_author_goes_on_writing_when_changes_were_asked(cast: Cast, waiting: Submission) -> None:
    assert "Go on writing" not in seen(cast.author, waiting)
    decided(cast.reviewer, waiting, "changes_requested", note="Say why.")
    assert f'href="/write/{waiting.assignment_id}"' in seen(cast.author, waiting)
    assert "Go on writing" not in seen(cast.reviewer, waiting)


def test_a_reviewer_sees_no_draft_of_what_is_being_mended(cast: Cast, waiting: Submission, session: Session) -> None:
    decided(cast.reviewer, waiting, "changes_requested", note="Say why.")
    draft = cast.author.get(f"/api/v1/assignments/{waiting.assignment_id}/draft").json()
    saved = cast.author.api(
        "PUT", f"/api/v1/assignments/{waiting.assignment_id}/draft",
        revision=draft["revision"], messages=[{"role": "assistant", "content": "Half a thought"}], prompt=None,
    )  # fmt: skip
    assert saved.status_code == 200
    assert "Half a thought" not in seen(cast.reviewer, waiting)  # S44
    assert cast.reviewer.get(f"/api/v1/assignments/{waiting.assignment_id}/draft").status_code == 404


def test_a_prompt_of_several_turns_is_shown_whole(cast: Cast, hand_in: HandIn) -> None:
    turns = [{"role": role, "content": f"{role} speaks"} for role in ("system", "user", "assistant", "user")]
    shown = seen(cast.author, hand_in(cast.author, messages=turns))
    assert shown.count("user speaks") >= 2


def test_every_state_has_its_word(cast: Cast, hand_in: HandIn, session: Session) -> None:
    assert cast.reviewer.user
    words = {
        Decision.APPROVED: "approved",
        Decision.CHANGES_REQUESTED: "changes requested",
        Decision.REJECTED: "rejected",
    }
    for decision, word in words.items():
        one = hand_in(cast.author, asked=f"About {word}")
        factories.review(session, one, cast.reviewer.user, decision)
        session.commit()
        assert f">{word}</span>" in seen(cast.author, one)
    gone = hand_in(cast.author)
    session.get_one(Submission, gone.id).status = SubmissionStatus.WITHDRAWN
    session.commit()
    assert ">withdrawn</span>" in seen(cast.author, gone)


def test_two_revisions_stand_side_by_side_when_asked(cast: Cast, hand_in: HandIn) -> None:
    twice = hand_in(cast.author, "Because air scatters blue light.", "Because air scatters blue light most.")
    here = f"/submissions/{twice.id}?revision=2&against=1"
    assert 'class="halves beside"' not in cast.author.get(here).text
    page = cast.author.get(f"{here}&side=true").text
    columns = page[page.index('class="halves beside"') :]
    first, second = columns[: columns.index("Revision 2")], columns[columns.index("Revision 2") :]
    assert "most" not in first
    assert "<ins> most</ins>" in second
    assert 'class="halves beside"' not in cast.author.get(f"/submissions/{twice.id}?side=true").text
