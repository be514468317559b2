"""A reviewer keeps phrases for notes and puts them in; nobody else sees them."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.review.models import Phrase
from app.writing.models import Submission
from tests.cast import Cast, Client
from tests.review.conftest import posted, took
from tests.review.deciding.test_undo import desk

KIND = "  Say early that <rules> differ.\n\nThen go on. 🧡"


def kept(who: Client, words: str = KIND, status: int = 303) -> None:
    """The press of "Keep it"."""
    assert who.user
    answer = who.post("/my/phrases", data={"user_id": who.user.id, "text": words})
    assert answer.status_code == status


def phrases(session: Session) -> list[Phrase]:
    """What is kept, by anybody."""
    session.expire_all()
    return list(session.scalars(select(Phrase).order_by(Phrase.id)))


def test_a_phrase_is_kept_to_the_letter_and_seen_by_its_owner_alone(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    assert "None yet" in cast.reviewer.get("/my/phrases").text
    kept(cast.reviewer, KIND.replace("\n", "\r\n"))
    assert [one.text for one in phrases(session)] == [KIND]
    assert "Say early that &lt;rules&gt; differ." in cast.reviewer.get("/my/phrases").text
    for who in (cast.second_reviewer, cast.admin, cast.operator):
        assert "Say early" not in who.get("/my/phrases").text
    took(cast.reviewer, cast.project.id)
    assert "Say early that &lt;rules&gt; differ." in desk(cast.reviewer, cast.project.id)


def test_without_a_script_the_page_comes_back_with_the_phrase_in_the_note(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    kept(cast.reviewer, "Where is it from?")
    took(cast.reviewer, cast.project.id)
    pressed = {"phrase": phrases(session)[0].id, "note": "Good.", "rating-correct": 2}
    shown = posted(cast.reviewer, waiting, "", **pressed)
    assert shown.status_code == 200
    assert "\nGood.\nWhere is it from?</textarea>" in shown.text
    assert posted(cast.reviewer, waiting, "").status_code == 422
    assert posted(cast.reviewer, waiting, "", phrase=999).status_code == 404
    took(cast.second_reviewer, cast.project.id)
    assert posted(cast.second_reviewer, waiting, "", **pressed).status_code == 404, "another's phrase"


def test_twenty_are_kept_and_one_makes_room_by_being_removed(cast: Cast, session: Session) -> None:
    assert cast.reviewer.user
    for number in range(20):
        kept(cast.reviewer, f"Number {number}")
    kept(cast.reviewer, "One too many", 409)
    first = f"/my/phrases/{phrases(session)[0].id}/remove"
    for who, status in ((cast.second_reviewer, 404), (cast.reviewer, 303), (cast.reviewer, 404)):
        assert who.user
        assert who.post(first, data={"user_id": who.user.id}).status_code == status
    kept(cast.reviewer, "Now there is room")
    assert len(phrases(session)) == 20


@pytest.mark.parametrize("words", ["", " \n", "x" * 1001, "a\0b"])
def test_what_is_empty_too_long_or_cannot_be_stored_is_refused(cast: Cast, words: str, session: Session) -> None:
    kept(cast.reviewer, words, 422)
    assert phrases(session) == []
