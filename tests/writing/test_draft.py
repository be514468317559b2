"""A draft is saved as its writer types, and never over what was saved elsewhere."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.projects.models import Category
from app.prompts.models import Prompt, Slot
from app.writing.models import Assignment, Draft, SubmissionStatus
from app.writing.service import record_decision
from tests.cast import Cast
from tests.writing import work


def test_a_save_is_answered_with_the_new_revision(cast: Cast, taken: int) -> None:
    answer = work.save(cast.author, taken, "Because air scatters")
    assert answer.status_code == 200
    assert answer.json()["revision"] == 1
    assert work.stored(cast.author, taken)["messages"] == work.turns("Because air scatters")


def test_a_draft_may_be_blank(cast: Cast, taken: int) -> None:
    # I10
    assert work.save(cast.author, taken, " \n\u200b").status_code == 200
    assert work.stored(cast.author, taken)["messages"] == work.turns(" \n\u200b")


def test_no_category_at_all_changes_nothing_of_a_prompt_that_has_one(cast: Cast, session: Session) -> None:
    plan = session.scalars(select(Category.id).where(Category.project_id == cast.project.id)).first()
    work.ask(session, cast, "Plan a day in the rain", category_id=plan)
    taken = work.take(cast.author, cast)
    assert work.save(cast.author, taken, "Stay in bed", category_id=None).status_code == 200
    assert work.stored(cast.author, taken)["messages"] == work.turns("Stay in bed")
    assert session.scalars(select(Assignment.category_id).where(Assignment.id == taken)).one() == plan


def test_where_the_writer_was_is_kept_with_the_text_and_makes_no_conflict(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, "Because 🍞 air", caret=9)
    assert work.stored(cast.author, taken)["caret"] == 9
    assert 'data-caret="9"' in cast.author.get(f"/write/{taken}").text
    assert work.save(cast.author, taken, "Because 🍞 air", revision=1, caret=3).status_code == 200


def test_a_draft_from_an_older_tab_is_not_overwritten(cast: Cast, taken: int) -> None:
    # R20
    work.save(cast.author, taken, "From the new tab")
    late = work.save(cast.author, taken, "From the old tab", revision=0)
    problem = late.json()
    assert (late.status_code, problem["type"]) == (409, "/errors/writing.draft_changed")
    assert problem["current"]["messages"] == work.turns("From the new tab")
    assert (problem["current"]["revision"], problem["current"]["prompt"]) == (1, None)
    beginning, end = ["equal", "From the"], ["equal", " tab"]
    assert problem["compared"] == [
        {
            "role": "assistant",
            "here": [beginning, ["insert", " old"], end],
            "there": [beginning, ["delete", " new"], end],
        }
    ]
    assert problem["current"]["saved_at"] == work.stored(cast.author, taken)["saved_at"].replace("Z", "+00:00")
    assert work.stored(cast.author, taken)["messages"] == work.turns("From the new tab")


def test_the_older_tab_goes_on_from_what_it_was_shown(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, "From the new tab")
    current = work.save(cast.author, taken, "From the old tab", revision=0).json()["current"]
    assert work.save(cast.author, taken, "Both", revision=current["revision"]).json()["revision"] == 2


def lease(session: Session) -> Slot:
    """The one slot, as it is stored."""
    session.expire_all()
    return session.scalars(select(Slot)).one()


def run_out(session: Session) -> None:
    """Let the writer's time run out."""
    session.execute(update(Slot).values(lease_expires_at=func.now() - func.make_interval(0, 0, 0, 1)))
    session.commit()


def test_a_lease_that_ran_out_is_renewed_by_saving(cast: Cast, session: Session, taken: int) -> None:
    # R24
    run_out(session)
    assert work.save(cast.author, taken, "Slow but sure").status_code == 200
    slot = lease(session)
    assert slot.lease_holder_id == work.me(cast.author)
    assert session.scalar(select(Slot.lease_expires_at > func.now()))


def test_a_save_tells_until_when_the_place_is_held_and_when_somebody_else_has_it(
    cast: Cast, session: Session, taken: int
) -> None:
    # R24
    saved = work.save(cast.author, taken, "Mine").json()
    until = lease(session).lease_expires_at
    assert until is not None
    assert (saved["held"], datetime.fromisoformat(saved["lease_expires_at"])) == (True, until)
    run_out(session)
    assert 'data-lease="-' in cast.author.get(f"/write/{taken}").text
    work.take(cast.second_author, cast)
    lost = work.save(cast.author, taken, "Mine, longer", revision=1).json()
    assert (lost["held"], lost["lease_expires_at"]) == (False, None)
    assert "You no longer have your place in this prompt." in cast.author.get(f"/write/{taken}").text


