"""The proposer is told what became of a prompt; reported often enough, the administrators too."""

from sqlalchemy.orm import Session

from app.accounts.models import Notice
from app.prompts import service
from app.prompts.models import Prompt, PromptStatus
from app.prompts.reports import send_back
from tests import factories
from tests.cast import Cast, Client
from tests.notices import told
from tests.world import people


def proposed(session: Session, cast: Cast, by: Client) -> Prompt:
    """A prompt that waits for a decision."""
    return factories.prompt(session, cast.project, people(by))


def test_what_is_opened_is_told_as_one_and_what_is_turned_down_one_by_one(cast: Cast, session: Session) -> None:
    for _ in range(2):
        service.approve(session, cast.reviewer.actor, proposed(session, cast, cast.author).id)
        service.reject(session, cast.reviewer.actor, proposed(session, cast, cast.author).id, reason="Said before.")
    assert sorted(told(session, cast.author)) == ["prompt_approved", "prompt_rejected", "prompt_rejected"]
    assert session.query(Notice.times).filter_by(kind="prompt_approved").scalar() == 2


def test_the_proposer_and_the_administrators_hear_of_a_prompt_that_is_reported_too_often(
    cast: Cast, session: Session
) -> None:
    prompt = factories.prompt(session, cast.project, people(cast.author), status=PromptStatus.APPROVED)
    assert send_back(session, cast.second_author.actor, prompt.id)
    assert not send_back(session, cast.second_author.actor, prompt.id)
    assert told(session, cast.author) == told(session, cast.admin) == ["prompt_withdrawn"]
    assert told(session, cast.reviewer) == told(session, cast.second_author) == []
