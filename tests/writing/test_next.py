"""A writer asks for work and gets the next prompt, once, and never one that they have seen."""

from typing import Any

from sqlalchemy import event, inspect, select, update
from sqlalchemy.orm import Session

from app.projects.models import Category, Project
from app.prompts.models import Prompt, PromptTurn, Slot
from app.writing import assignments
from app.writing.models import Assignment, Draft
from tests.cast import Cast
from tests.writing import work


def test_the_writer_is_led_to_the_prompt(cast: Cast, asked: Prompt) -> None:
    answer = work.post(cast.author, f"/projects/{cast.project.id}/write/next")
    assert answer.status_code == 303
    assert "Why is the sky blue?" in cast.author.get(answer.headers["location"]).text


def test_a_second_click_gives_the_same_prompt_not_a_second_one(cast: Cast, session: Session, asked: Prompt) -> None:
    work.ask(session, cast, "And the sea?")
    first, second = (work.post(cast.author, f"/projects/{cast.project.id}/write/next") for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert len(session.scalars(select(Slot).where(Slot.lease_holder_id == work.me(cast.author))).all()) == 1


def test_once_something_is_written_the_next_prompt_is_another(cast: Cast, session: Session, taken: int) -> None:
    work.ask(session, cast, "And the sea?")
    work.save(cast.author, taken, "Because")
    assert work.take(cast.author, cast) != taken


def test_two_writers_never_hold_one_slot(cast: Cast, taken: int) -> None:
    answer = work.post(cast.second_author, f"/projects/{cast.project.id}/write/next")
    assert "Nothing is open for you" in cast.second_author.get(answer.headers["location"]).text


def test_nobody_is_asked_their_own_prompt(cast: Cast, asked: Prompt) -> None:
    answer = cast.admin.api("POST", f"/api/v1/projects/{cast.project.id}/assignments")
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors/writing.nothing_open")


def test_a_prompt_is_offered_once_to_a_writer_handed_in_or_skipped(cast: Cast, session: Session) -> None:
    work.ask(session, cast, "One", slots=3)
    work.ask(session, cast, "Two", slots=3)
    work.written(cast.author, cast, "An answer")
    cast.author.api("POST", f"/api/v1/assignments/{work.take(cast.author, cast)}/skip", reason="Too hard")
    assert cast.author.api("POST", f"/api/v1/projects/{cast.project.id}/assignments").status_code == 409


def test_a_writer_may_ask_for_one_category(cast: Cast, session: Session, asked: Prompt) -> None:
    plan = session.scalars(
        select(Category).where(Category.project_id == cast.project.id, Category.name == "Plan")
    ).one()
    planned = work.ask(session, cast, "Plan a day in the rain", category_id=plan.id)
    answer = work.post(cast.author, f"/projects/{cast.project.id}/write/next", category_id=plan.id)
    assert "Plan a day in the rain" in cast.author.get(answer.headers["location"]).text
    assert planned.category_id == plan.id


def test_a_prompt_that_waits_for_approval_is_offered_to_nobody(cast: Cast, session: Session) -> None:
    work.ask(session, cast, status="proposed")
    assert cast.author.api("POST", f"/api/v1/projects/{cast.project.id}/assignments").status_code == 409


def test_in_an_archived_project_nothing_is_written(cast: Cast, session: Session, asked: Prompt) -> None:
    session.execute(update(Project).where(Project.id == cast.project.id).values(archived_at=asked.created_at))
    session.commit()
    assert work.post(cast.author, f"/projects/{cast.project.id}/write/next").status_code == 403


def test_to_an_outsider_the_project_does_not_exist(cast: Cast, asked: Prompt) -> None:
    assert work.post(cast.outsider, f"/projects/{cast.project.id}/write/next").status_code == 404
    assert cast.outsider.api("POST", f"/api/v1/projects/{cast.project.id}/assignments").status_code == 404


def test_a_page_that_was_drawn_for_somebody_else_takes_nothing(cast: Cast, session: Session, asked: Prompt) -> None:
    # S26
    answer = cast.author.post(f"/projects/{cast.project.id}/write/next", data={"user_id": work.me(cast.second_author)})
    assert answer.status_code == 409
    assert "You are now signed in as Ann Author" in answer.text
    assert session.scalar(select(Slot.lease_holder_id).where(Slot.lease_holder_id.is_not(None))) is None


def left(session: Session, assignment: Assignment) -> list[dict[str, object]]:
    """What a request for work has written, but for numbers and times."""
    session.commit()
    session.expire_all()
    found: tuple[Any, ...] = (
        session.get_one(Assignment, assignment.id),
        session.get_one(Draft, assignment.id),
        session.get_one(Slot, assignment.slot_id),
    )
    differs = {"id", "prompt_id", "slot_id", "assignment_id", "created_at", "saved_at", "lease_expires_at"}
    return [
        {one.key: getattr(row, one.key) for one in inspect(type(row)).column_attrs if one.key not in differs}
        for row in found
    ]


def test_work_is_taken_by_three_statements_who_asks_the_lock_and_the_claim(
    cast: Cast, session: Session, asked: Prompt
) -> None:
    said: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: said.append(args[2]))
    work.take(cast.author, cast)
    assert len([one for one in said if "SAVEPOINT" not in one]) == 3, said


def test_the_quick_way_to_work_leaves_what_the_long_way_leaves(cast: Cast, session: Session) -> None:
    for content in ("One?", "Two?"):
        work.ask(session, cast, content)
    quick = assignments.take_next(session, cast.author.actor, cast.project.id)
    long = assignments.take_in_turn(session, cast.second_author.actor, cast.project.id)
    assert quick
    assert long
    first, second = left(session, quick), left(session, long)
    assert first[0].pop("writer_id") == first[2].pop("lease_holder_id") == cast.author.actor.user_id
    assert second[0].pop("writer_id") == second[2].pop("lease_holder_id") == cast.second_author.actor.user_id
    assert first == second
    expires = [session.get_one(Slot, one.slot_id).lease_expires_at for one in (quick, long)]
    begun = [one.created_at for one in (quick, long)]
    assert expires[0]
    assert expires[1]
    assert expires[0] - begun[0] == expires[1] - begun[1]


def test_where_a_project_follows_need_or_advice_it_is_not_the_oldest_that_comes(cast: Cast, session: Session) -> None:
    plan = session.scalars(
        select(Category).where(Category.project_id == cast.project.id, Category.name == "Plan")
    ).one()
    oldest, needed = work.ask(session, cast, "Old?"), work.ask(session, cast, "Needed?", category_id=plan.id)
    plan.target = 5
    session.execute(update(Project).values(follows_need=True))
    session.commit()
    taken = session.get_one(Assignment, work.take(cast.author, cast))
    assert taken.prompt_id == needed.id
    advised = work.ask(session, cast, "Advised?")
    session.add(PromptTurn(project_id=cast.project.id, prompt_id=advised.id, place=1))
    session.execute(update(Project).values(follows_need=False, follows_advice=True))
    session.commit()
    taken = session.get_one(Assignment, work.take(cast.second_author, cast))
    assert taken.prompt_id == advised.id != oldest.id