def test_mending_takes_no_second_place_of_the_prompt_and_loses_none(cast: Cast, session: Session) -> None:
    work.ask(session, cast, slots=2)
    mine = work.take(cast.author, cast)
    work.save(cast.author, mine, "Mine")
    submission = work.hand_in(cast.author, mine, 1).json()["id"]
    changes, by = SubmissionStatus.CHANGES_REQUESTED, work.me(cast.reviewer)
    record_decision(session, submission, revision=1, status=changes, decided_by=by)
    session.commit()
    saved = work.save(cast.author, mine, "Mended", revision=1).json()
    assert (saved["held"], saved["lease_expires_at"]) == (True, None)
    assert "data-lease=" not in cast.author.get(f"/write/{mine}").text
    session.expire_all()
    assert session.scalars(select(Slot).where(Slot.lease_holder_id.is_not(None))).all() == []


def test_a_text_whose_place_was_taken_stays_a_draft_and_can_be_handed_in_while_a_slot_is_open(
    cast: Cast, session: Session
) -> None:
    # R24
    work.ask(session, cast, slots=2)
    mine = work.take(cast.author, cast)
    work.save(cast.author, mine, "Mine")
    session.execute(update(Slot).values(lease_holder_id=None, lease_expires_at=None))
    session.commit()
    other = work.take(cast.second_author, cast)
    work.save(cast.second_author, other, "Theirs")
    assert work.hand_in(cast.author, mine, 1).status_code == 201
    assert work.hand_in(cast.second_author, other, 1).status_code == 201
    assert len(session.scalars(select(Slot).where(Slot.filled_at.is_not(None))).all()) == 2


def test_a_text_for_which_no_slot_is_left_is_kept_and_never_goes_over_the_quota(
    cast: Cast, session: Session, taken: int
) -> None:
    # R24
    work.save(cast.author, taken, "Mine")
    run_out(session)
    other = work.take(cast.second_author, cast)
    assert work.save(cast.author, taken, "Mine, longer", revision=1).status_code == 200
    work.save(cast.second_author, other, "Theirs")
    assert work.hand_in(cast.second_author, other, 1).status_code == 201
    refused = work.hand_in(cast.author, taken, 2)
    assert (refused.status_code, refused.json()["type"]) == (409, "/errors/writing.no_slot")
    assert work.stored(cast.author, taken)["messages"] == work.turns("Mine, longer")
    assert "Mine, longer" in cast.author.get(f"/write/{taken}").text


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"messages": []}, "/messages"),
        ({"messages": [{"role": "user", "content": "?"}]}, "/messages/0/role"),
        ({"messages": work.turns("a", "b")}, "/messages"),
        ({"messages": [{"role": "assistant", "content": "a", "name": "x"}]}, "/messages/0/name"),
        ({"messages": [{"role": "assistant", "content": ["a"]}]}, "/messages/0/content"),
        ({"messages": [{"role": "system", "content": "a"}]}, "/messages/0/role"),
        ({"messages": work.turns(*["a"] * 101)}, "/messages"),
        ({"revision": "0"}, "/revision"),
        ({"revision": -1}, "/revision"),
        ({"prompt": "Mine"}, "/prompt"),
        ({"status": "handed_in"}, "/status"),
        ({"writer_id": 1}, "/writer_id"),
        ({"saved_at": "2026-01-01T00:00:00Z"}, "/saved_at"),
    ],
)
def test_what_is_no_draft_is_refused_with_its_place(
    cast: Cast, session: Session, taken: int, body: dict[str, Any], pointer: str
) -> None:
    # S49
    given = {"messages": work.turns("a"), "prompt": None, "revision": 0, "user_id": work.me(cast.author)} | body
    answer = cast.author.api("PUT", f"/api/v1/assignments/{taken}/draft", **given)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert session.scalars(select(Draft)).one().revision == 0


def test_the_page_of_another_person_saves_nothing(cast: Cast, taken: int) -> None:
    # S26
    answer = work.save(cast.author, taken, "Whose?", user_id=work.me(cast.second_author))
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors/accounts.another_person")
    assert "You are now signed in as Ann Author" in answer.json()["detail"]
    assert work.stored(cast.author, taken)["revision"] == 0


def test_what_was_handed_in_takes_no_more_saves(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, "Done")
    work.hand_in(cast.author, taken, 1)
    late = work.save(cast.author, taken, "One more thing", revision=1)
    assert (late.status_code, late.json()["type"]) == (409, "/errors/writing.already_handed_in")


def test_without_a_sign_in_a_save_says_so(cast: Cast, taken: int) -> None:
    answer = cast.visitor.put(f"/api/v1/assignments/{taken}/draft", json={"messages": [], "revision": 0})
    assert answer.status_code == 401


def test_a_conversation_of_several_turns_is_kept(cast: Cast, asked: Prompt, taken: int) -> None:
    several = ("Rayleigh scattering.", "And at sunset?", "More air in between.")
    work.save(cast.author, taken, *several)
    assert work.stored(cast.author, taken)["messages"] == work.turns(*several)
