"""A reviewer sees only what one writer handed in, or what has waited for long, and the address says which."""

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Membership
from app.projects.models import Project
from tests.cast import Cast, Client
from tests.review.conftest import HandIn, decided, posted, sheet_of, took
from tests.review.desk.test_take import age, categories
from tests.writing import work


def pseudonym(session: Session, cast: Cast, who: Client) -> str:
    of = Membership.user_id == work.me(who), Membership.project_id == cast.project.id
    return session.scalars(select(Membership.pseudonym).where(*of)).one()


def page(cast: Cast, **query: Any) -> str:
    answer = cast.reviewer.get(f"/projects/{cast.project.id}/review", params=query)
    assert answer.status_code == 200
    return answer.text


def taken(cast: Cast, **query: Any) -> int | None:
    answer = cast.reviewer.post(f"/api/v1/projects/{cast.project.id}/review/next", params=query)
    found = answer.json()["submission"]
    return found and int(found["submission_id"])


def test_one_writers_responses_come_one_after_another(cast: Cast, hand_in: HandIn, session: Session) -> None:
    hand_in(cast.author, asked="Somebody else's")
    first, second = (hand_in(cast.second_author, asked=asked) for asked in ("First", "Second"))
    writer = pseudonym(session, cast, cast.second_author)
    assert f"Responses by {writer} wait for you." in page(cast, writer=writer)
    there = took(cast.reviewer, cast.project.id, writer=writer).headers["location"]
    assert f"writer={writer}" in there
    assert sheet_of(cast.reviewer, first) in cast.reviewer.get(there).text
    there = posted(cast.reviewer, first, writer=writer).headers["location"]
    assert sheet_of(cast.reviewer, second) in cast.reviewer.get(there).text
    there = posted(cast.reviewer, second, writer=writer).headers["location"]
    assert f"Nothing waits for you by {writer}" in cast.reviewer.get(there).text


def test_what_waits_for_long_is_told_from_what_is_new(cast: Cast, hand_in: HandIn, session: Session) -> None:
    old, _ = hand_in(cast.author, asked="An old one"), hand_in(cast.author, asked="A new one")
    age(session, old, days=4)
    shown = page(cast, waited=3)
    assert "Responses, handed in over 3 days ago wait for you." in shown
    assert "An old one" in shown
    assert taken(cast, waited=3) == old.id
    assert decided(cast.reviewer, old).status_code == 201
    assert "Nothing waits for you, handed in over 3 days ago" in page(cast, waited=3)
    assert taken(cast, waited=3) is None
    assert taken(cast)


def test_all_three_are_asked_for_together(cast: Cast, hand_in: HandIn, session: Session) -> None:
    explain, plan = categories(session, cast)
    wanted = hand_in(cast.author, category_id=plan)
    others = [hand_in(cast.author, category_id=explain), hand_in(cast.second_author, category_id=plan)]
    for one in (wanted, *others):
        age(session, one, days=2)
    age(session, hand_in(cast.author, category_id=plan), hours=50)
    query = {"category": plan, "writer": pseudonym(session, cast, cast.author), "waited": 1}
    assert taken(cast, **query | {"waited": 9}) is None
    got = [taken(cast, **query)]
    cast.reviewer.post(f"/api/v1/submissions/{got[0]}/skip")
    assert taken(cast, **query) == wanted.id


def test_the_fields_offer_those_whose_work_waits(cast: Cast, hand_in: HandIn, session: Session) -> None:
    hand_in(cast.author)
    hand_in(cast.reviewer)
    shown = page(cast)
    assert f'<option value="{pseudonym(session, cast, cast.author)}"' in shown
    for who in (cast.second_author, cast.reviewer):
        assert pseudonym(session, cast, who) not in shown


def test_a_form_in_which_nothing_is_chosen_asks_for_all(cast: Cast, hand_in: HandIn) -> None:
    hand_in(cast.author)
    assert "One response waits for you." in page(cast, category="", writer="", waited="")


def test_the_desk_leads_to_others_of_its_writer_and_keeps_the_rest(
    cast: Cast, hand_in: HandIn, session: Session
) -> None:
    one = hand_in(cast.author)
    age(session, one, days=2)
    there = took(cast.reviewer, cast.project.id, waited=1).headers["location"]
    desk = cast.reviewer.get(there).text
    assert f"?writer={pseudonym(session, cast, cast.author)}&amp;waited=1" in desk


def test_where_some_decisions_are_known_neither_writer_nor_time_can_be_chosen(
    cast: Cast, hand_in: HandIn, session: Session
) -> None:
    hand_in(cast.author)
    session.execute(update(Project).values(gold_every=5))
    session.commit()
    writer = pseudonym(session, cast, cast.second_author)
    shown = page(cast, writer=writer, waited=30)
    assert "One response waits for you." in shown
    assert 'name="writer"' not in shown


@pytest.mark.parametrize("wrong", [{"waited": 0}, {"waited": "x"}, {"writer": "a" * 101}, {"writer": "a\x00"}])
def test_what_is_no_writer_and_no_number_of_days_is_refused(cast: Cast, wrong: dict[str, Any]) -> None:
    assert cast.reviewer.get(f"/projects/{cast.project.id}/review", params=wrong).status_code == 422
    assert cast.reviewer.post(f"/api/v1/projects/{cast.project.id}/review/next", params=wrong).status_code == 422


def test_the_list_of_submissions_can_be_of_one_writer(cast: Cast, hand_in: HandIn, session: Session) -> None:
    one = hand_in(cast.author)
    hand_in(cast.second_author)
    query: dict[str, Any] = {"project_id": cast.project.id, "writer": pseudonym(session, cast, cast.author)}
    listed = cast.reviewer.get("/api/v1/submissions", params=query).json()["submissions"]
    assert [each["id"] for each in listed] == [one.id]
    assert cast.second_author.get("/api/v1/submissions", params=query).json()["submissions"] == []
