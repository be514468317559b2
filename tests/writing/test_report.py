"""A bad prompt is reported, or skipped as unclear, until it goes back to those who decide on prompts."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.core.audit import AuditEntry
from app.prompts.models import Prompt, PromptReport, PromptStatus
from app.writing.models import Assignment
from tests import factories
from tests.cast import Cast, Client
from tests.writing import work


@pytest.fixture
def wide(cast: Cast, session: Session) -> Prompt:
    """A prompt that many may answer."""
    return work.ask(session, cast, "How blue?", slots=9)


def crowd(cast: Cast, session: Session, count: int) -> list[Client]:
    """That many more writers."""
    people = [factories.user(session, f"Writer {number}") for number in range(count)]
    for person in people:
        factories.member(session, cast.project, person, Role.ANNOTATOR)
    session.commit()
    return [Client(cast.author.app, person, session) for person in people]  # type: ignore[arg-type]


def status(session: Session, prompt: Prompt) -> str:
    """The prompt's state now."""
    session.refresh(prompt)
    return str(prompt.status)


def test_a_report_is_kept_with_its_reason_and_the_writer_goes_on_with_the_next(
    cast: Cast, session: Session, taken: int
) -> None:
    work.ask(session, cast, "And the sea?")
    answer = work.post(cast.author, f"/write/{taken}/report", reason="personal", note="My\r\nneighbour!")
    page = cast.author.get(answer.headers["location"]).text
    assert "And the sea?" in page
    assert "Reported." in page
    row = session.scalars(select(PromptReport)).one()
    assert (row.reason, row.note, row.reporter_id) == ("personal", "My\nneighbour!", work.me(cast.author))
    assert session.get_one(Assignment, taken).status == "skipped"


def test_the_third_open_report_sends_the_prompt_back_and_nobody_is_given_it(
    cast: Cast, session: Session, wide: Prompt
) -> None:
    first, second, third, fourth = crowd(cast, session, 4)
    for writer in (first, second):
        assert work.post(writer, f"/write/{work.take(writer, cast)}/report", reason="unclear").status_code == 303
    assert status(session, wide) == "approved"
    work.post(third, f"/write/{work.take(third, cast)}/report", reason="harmful")
    assert status(session, wide) == "proposed"
    assert fourth.api("POST", f"/api/v1/projects/{cast.project.id}/assignments").status_code == 409
    assert "prompts.sent_back" in session.scalars(select(AuditEntry.action)).all()


def test_five_writers_who_cannot_tell_what_is_asked_send_it_back_too(
    cast: Cast, session: Session, wide: Prompt
) -> None:
    writers = crowd(cast, session, 5)
    for writer in writers[:4]:
        work.post(writer, f"/write/{work.take(writer, cast)}/skip", kind="unclear")
    assert status(session, wide) == "approved"
    work.post(writers[4], f"/write/{work.take(writers[4], cast)}/skip", kind="unclear")
    assert status(session, wide) == "proposed"


def test_ten_writers_who_leave_it_for_what_it_is_send_it_back_and_those_who_lack_the_knowledge_do_not(
    cast: Cast, session: Session
) -> None:
    wide = work.ask(session, cast, "How blue?", slots=30)
    writers = crowd(cast, session, 21)
    for writer in writers[:11]:
        work.post(writer, f"/write/{work.take(writer, cast)}/skip", kind="not_my_field")
    for writer in writers[11:20]:
        work.post(writer, f"/write/{work.take(writer, cast)}/skip", kind="too_long")
    assert status(session, wide) == "approved"
    work.post(writers[20], f"/write/{work.take(writers[20], cast)}/skip", kind="too_long")
    assert status(session, wide) == "proposed"


def test_who_is_writing_on_a_prompt_that_goes_back_may_finish(cast: Cast, session: Session, wide: Prompt) -> None:
    mine = work.take(cast.author, cast)
    for writer in crowd(cast, session, 3):
        work.post(writer, f"/write/{work.take(writer, cast)}/report", reason="unclear")
    work.save(cast.author, mine, "Very.")
    assert work.hand_in(cast.author, mine, 1).status_code == 201


def test_approved_anew_it_is_on_offer_again_and_its_reports_are_settled(
    cast: Cast, session: Session, wide: Prompt
) -> None:
    for writer in crowd(cast, session, 3):
        work.post(writer, f"/write/{work.take(writer, cast)}/report", reason="unclear")
    assert "Reported as a bad prompt" in cast.reviewer.get(f"/prompts/{wide.id}").text
    assert work.post(cast.reviewer, f"/prompts/{wide.id}/approve").status_code == 303
    assert "Reported as a bad prompt" not in cast.reviewer.get(f"/prompts/{wide.id}").text
    assert work.take(cast.author, cast)
    again = work.take(cast.second_author, cast)
    work.post(cast.second_author, f"/write/{again}/report", reason="unclear")
    assert status(session, wide) == "approved"


def test_those_who_decide_see_who_says_what_the_proposer_what_and_others_nothing(cast: Cast, session: Session) -> None:
    assert cast.author.user
    prompt = factories.prompt(session, cast.project, cast.author.user, "Mine?", status=PromptStatus.APPROVED, slots=2)
    session.commit()
    work.post(
        cast.second_author,
        f"/write/{work.take(cast.second_author, cast)}/report",
        reason="duplicate",
        note="Said twice",
    )
    for_reviewer, for_proposer = (who.get(f"/prompts/{prompt.id}").text for who in (cast.reviewer, cast.author))
    assert all("It was asked before" in page and "Said twice" in page for page in (for_reviewer, for_proposer))
    assert "Ben Author" in for_reviewer
    assert "Ben Author" not in for_proposer
    assert "Said twice" not in cast.second_author.get(f"/prompts/{prompt.id}").text


def test_a_reviewer_settles_what_was_reported_once(cast: Cast, taken: int, asked: Prompt) -> None:
    work.post(cast.author, f"/write/{taken}/report", reason="other", note="Hm")
    address = f"/prompts/{asked.id}/reports/settle"
    assert work.post(cast.second_author, address).status_code == 403
    assert [work.post(cast.reviewer, address).status_code for _ in range(2)] == [303, 409]


def test_what_was_handed_in_is_not_reported_away(cast: Cast, session: Session, taken: int) -> None:
    work.save(cast.author, taken, "Done")
    work.hand_in(cast.author, taken, 1)
    answer = cast.author.api("POST", f"/api/v1/assignments/{taken}/report", reason="unclear")
    assert answer.status_code == 409
    assert session.scalars(select(PromptReport)).all() == []


def test_a_pair_is_ones_own_to_mend(cast: Cast) -> None:
    pair = work.post(cast.author, f"/projects/{cast.project.id}/write/pair").headers["location"]
    assert work.post(cast.author, f"{pair}/report", reason="unclear").status_code == 409
