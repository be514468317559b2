"""What a person wrote comes back byte for byte, and what cannot be kept is refused with its place."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.text import is_blank
from app.projects.models import Project
from app.writing.models import Draft, Submission
from tests import factories
from tests.cast import Cast
from tests.hostile import Hostile, rows
from tests.writing import work

KEPT = rows("text", "query", stored=True)
REFUSED = [row for row in rows("text", stored=False) if row.kind != "blank-invisible"]


def put(cast: Cast, assignment_id: int, text: str, revision: int) -> tuple[int, dict[str, object]]:
    """Save as a program does, with every character written as \\uXXXX, so that halves of pairs travel too."""
    body = {"messages": work.turns(text), "prompt": None, "revision": revision, "user_id": work.me(cast.author)}
    answer = cast.author.put(
        f"/api/v1/assignments/{assignment_id}/draft",
        content=json.dumps(body, ensure_ascii=True),
        headers={"Content-Type": "application/json"},
    )
    return answer.status_code, answer.json()


def conversations(texts: list[Hostile]) -> Iterator[list[Hostile]]:
    """The rows as turns of as few responses as hold them: an odd number each, and 100,000 code points at most."""
    waiting = list(texts)
    while waiting:
        together = [waiting.pop()]
        while len(waiting) > 1 and len(together) < 99:
            longer = sum(len(row.text) for row in (*together, *waiting[-2:]))
            if longer > 100_000:
                break
            together += [waiting.pop(), waiting.pop()]
        yield together


def test_every_text_is_saved_and_read_back_byte_for_byte(cast: Cast, taken: int) -> None:
    # I1
    for revision, together in enumerate(conversations(KEPT)):
        assert work.save(cast.author, taken, *(row.text for row in together), revision=revision).status_code == 200
        turns = work.stored(cast.author, taken)["messages"]
        for row, turn in zip(together, turns, strict=True):
            assert turn["content"].encode() == row.raw, row.id


def test_every_text_is_handed_in_and_read_back_byte_for_byte(cast: Cast, session: Session) -> None:
    # I1
    session.execute(update(Project).values(max_characters=100_000))
    session.commit()
    for together in conversations(KEPT):
        pair = {
            "prompt_messages": factories.asked(together[0].text),
            "messages": work.turns(*(row.text for row in together)),
        }
        made = cast.author.api("POST", f"/api/v1/projects/{cast.project.id}/pairs", **pair)
        assert made.status_code == 201, together[0].id
        [revision] = cast.reviewer.get(f"/api/v1/submissions/{made.json()['id']}").json()["revisions"]
        assert revision["prompt_messages"][0]["content"].encode() == together[0].raw, together[0].id
        for row, turn in zip(together, revision["messages"], strict=True):
            assert turn["content"].encode() == row.raw, row.id


def test_every_text_that_cannot_be_kept_is_refused_with_its_place_and_nothing_is_stored(
    cast: Cast, session: Session, taken: int
) -> None:
    # I3
    for row in REFUSED:
        status, problem = put(cast, taken, row.text, 0)
        assert status == row.status, row.id
        assert [error["pointer"] for error in problem["errors"]] == ["/messages/0/content"], row.id  # type: ignore[attr-defined]
    assert session.scalars(select(Draft.revision)).one() == 0


@pytest.mark.parametrize("row", rows("text", kind="blank-invisible"), ids=lambda row: row.id)
def test_a_text_in_which_nothing_can_be_seen_is_a_draft_and_no_submission(
    cast: Cast, session: Session, taken: int, row: Hostile
) -> None:
    # I10
    status, _ = put(cast, taken, row.text, 0)
    assert status == 200
    answer = work.hand_in(cast.author, taken, 1)
    assert answer.status_code == (422 if is_blank(row.text) else 201)
    assert answer.status_code == (201 if row.stored else row.status)
    assert len(session.scalars(select(Submission)).all()) == (1 if row.stored else 0)


def test_a_hundred_thousand_code_points_are_kept_and_one_more_is_refused(cast: Cast, taken: int) -> None:
    # I12
    assert put(cast, taken, "🙂" * 100_000, 0)[0] == 200
    status, problem = put(cast, taken, "🙂" * 100_001, 1)
    assert status == 422
    assert problem["errors"] == [
        {"pointer": "/messages/0/content", "detail": "has 100001 characters; the limit is 100000"}
    ]
    assert work.stored(cast.author, taken)["messages"] == work.turns("🙂" * 100_000)
