"""A bad prompt is reported on its page by whoever sees it."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.prompts.models import Prompt, PromptReport, PromptStatus, ReportReason
from tests import factories
from tests.cast import Cast, Client


@pytest.fixture
def bad(cast: Cast, session: Session) -> Prompt:
    """A prompt on offer, which the author proposed."""
    assert cast.author.user
    made = factories.prompt(
        session, cast.project, cast.author.user, "What did I have in mind?", status=PromptStatus.APPROVED
    )
    session.commit()
    return made


def reported(who: Client, prompt: Prompt, reason: str = "unanswerable", note: str = "") -> int:
    """What the form on the prompt's page is answered with."""
    assert who.user
    given = {"user_id": who.user.id, "reason": reason, "note": note}
    return int(who.post(f"/prompts/{prompt.id}/report", data=given).status_code)


def status(session: Session, prompt: Prompt) -> str:
    """The prompt's state now."""
    session.refresh(prompt)
    return str(prompt.status)


def test_what_is_said_of_it_stands_for_those_who_decide(cast: Cast, bad: Prompt, session: Session) -> None:
    page = cast.second_author.get(f"/prompts/{bad.id}").text
    assert f'action="/prompts/{bad.id}/report"' in page
    assert reported(cast.second_author, bad, note="Nobody\r\ncan know.") == 303
    row = session.scalars(select(PromptReport)).one()
    assert (row.reason, row.note) == (ReportReason.UNANSWERABLE, "Nobody\ncan know.")
    shown = cast.reviewer.get(f"/prompts/{bad.id}").text
    assert ("It cannot be answered" in shown, "can know." in shown, "Ben Author" in shown) == (True, True, True)


def test_the_third_of_them_takes_it_off_the_offer_and_one_person_counts_once(
    cast: Cast, bad: Prompt, session: Session
) -> None:
    for who in (cast.reviewer, cast.reviewer, cast.second_reviewer):
        assert reported(who, bad) == 303
    assert status(session, bad) == "approved"
    given = {"reason": "unclear", "note": ""}
    assert cast.second_author.api("POST", f"/api/v1/prompts/{bad.id}/report", **given).status_code == 204
    assert status(session, bad) == "proposed"


def test_nobody_reports_their_own_that_of_a_pair_or_what_they_may_not_see(
    cast: Cast, bad: Prompt, session: Session
) -> None:
    assert cast.author.user
    pair = factories.prompt(session, cast.project, cast.author.user, "Mine and its answer.", from_pair=True)
    session.commit()
    assert [reported(who, bad) for who in (cast.author, cast.outsider)] == [403, 404]
    assert reported(cast.reviewer, pair) == 403
    for who, one in ((cast.author, bad), (cast.reviewer, pair)):
        assert "Report a bad prompt" not in who.get(f"/prompts/{one.id}").text
    assert reported(cast.second_author, bad, reason="boring") == 422
    assert session.scalars(select(PromptReport)).all() == []
