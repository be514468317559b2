"""Who writes for which prompt: slots are claimed, kept, lost, filled and opened again."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from app.core.errors import Conflict
from app.projects.models import Category
from app.prompts import slots
from app.prompts.models import Prompt, PromptStatus, Slot
from app.writing.models import Assignment
from tests import factories
from tests.cast import Cast, Client


def approved(session: Session, cast: Cast, content: str = "Why is the sky blue?", **values: object) -> Prompt:
    """An approved prompt of the project, with one slot unless told."""
    person = cast.reviewer.user
    assert person
    return factories.prompt(session, cast.project, person, content, status=PromptStatus.APPROVED, **values)


def claimed(session: Session, cast: Cast, writer: Client) -> Slot:
    """The slot that the writer gets next."""
    slot = slots.claim_next(session, writer.actor, cast.project)
    assert slot
    return slot


def run_out(session: Session) -> None:
    """Let every lease end a minute ago."""
    session.execute(
        update(Slot).where(Slot.lease_holder_id.is_not(None)).values(lease_expires_at=func.now() - timedelta(minutes=1))
    )


def test_the_oldest_open_slot_is_leased_first(cast: Cast, session: Session) -> None:
    first, second = approved(session, cast), approved(session, cast, "And at night?")
    assert claimed(session, cast, cast.author).prompt_id == first.id
    assert claimed(session, cast, cast.second_author).prompt_id == second.id


def test_a_writer_gets_each_prompt_once_however_many_slots_it_has(cast: Cast, session: Session) -> None:
    approved(session, cast, slots=3)
    claimed(session, cast, cast.author)
    assert slots.claim_next(session, cast.author.actor, cast.project) is None


def test_a_category_may_be_asked_for(cast: Cast, session: Session) -> None:
    category = factories.stored(session, Category(project_id=cast.project.id, name="Code"))
    approved(session, cast)
    wanted = approved(session, cast, "Sort a list", category_id=category.id)
    slot = slots.claim_next(session, cast.author.actor, cast.project, category_id=category.id)
    assert slot
    assert slot.prompt_id == wanted.id


def test_where_a_project_follows_need_the_category_that_lacks_most_comes_first_then_the_next(
    cast: Cast, session: Session
) -> None:
    reached, little, much = (
        factories.stored(session, Category(project_id=cast.project.id, name=name, target=target, approved=approved))
        for name, target, approved in (("Reached", 5, 5), ("Little", 5, 4), ("Much", 9, 1))
    )
    of = [approved(session, cast, category_id=one.id).id for one in (reached, little, much)]
    cast.project.follows_need = True
    session.flush()
    assert [claimed(session, cast, cast.author).prompt_id for _ in of] == [of[2], of[1], of[0]]


def test_prompts_that_the_writing_room_leaves_out_are_passed_over(cast: Cast, session: Session) -> None:
    done, fresh = approved(session, cast, slots=2), approved(session, cast, "And at night?")
    writer = cast.author.actor
    factories.stored(session, Assignment(project_id=cast.project.id, writer_id=writer.user_id, prompt_id=done.id))

    def mine(person: ColumnElement[int]) -> Select[Any]:
        return select(Assignment.id).where(Assignment.writer_id == person, Assignment.prompt_id == Slot.prompt_id)

    slot = slots.claim_next(session, writer, cast.project, leave_out=mine)
    assert slot
    assert slot.prompt_id == fresh.id


def test_slots_of_other_projects_and_proposed_prompts_are_never_claimed(cast: Cast, session: Session) -> None:
    outsider = cast.outsider.user
    assert outsider
    factories.prompt(session, cast.project, outsider)
    factories.prompt(session, cast.other_project, outsider, status=PromptStatus.APPROVED)
    assert slots.claim_next(session, cast.author.actor, cast.project) is None


def test_a_lapsed_lease_goes_to_the_next_writer(cast: Cast, session: Session) -> None:
    approved(session, cast)
    slot = claimed(session, cast, cast.author)
    assert slots.claim_next(session, cast.second_author.actor, cast.project) is None
    run_out(session)
    assert claimed(session, cast, cast.second_author).id == slot.id
    assert not slots.renew(session, slot.id, cast.author.actor.user_id, 60)


def test_a_lapsed_lease_that_nobody_took_is_renewed(cast: Cast, session: Session) -> None:  # R24
    approved(session, cast)
    slot = claimed(session, cast, cast.author)
    run_out(session)
    assert slots.renew(session, slot.id, cast.author.actor.user_id, 60)
    assert slots.claim_next(session, cast.second_author.actor, cast.project) is None


def test_a_slot_given_back_is_free_at_once(cast: Cast, session: Session) -> None:
    approved(session, cast)
    slot = claimed(session, cast, cast.author)
    assert not slots.give_back(session, slot.id, cast.second_author.actor.user_id)
    assert slots.give_back(session, slot.id, cast.author.actor.user_id)
    assert claimed(session, cast, cast.second_author).id == slot.id


def test_a_late_writer_finds_another_open_slot_of_the_prompt(cast: Cast, session: Session) -> None:  # R24
    prompt = approved(session, cast, slots=2)
    first = claimed(session, cast, cast.author)
    run_out(session)
    assert claimed(session, cast, cast.second_author).id == first.id
    found = slots.claim_of(session, cast.author.actor, prompt.id, 60)
    assert found
    assert found.id != first.id


def test_claiming_a_prompt_that_one_holds_gives_the_same_slot(cast: Cast, session: Session) -> None:
    prompt = approved(session, cast, slots=2)
    slot = claimed(session, cast, cast.author)
    run_out(session)
    again = slots.claim_of(session, cast.author.actor, prompt.id, 60)
    assert again
    assert again.id == slot.id


def test_no_slot_is_left_when_all_are_filled(cast: Cast, session: Session) -> None:
    prompt = approved(session, cast)
    slot = claimed(session, cast, cast.author)
    factories.fill_slot(session, slot.id, cast.author.actor.user_id)
    assert slots.claim_of(session, cast.second_author.actor, prompt.id, 60) is None


def test_a_slot_that_somebody_else_took_cannot_be_filled(cast: Cast, session: Session) -> None:
    approved(session, cast)
    slot = claimed(session, cast, cast.author)
    run_out(session)
    claimed(session, cast, cast.second_author)
    assert not factories.fill_slot(session, slot.id, cast.author.actor.user_id)


def test_a_prompt_is_complete_when_its_last_slot_is_filled_and_open_again_when_one_is_emptied(
    cast: Cast, session: Session
) -> None:
    prompt = approved(session, cast)
    assert not slots.complete_if_answered(session, prompt.id)
    slot = claimed(session, cast, cast.author)
    factories.fill_slot(session, slot.id, cast.author.actor.user_id)
    assert slots.complete_if_answered(session, prompt.id)
    slots.reopen(session, slot.id)
    session.refresh(prompt)
    assert prompt.status is PromptStatus.APPROVED
    assert claimed(session, cast, cast.second_author).id == slot.id


def test_a_pair_is_settled_once_with_the_question_as_it_was_last_asked(cast: Cast, session: Session) -> None:
    writer, reviewer = cast.author.user, cast.reviewer.actor
    assert writer
    prompt = factories.prompt(session, cast.project, writer, from_pair=True)
    asked = factories.asked("Suggest a coding assistant tool")
    slots.settle_pair(session, prompt.id, approved=True, by=reviewer.user_id, messages=asked)
    session.refresh(prompt)
    assert (prompt.status, prompt.messages) == (PromptStatus.COMPLETE, asked)
    with pytest.raises(Conflict):
        slots.settle_pair(session, prompt.id, approved=False, by=reviewer.user_id, messages=asked)
