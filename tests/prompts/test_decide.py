"""A proposed prompt is opened to writers or turned down, once."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.projects.models import Category
from app.prompts import service
from app.prompts.models import Prompt, PromptStatus, Slot
from tests import factories
from tests.cast import Cast


def proposed(session: Session, cast: Cast) -> Prompt:
    """A prompt that the author has proposed."""
    return service.propose(session, cast.author.actor, cast.project.id, messages=factories.asked("Why is it dark?"))


def test_an_approved_prompt_has_as_many_slots_as_the_project_wants_responses(cast: Cast, session: Session) -> None:
    prompt = proposed(session, cast)
    cast.project.responses_per_prompt = 3
    session.add(cast.project)
    session.flush()
    service.approve(session, cast.reviewer.actor, prompt.id)
    slots = session.scalars(select(Slot).where(Slot.prompt_id == prompt.id)).all()
    assert prompt.status is PromptStatus.APPROVED
    assert sorted(slot.number for slot in slots) == [1, 2, 3]


def test_a_rejected_prompt_keeps_the_reason_and_gets_no_slots(cast: Cast, session: Session) -> None:
    prompt = service.reject(session, cast.reviewer.actor, proposed(session, cast).id, reason="We have this one.")
    assert (prompt.status, prompt.reason) == (PromptStatus.REJECTED, "We have this one.")
    assert not session.scalars(select(Slot).where(Slot.prompt_id == prompt.id)).all()


def test_the_second_decision_is_refused_and_changes_nothing(cast: Cast, session: Session) -> None:
    prompt = service.approve(session, cast.reviewer.actor, proposed(session, cast).id)
    with pytest.raises(Conflict, match="already_decided"):
        service.reject(session, cast.second_reviewer.actor, prompt.id, reason="No")
    session.refresh(prompt)
    assert prompt.decided_by == cast.reviewer.actor.user_id


def test_nobody_decides_on_their_own_prompt(cast: Cast, session: Session) -> None:
    mine = service.propose(session, cast.reviewer.actor, cast.project.id, messages=factories.asked("Mine?"))
    with pytest.raises(Refused, match="own_prompt"):
        service.approve(session, cast.reviewer.actor, mine.id)


def test_the_prompt_of_a_pair_is_decided_on_only_with_its_response(cast: Cast, session: Session) -> None:
    pair = service.propose_pair(session, cast.author.actor, cast.project.id, messages=factories.asked("Suggest a tool"))
    with pytest.raises(Refused, match="part_of_a_pair"):
        service.approve(session, cast.reviewer.actor, pair.id)


def test_a_prompt_takes_language_and_licence_from_its_project(cast: Cast, session: Session) -> None:
    cast.project.language, cast.project.licence = "de", "CC0-1.0"
    session.add(cast.project)
    session.flush()
    prompt = proposed(session, cast)
    assert (prompt.language, prompt.licence) == ("de", "CC0-1.0")


def test_a_category_of_another_project_is_refused(cast: Cast, session: Session) -> None:
    foreign = factories.stored(session, Category(project_id=cast.other_project.id, name="Theirs"))
    with pytest.raises(Invalid, match="no_such_category"):
        service.propose(
            session,
            cast.author.actor,
            cast.project.id,
            messages=factories.asked("Why?"),
            category_id=foreign.id,
        )


def test_an_outsider_can_neither_propose_nor_decide(cast: Cast, session: Session) -> None:
    prompt = proposed(session, cast)
    with pytest.raises(NotFound):
        service.propose(session, cast.outsider.actor, cast.project.id, messages=factories.asked("Let me in"))
    with pytest.raises(NotFound):
        service.approve(session, cast.outsider.actor, prompt.id)
