"""A request that is repeated with its Idempotency-Key is carried out once and answered alike."""

from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.core.idempotency import FORGOTTEN, GivenAnswer
from app.writing.models import Assignment, Revision, Submission
from tests import factories
from tests.cast import Cast
from tests.writing import work

PAIR: dict[str, Any] = {
    "prompt_messages": factories.asked("Suggest a coding assistant tool"),
    "messages": factories.answered("Try out Cursor"),
}


def count(session: Session, table: type[Any]) -> int:
    """How many rows there are."""
    return session.scalar(select(func.count()).select_from(table)) or 0


def pair(cast: Cast, key: str, **change: Any) -> Any:
    """Hand in a pair under a key."""
    address = f"/api/v1/projects/{cast.project.id}/pairs"
    return cast.author.post(address, json=PAIR | change, headers={"Idempotency-Key": key})


def test_a_pair_that_is_sent_again_is_one_submission_with_one_answer(cast: Cast, session: Session) -> None:
    # R2
    first, second = pair(cast, "k1"), pair(cast, "k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert (count(session, Submission), count(session, Revision)) == (1, 1)


def test_another_key_is_another_pair(cast: Cast, session: Session) -> None:
    pair(cast, "k1")
    pair(cast, "k2")
    assert count(session, Submission) == 2


def test_a_key_that_was_used_for_something_else_is_refused(cast: Cast, session: Session) -> None:
    pair(cast, "k1")
    other = pair(cast, "k1", messages=factories.answered("Something else"))
    assert (other.status_code, other.json()["type"]) == (422, "/errors/core.key_reused")
    assert count(session, Submission) == 1


def test_a_key_belongs_to_one_person(cast: Cast, session: Session) -> None:
    pair(cast, "k1")
    address = f"/api/v1/projects/{cast.project.id}/pairs"
    theirs = cast.second_author.post(address, json=PAIR, headers={"Idempotency-Key": "k1"})
    assert theirs.json()["author_id"] == work.me(cast.second_author)
    assert count(session, Submission) == 2


def test_a_refusal_is_not_kept_so_the_mended_request_may_use_its_key(cast: Cast, session: Session) -> None:
    address = f"/api/v1/projects/{cast.project.id}/assignments"
    key = {"Idempotency-Key": "k1"}
    assert cast.author.post(address, headers=key).status_code == 409
    assert count(session, GivenAnswer) == 0
    work.ask(session, cast)
    first, second = (cast.author.post(address, headers=key) for _ in range(2))
    assert (first.status_code, first.content) == (201, second.content)
    assert count(session, Assignment) == 1


def test_handing_in_again_under_the_key_hears_the_first_answer(cast: Cast, session: Session, taken: int) -> None:
    # R2
    work.save(cast.author, taken, "Because")
    key = {"Idempotency-Key": "k1"}
    first, second = (work.hand_in(cast.author, taken, 1, **key) for _ in range(2))
    assert first.content == second.content
    assert count(session, Revision) == 1


@pytest.mark.parametrize("key", [b"", b"a b", b"x" * 201, "k\u00e9".encode()])
def test_what_is_no_key_is_refused(cast: Cast, session: Session, key: bytes) -> None:
    address = f"/api/v1/projects/{cast.project.id}/pairs"
    answer = cast.author.post(address, json=PAIR, headers={b"Idempotency-Key": key})
    assert answer.status_code == 422
    assert count(session, Submission) == 0


def test_a_call_that_answers_nothing_is_carried_out_once_too(cast: Cast, session: Session, taken: int) -> None:
    key = {"Idempotency-Key": "k1"}
    skip = f"/api/v1/assignments/{taken}/skip"
    reason = {"reason": "unclear"}
    first, second = (cast.author.post(skip, json=reason, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (204, 204)
    assert second.content == b""
    assert cast.author.post(skip, json=reason).status_code == 409  # without the key it would come too late


def test_an_answer_that_is_given_again_has_the_mark_of_the_first(cast: Cast) -> None:
    archive = f"/api/v1/projects/{cast.project.id}/archive"
    first, second = (cast.admin.post(archive, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.headers["ETag"] == second.headers["ETag"]


def test_an_answer_that_was_emptied_is_told_to_be_so_and_nothing_is_done_again(cast: Cast, session: Session) -> None:
    pair(cast, "k1")
    session.execute(update(GivenAnswer).values(status=FORGOTTEN, body=""))
    session.commit()
    assert pair(cast, "k1").json()["type"] == "/errors/core.answer_forgotten"
    assert count(session, Submission) == 1
