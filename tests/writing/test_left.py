"""Prompts that several writers leave to others are seen by those who decide, before nobody is left to take them."""

from sqlalchemy.orm import Session

from tests.cast import Cast, Client
from tests.writing import work


def leave(client: Client, cast: Cast, kind: str) -> None:
    """Take the next prompt and skip it."""
    work.post(client, f"/write/{work.take(client, cast)}/skip", kind=kind)


def test_a_prompt_that_two_writers_left_is_listed_with_their_reasons_and_taken_off(
    cast: Cast, session: Session
) -> None:
    asked, page = work.ask(session, cast, "How blue is it?", slots=5), f"/projects/{cast.project.id}/left"
    leave(cast.author, cast, "too_long")
    assert "Nothing is left to others often" in cast.reviewer.get(page).text
    leave(cast.second_author, cast, "not_my_field")
    seen = cast.reviewer.get(page).text
    assert "How blue is it?" in seen
    assert "1 × Takes too long" in seen
    assert "1 × Not their field" in seen
    told = cast.reviewer.get(f"/api/v1/projects/{cast.project.id}/left").json()
    reasons = {"Takes too long": 1, "Not their field": 1}
    assert told == {"left": [{"prompt_id": asked.id, "writers": 2, "reasons": reasons}]}
    assert work.post(cast.reviewer, f"/prompts/{asked.id}/send-back").status_code == 303
    assert cast.reviewer.get(f"/api/v1/projects/{cast.project.id}/left").json() == {"left": []}


def test_what_was_reported_stands_with_the_reports_and_not_there(cast: Cast, session: Session) -> None:
    work.ask(session, cast, "How blue is it?", slots=5)
    for writer in (cast.author, cast.second_author):
        work.post(writer, f"/write/{work.take(writer, cast)}/report", reason="unclear")
    assert cast.reviewer.get(f"/api/v1/projects/{cast.project.id}/left").json() == {"left": []}


def test_a_writer_is_not_told_what_others_leave(cast: Cast) -> None:
    assert cast.author.get(f"/projects/{cast.project.id}/left").status_code == 403
    assert cast.outsider.get(f"/projects/{cast.project.id}/left").status_code == 404


def test_the_rail_says_that_it_is_a_page_of_the_prompts(cast: Cast) -> None:
    page, here = cast.reviewer.get(f"/projects/{cast.project.id}/left").text, f"/projects/{cast.project.id}"
    assert f'href="{here}/prompts" aria-current="page"' in page
    assert f'href="{here}/write" aria-current="page"' not in page
