"""Without a script a button saves the sheet."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.accounts.asking import later
from tests.cast import Cast
from tests.writing import work


def test_a_form_saves_and_shows_the_sheet_again(cast: Cast, taken: int) -> None:
    answer = work.post(cast.author, f"/write/{taken}/save", response="Half a\r\nthought", revision=0)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/write/{taken}")
    assert work.stored(cast.author, taken)["messages"] == work.turns("Half a\nthought")


def test_saving_a_draft_renews_the_session(cast: Cast, session: Session, taken: int) -> None:  # S23
    renewed = text("SELECT count(*) FROM sign_ins WHERE user_id = :writer AND used_at > now() - interval '1 hour'")
    for number in range(2):
        later(session, "sign_ins", "used_at", "6 hours")
        assert session.scalar(renewed, {"writer": work.me(cast.author)}) == 0
        if number:
            work.post(cast.author, f"/write/{taken}/save", response="Thought, again", revision=1)
        else:
            work.save(cast.author, taken, "Thought")
        assert session.scalar(renewed, {"writer": work.me(cast.author)}) == 1
    assert work.stored(cast.author, taken)["revision"] == 2


def test_an_unchanged_sheet_makes_no_new_revision(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, "Thought")
    work.post(cast.author, f"/write/{taken}/save", response="Thought", revision=0)
    assert work.stored(cast.author, taken)["revision"] == 1


def test_the_preview_is_reached_by_saving(cast: Cast, taken: int) -> None:
    answer = work.post(cast.author, f"/write/{taken}/save", response="*Yes*", revision=0, view="preview")
    assert "<em>Yes</em>" in cast.author.get(answer.headers["location"]).text


def test_carriage_returns_that_a_browser_cannot_show_are_not_overwritten_unseen(cast: Cast, taken: int) -> None:
    # I1
    work.save(cast.author, taken, "One\rtwo\r\nthree\nfour")
    assert "data-has-cr" in cast.author.get(f"/write/{taken}").text
    work.post(cast.author, f"/write/{taken}/save", response="One\r\ntwo\r\nthree\r\nfour", revision=1)
    assert work.stored(cast.author, taken)["messages"] == work.turns("One\rtwo\r\nthree\nfour")
    assert work.stored(cast.author, taken)["revision"] == 1


def test_a_newer_draft_from_elsewhere_is_not_overwritten(cast: Cast, taken: int) -> None:
    # R20
    work.save(cast.author, taken, "On the train")
    answer = work.post(cast.author, f"/write/{taken}/save", response="At home", revision=0)
    assert answer.status_code == 409
    assert "On the train" in answer.text
    assert "<ins>At home</ins>" in answer.text
    assert 'data-copy="At home"' in answer.text
    assert work.stored(cast.author, taken)["messages"] == work.turns("On the train")
