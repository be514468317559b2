"""What looks like personal data is shown to the writer before it is handed in, though they hand it in at once."""

import re

import pytest
from sqlalchemy.orm import Session

from app.projects.models import HintName
from app.writing.models import SubmissionStatus
from app.writing.service import record_decision
from tests.cast import Cast
from tests.writing import work

MAIL = "Ask ann@firm.org."
SHOWN = "There seems to be an e-mail address in the text."
AGAIN = "Hand in as it is"


def sent(cast: Cast, taken: int, text: str = MAIL, **form: object) -> tuple[int, str]:
    """Press Ctrl+Enter right after the last key: the status, and the page or where it leads."""
    answer = work.post(cast.author, f"/write/{taken}", response=text, **{"revision": 0} | form)
    return answer.status_code, answer.headers.get("location") or answer.text


def told(page: str) -> str:
    """What the page sends along as said."""
    found = re.search(r'name="told" value="([^"]*)"', page)
    return found[1] if found else ""


def test_personal_data_is_shown_before_it_is_handed_in_and_the_draft_is_kept(cast: Cast, taken: int) -> None:
    status, page = sent(cast, taken)
    assert status == 422
    assert (SHOWN in page, AGAIN in page, "Your draft is kept." in page) == (True, True, True)
    assert work.stored(cast.author, taken)["messages"] == work.turns(MAIL)
    assert cast.author.get("/api/v1/submissions").json()["submissions"] == []


def test_the_second_time_it_is_handed_in(cast: Cast, taken: int) -> None:
    page = sent(cast, taken)[1]
    assert sent(cast, taken, revision=1, told=told(page))[0] == 303


def test_a_text_that_was_handed_in_already_leads_on_though_its_older_page_was_not_told(cast: Cast, taken: int) -> None:
    page = sent(cast, taken)[1]
    first = sent(cast, taken, revision=1, told=told(page))
    assert sent(cast, taken, revision=1) == first


def test_who_was_told_while_they_typed_is_not_asked_again(cast: Cast, taken: int) -> None:
    typing = work.post(cast.author, f"/write/{taken}/hints", response=MAIL, revision=0).text
    assert sent(cast, taken, f"{MAIL} They know.", told=told(typing))[0] == 303


def test_another_address_than_the_one_that_was_shown_is_shown_too(cast: Cast, taken: int) -> None:
    assert sent(cast, taken, f"{MAIL} Or bob@firm.org.", told="ann@firm.org")[0] == 422


def test_each_turn_of_a_conversation_is_looked_at(cast: Cast, taken: int) -> None:
    text = [MAIL, "And who else?", "Ask bob@firm.org."]
    work.save(cast.author, taken, *text)
    form = {"response": text, "revision": 1}
    assert work.post(cast.author, f"/write/{taken}", **form, told="ann@firm.org").status_code == 422
    assert work.post(cast.author, f"/write/{taken}", **form, told="ann@firm.org\r\nbob@firm.org").status_code == 303


@pytest.mark.parametrize("where", ["prompt", "system"])
def test_what_a_pair_asks_and_begins_with_is_looked_at(cast: Cast, session: Session, where: str) -> None:
    cast.project.allow_system = True
    session.merge(cast.project)
    session.commit()
    made = work.post(cast.author, f"/projects/{cast.project.id}/write/pair").headers["location"]
    form = {"prompt": "Who knows?", "system": "Be brief.", where: MAIL}
    typing = work.post(cast.author, f"{made}/hints", response="They.", revision=0, **form).text
    assert told(typing) == "ann@firm.org"
    assert work.post(cast.author, made, response="They.", revision=0, **form).status_code == 422
    assert work.post(cast.author, made, response="They.", revision=1, **form, told=told(typing)).status_code == 303


def test_what_is_mended_stays_what_it_was_until_it_is_handed_in(cast: Cast, session: Session, taken: int) -> None:
    work.save(cast.author, taken, "Ask somebody.")
    submission = work.hand_in(cast.author, taken, 1).json()
    asked = SubmissionStatus.CHANGES_REQUESTED
    record_decision(session, submission["id"], revision=1, status=asked, decided_by=work.me(cast.reviewer))
    session.commit()
    status, page = sent(cast, taken, revision=1)
    assert (status, "and change it unasked" in page) == (422, False)
    assert cast.author.get(f"/api/v1/submissions/{submission['id']}").json()["status"] == "changes_requested"
    assert sent(cast, taken, revision=2, told=told(page))[0] == 303


def test_where_it_is_to_be_put_right_nobody_is_told_that_they_may_hand_it_in(
    cast: Cast, session: Session, taken: int
) -> None:
    cast.project.blocking_hints = [HintName.PERSONAL]
    session.merge(cast.project)
    session.commit()
    status, page = sent(cast, taken)
    assert (status, AGAIN in page) == (422, False)
    assert "This project asks that it be put right first." in page


def test_a_program_is_not_stopped(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, MAIL)
    assert work.hand_in(cast.author, taken, 1).status_code == 201
