"""After handing in, the next of what the writer was at is on their screen, in the same request."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.projects.models import Category, Project
from app.prompts.models import Prompt, Slot
from app.writing.models import Submission
from tests.cast import Cast
from tests.writing import work


def hand_in(cast: Cast, assignment_id: int, **form: str) -> str:
    """Press "Hand in" with an answer in the sheet: where the browser is led."""
    answer = work.post(cast.author, f"/write/{assignment_id}", response="Because.", revision=0, **form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_handing_in_leads_to_the_next_prompt_which_is_held_for_the_writer(
    cast: Cast, session: Session, taken: int
) -> None:
    work.ask(session, cast, "And the sea?")
    page = cast.author.get(hand_in(cast, taken, another="true")).text
    assert "And the sea?" in page
    assert "Handed in." in page
    held = session.scalars(select(Slot).where(Slot.lease_holder_id == work.me(cast.author))).all()
    assert len(held) == 1


def test_the_notice_leads_to_what_was_handed_in_and_to_taking_it_back(cast: Cast, session: Session, taken: int) -> None:
    work.ask(session, cast, "And the sea?")
    page = cast.author.get(hand_in(cast, taken, another="true")).text
    submission = session.scalars(select(Submission)).one()
    assert f'href="/submissions/{submission.id}"' in page
    assert f'href="/submissions/{submission.id}#withdraw"' in page
    assert 'id="withdraw"' in cast.author.get(f"/submissions/{submission.id}").text


def test_a_writer_may_stop_after_this_one(cast: Cast, session: Session, taken: int) -> None:
    work.ask(session, cast, "And the sea?")
    assert hand_in(cast, taken).startswith(f"/projects/{cast.project.id}/write?handed_in=")
    assert session.scalars(select(Slot).where(Slot.lease_holder_id.is_not(None))).all() == []


def test_where_nothing_more_is_open_the_page_says_so_and_what_else_can_be_done(cast: Cast, taken: int) -> None:
    page = cast.author.get(hand_in(cast, taken, another="true")).text
    assert "Handed in." in page
    assert "Nothing more is open for you here" in page
    assert all(way in page for way in ("Write a pair", "Propose a prompt", "Other projects"))


def test_who_took_prompts_of_one_category_goes_on_in_it(cast: Cast, session: Session, asked: Prompt) -> None:
    plan = session.scalars(
        select(Category).where(Category.project_id == cast.project.id, Category.name == "Plan")
    ).one()
    for content in ("Plan a day in the rain", "Plan a birthday"):
        work.ask(session, cast, content, category_id=plan.id)
    answer = work.post(cast.author, f"/projects/{cast.project.id}/write/next", category_id=plan.id)
    first = answer.headers["location"]
    assert f'name="of" value="{plan.id}"' in cast.author.get(first).text
    second = hand_in(cast, int(first.split("/")[2].split("?")[0]), another="true", of=str(plan.id))
    assert "Plan a birthday" in cast.author.get(second).text
    assert f"of={plan.id}" in second


def test_what_refuses_another_one_never_refuses_what_is_handed_in(cast: Cast, session: Session, taken: int) -> None:
    work.ask(session, cast, "And the sea?")
    session.get_one(Project, cast.project.id).qualification = 1
    session.commit()
    page = cast.author.get(hand_in(cast, taken, another="true")).text
    assert "Handed in." in page
    assert "0 of 1 approved" in page
    assert len(session.scalars(select(Submission)).all()) == 1


def test_the_json_door_hands_in_and_takes_the_next_in_one_request(cast: Cast, session: Session, taken: int) -> None:
    work.ask(session, cast, "And the sea?")
    work.save(cast.author, taken, "Because.")
    address = f"/api/v1/assignments/{taken}/hand-in"
    first = cast.author.api("POST", address, draft_revision=1, next=True)
    assert first.status_code == 201
    assert first.json()["next"]["prompt_messages"][-1]["content"] == "And the sea?"
    again = cast.author.api("POST", address, draft_revision=1, next=True)
    assert again.json()["next"]["id"] == first.json()["next"]["id"]


def test_the_json_door_gives_what_was_begun_and_left_empty_before_anything_new(
    cast: Cast, session: Session, taken: int
) -> None:
    for content in ("And the sea?", "And the moon?"):
        work.ask(session, cast, content)
    work.save(cast.author, taken, "Because.")
    begun = work.take(cast.author, cast)
    answer = cast.author.api("POST", f"/api/v1/assignments/{taken}/hand-in", draft_revision=1, next=True)
    assert answer.json()["next"]["id"] == begun


def test_the_json_door_takes_nothing_unless_asked_to_and_says_when_nothing_is_open(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, "Because.")
    address = f"/api/v1/assignments/{taken}/hand-in"
    assert cast.author.api("POST", address, draft_revision=1).json()["next"] is None
    assert cast.author.api("POST", address, draft_revision=1, next=True).json()["next"] is None


def test_the_notice_tells_nobody_of_what_others_handed_in(cast: Cast, session: Session, taken: int) -> None:
    # S45
    hand_in(cast, taken)
    submission = session.scalars(select(Submission)).one()
    page = cast.second_author.get(f"/projects/{cast.project.id}/write?handed_in={submission.id}").text
    assert "Handed in." not in page
    assert "Why is the sky blue?" not in page
