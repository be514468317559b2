"""A writer asks about a prompt; whoever may see it answers, under the names that each may know."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.prompts.models import Prompt, PromptQuestion, PromptStatus, ReportReason
from app.prompts.reports import report
from tests import factories
from tests.cast import Cast
from tests.notices import told


@pytest.fixture
def asked(cast: Cast, session: Session) -> Prompt:
    """An open prompt of the admin's."""
    assert cast.admin.user
    prompt = factories.prompt(session, cast.project, cast.admin.user, status=PromptStatus.APPROVED)
    session.commit()
    return prompt


def question(session: Session) -> PromptQuestion:
    """The first that was asked, as it is now."""
    session.expire_all()
    return session.scalars(select(PromptQuestion).order_by(PromptQuestion.id)).first()  # type: ignore[return-value]


def test_a_question_is_kept_as_typed_and_waits_for_who_decides(
    cast: Cast, form: Any, asked: Prompt, session: Session
) -> None:
    answer = form(cast.author, f"/prompts/{asked.id}/questions", body=" Which\r\nsky? ", back="/write/7")
    assert (answer.status_code, answer.headers["location"]) == (303, "/write/7#questions")
    assert question(session).body == " Which\nsky? "
    here = f"/projects/{cast.project.id}"
    assert "Which\nsky?" in cast.reviewer.get(f"{here}/questions").text
    assert "1 question about prompts" in cast.reviewer.get(here).text
    assert "question about prompts" not in cast.author.get(here).text
    assert cast.author.get(f"{here}/questions").status_code == 403
    assert "prompts.asked" in session.scalars(select(AuditEntry.action)).all()


def test_a_reviewer_answers_it_and_who_asks_on_opens_it_again(
    cast: Cast, form: Any, asked: Prompt, session: Session
) -> None:
    here = f"/prompts/{asked.id}/questions"
    form(cast.author, here, body="Which sky?")
    first = question(session).id
    form(cast.second_author, here, body="I took the one of Earth.", to=first)
    assert question(session).answered_at is None
    form(cast.reviewer, here, body="Of Earth, yes.", to=first)
    assert question(session).answered_at is not None
    form(cast.author, here, body="By day?", to=first)
    assert question(session).answered_at is None


def test_who_asked_is_told_of_an_answer_until_they_read_it(
    cast: Cast, form: Any, asked: Prompt, session: Session
) -> None:
    here = f"/prompts/{asked.id}/questions"
    form(cast.author, here, body="Which sky?")
    form(cast.second_author, here, body="I took the one of Earth.", to=question(session).id)
    assert told(session, cast.author) == [], "whoever decides answers"
    form(cast.reviewer, here, body="Of Earth, yes.", to=question(session).id)
    assert told(session, cast.author) == ["question_answered"]
    assert "A question of yours about a prompt is answered." in cast.author.get("/notices").text
    cast.author.get(f"/prompts/{asked.id}")
    assert '<span class="bar-count">' not in cast.author.get("/notices").text


def test_writers_are_known_by_pseudonym_and_reviewers_by_name_only_where_it_is_told(
    cast: Cast, form: Any, asked: Prompt, session: Session
) -> None:
    here = f"/prompts/{asked.id}"
    form(cast.author, f"{here}/questions", body="Which sky?")
    form(cast.reviewer, f"{here}/questions", body="Of Earth.", to=question(session).id)
    assert cast.author.user
    pages = [who.get(here).text for who in (cast.author, cast.second_author, cast.second_reviewer)]
    assert "<bdi>you</bdi>" in pages[0]
    assert all(f"a-{cast.project.id}-{cast.author.user.id}" in page for page in pages[1:])
    assert not any("Ann Author" in page for page in pages[1:])
    assert ["Rae Reviewer" in page for page in pages] == [False, False, True]
    cast.project.show_reviewer_names = True
    session.merge(cast.project)
    session.commit()
    assert "Rae Reviewer" in cast.author.get(here).text


@pytest.mark.parametrize(("body", "status"), [(" \u200b", 422), ("x" * 2001, 422), ("half \x00", 422)])
def test_what_says_nothing_or_too_much_is_not_asked(
    cast: Cast, form: Any, asked: Prompt, body: str, status: int
) -> None:
    assert form(cast.author, f"/prompts/{asked.id}/questions", body=body).status_code == status


def test_a_question_of_another_prompt_is_not_there_and_no_one_is_led_away(
    cast: Cast, form: Any, asked: Prompt, session: Session
) -> None:
    assert cast.admin.user
    other = factories.prompt(session, cast.project, cast.admin.user, "Else?", status=PromptStatus.APPROVED)
    session.commit()
    form(cast.author, f"/prompts/{asked.id}/questions", body="Which sky?")
    to = question(session).id
    assert form(cast.reviewer, f"/prompts/{other.id}/questions", body="So.", to=to).status_code == 404
    led = form(cast.author, f"/prompts/{asked.id}/questions", body="And?", back="//example.org")
    assert led.headers["location"] == "/#questions"


def test_reports_are_counted_by_reason_and_a_prompt_is_taken_off_and_put_back(
    cast: Cast, form: Any, asked: Prompt, session: Session
) -> None:
    for who in (cast.author, cast.second_author):
        report(session, who.actor, asked.id, ReportReason.UNCLEAR, "")
    session.commit()
    listed = f"/projects/{cast.project.id}/questions"
    assert "2 × It cannot be understood" in cast.reviewer.get(listed).text
    assert [form(cast.reviewer, f"/prompts/{asked.id}/send-back").status_code for _ in range(2)] == [303, 409]
    assert "Put it back on offer" in cast.reviewer.get(listed).text
    assert form(cast.reviewer, f"/prompts/{asked.id}/approve").status_code == 303
    assert "Nothing waits for an answer" in cast.reviewer.get(listed).text
