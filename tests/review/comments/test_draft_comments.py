"""Beside the draft stands what reviewers said and nobody settled, on words that are there still or are gone."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.writing.models import Submission
from tests.cast import Cast, Client
from tests.review.comments.test_comment import answered, resolved, said
from tests.review.conftest import HandIn, decided
from tests.writing import work


@pytest.fixture
def sent_back(cast: Cast, hand_in: HandIn, session: Session) -> Submission:
    """A response of which two passages were spoken of when changes were asked for."""
    made = hand_in(cast.author, "Because air scatters blue light most.")
    said(cast.reviewer, made, "air scatters", "Say which air.")
    said(cast.reviewer, made, "most", "Most of what?")
    said(cast.reviewer, made, "the sky", "Whose sky?")
    decided(cast.reviewer, made, "changes_requested", note="See there.")
    session.refresh(made)
    return made


def page(client: Client, submission: Submission) -> str:
    """What stands beside the draft."""
    answer = client.get(f"/write/{submission.assignment_id}/comments")
    assert answer.status_code == 200
    return answer.text


def revised(client: Client, submission: Submission, text: str) -> Any:
    """The writer types something else, and it is saved."""
    assert submission.assignment_id
    revision = work.stored(client, submission.assignment_id)["revision"]
    return work.save(client, submission.assignment_id, text, revision=revision)


def test_the_draft_says_where_to_read_them_and_they_are_marked_once_their_words_are_gone(
    cast: Cast, sent_back: Submission
) -> None:
    assert (
        f'hx-get="/write/{sent_back.assignment_id}/comments"'
        in cast.author.get(f"/write/{sent_back.assignment_id}").text
    )
    assert page(cast.author, sent_back).count("Outdated") == 0
    assert revised(cast.author, sent_back, "Because air scatters blue light far more than red.").status_code == 200
    shown = page(cast.author, sent_back)
    assert shown.count("Outdated") == 1
    assert shown.index("Whose sky?") < shown.index("Say which air.") < shown.index("Outdated") < shown.index("Most of")


def test_from_the_draft_they_are_answered_and_settled_and_one_comes_back(cast: Cast, sent_back: Submission) -> None:
    made = min(one["id"] for one in cast.author.get(f"/api/v1/submissions/{sent_back.id}/comments").json()["comments"])
    here = f"/write/{sent_back.assignment_id}/comments"
    given = {"user_id": work.me(cast.author), "shown": 1, "back": "draft"}
    answer = cast.author.post(f"/comments/{made}/answers", data={**given, "body": "That around us."})
    assert answer.headers["location"] == f"{here}#comment-{made}"
    assert "That around us." in page(cast.author, sent_back)
    assert cast.author.post(f"/comments/{made}/resolve", data=given).headers["location"] == f"{here}#comment-{made}"
    assert "Say which air." not in page(cast.author, sent_back), "what is settled is no work"
    assert "Most of what?" in page(cast.author, sent_back)


def test_what_was_said_is_its_writers_alone_and_nothing_is_there_before_the_decision(
    cast: Cast, hand_in: HandIn
) -> None:
    made = hand_in(cast.author, "Because air scatters blue light most.")
    there = said(cast.reviewer, made, "most", "Most of what?").json()["id"]
    assert "Nothing is open" in page(cast.author, made)
    for client in (cast.second_author, cast.reviewer, cast.outsider):
        assert client.get(f"/write/{made.assignment_id}/comments").status_code == 404
    decided(cast.reviewer, made, "changes_requested", note="See there.")
    answered(cast.author, there)
    resolved(cast.author, there)
    assert "Nothing is open" in page(cast.author, made)


def test_note_comments_and_what_differs_stand_beside_the_editor_without_a_script(
    cast: Cast, sent_back: Submission
) -> None:
    def beside() -> str:
        shown = cast.author.get(f"/write/{sent_back.assignment_id}").text
        return shown[shown.index('id="mending"') : shown.index('class="editor"')]

    shown = beside()
    for words in ("changes requested", "See there.", "Say which air.", "Nothing yet: your draft is what was reviewed."):
        assert words in shown
    assert revised(cast.author, sent_back, "Because air scatters red light most.").status_code == 200
    shown = beside()
    assert "<del> blue</del><ins> red</ins>" in shown
    assert "Nothing yet" not in shown


def test_beside_a_pair_what_differs_in_the_question_is_told_too(cast: Cast, session: Session) -> None:
    there = work.post(cast.author, f"/projects/{cast.project.id}/write/pair").headers["location"]
    made = int(there.rsplit("/", 1)[1])
    work.save(cast.author, made, "An answer.", prompt="Why is the sky blue?")
    assert work.hand_in(cast.author, made, 1).status_code == 201
    submission = session.scalars(select(Submission)).one()
    decided(cast.reviewer, submission, "changes_requested", note="Ask more.")
    revision = work.stored(cast.author, made)["revision"]
    work.save(cast.author, made, "An answer.", revision=revision, prompt="Why is the sea blue?")
    assert "<del> sky</del><ins> sea</ins>" in cast.author.get(f"/write/{made}").text


def test_nothing_stands_beside_what_was_not_sent_back(cast: Cast, session: Session) -> None:
    work.ask(session, cast)
    assert 'id="mending"' not in cast.author.get(f"/write/{work.take(cast.author, cast)}").text
