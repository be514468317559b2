"""A reviewer opens a proposed prompt to writers."""

from typing import Any

from sqlalchemy.orm import Session

from app.prompts.models import Prompt
from tests.cast import Cast


def test_a_reviewer_approves_a_proposed_prompt(cast: Cast, proposed: str) -> None:
    answer = cast.reviewer.post(f"/api/v1{proposed}/approve")
    assert (answer.status_code, answer.json()["status"]) == (200, "approved")


def test_by_the_page_the_decision_is_shown_where_it_was_asked_for(cast: Cast, proposed: str, form: Any) -> None:
    assert "Approve <kbd" in cast.reviewer.get(proposed).text
    answer = form(cast.reviewer, f"{proposed}/approve")
    assert (answer.status_code, answer.headers["location"]) == (303, proposed)
    assert "Decided on" in cast.reviewer.get(proposed).text


def test_the_next_prompt_to_decide_is_one_key_away(cast: Cast, proposed: str, form: Any) -> None:
    second = cast.author.api("POST", f"/api/v1/projects/{cast.project.id}/prompts", prompt="And why is it cold?").json()
    form(cast.reviewer, f"{proposed}/approve")
    shown = cast.reviewer.get(proposed).text
    assert f'href="/prompts/{second["id"]}"' in shown
    assert 'data-key="n"' in shown


def test_a_writer_is_refused_and_sees_no_button(cast: Cast, proposed: str) -> None:
    answer = cast.author.post(f"/api/v1{proposed}/approve")
    assert (answer.status_code, answer.json()["type"]) == (403, "/errors/prompts.not_a_reviewer")
    assert "Approve <kbd" not in cast.author.get(proposed).text


def test_to_an_outsider_the_prompt_does_not_exist(cast: Cast, proposed: str) -> None:  # S43
    assert cast.outsider.post(f"/api/v1{proposed}/approve").status_code == 404


def test_the_second_of_two_decisions_hears_that_it_came_late(cast: Cast, proposed: str, form: Any) -> None:  # R19
    first, second = (form(cast.reviewer, f"{proposed}/approve") for _ in range(2))
    assert first.status_code == 303
    assert second.status_code == 409
    assert "Somebody has already decided on this prompt." in second.text


def test_a_button_drawn_for_somebody_else_decides_nothing(
    cast: Cast, proposal: Prompt, proposed: str, session: Session
) -> None:  # S26
    assert cast.author.user
    refusal = cast.reviewer.post(f"{proposed}/approve", data={"user_id": cast.author.user.id})
    assert refusal.status_code == 409
    session.refresh(proposal)
    assert proposal.status == "proposed"
