"""A draft is its writer's until it is handed in, and one writer never sees what another handed in."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Membership
from app.writing.models import Assignment, Draft, Submission
from tests.cast import Cast, Client
from tests.writing import work

SECRET = "a sentence that nobody else may read"


@pytest.fixture
def secret(cast: Cast, taken: int) -> int:
    """The author's draft with a sentence in it."""
    work.save(cast.author, taken, SECRET)
    return taken


@pytest.fixture
def submitted(cast: Cast, secret: int) -> int:
    """The same, handed in: the submission's id."""
    return int(work.hand_in(cast.author, secret, 1).json()["id"])


def others(cast: Cast) -> Iterator[Client]:
    """Everybody who is signed in but the author."""
    yield from (cast.second_author, cast.reviewer, cast.admin, cast.outsider, cast.operator)


def test_nobody_else_reads_a_draft_not_even_the_reviewer(cast: Cast, secret: int) -> None:
    # S44
    for other in others(cast):
        for address in (f"/write/{secret}", f"/write/{secret}?view=preview", f"/api/v1/assignments/{secret}/draft"):
            answer = other.get(address)
            assert answer.status_code == 404
            assert SECRET not in answer.text


def test_a_draft_of_somebody_else_and_one_that_never_was_answer_alike(cast: Cast, secret: int) -> None:
    # S44
    for address in ("/api/v1/assignments/{}/draft", "/write/{}"):
        theirs, nobodys = (cast.second_author.get(address.format(one)) for one in (secret, 999_999))
        assert theirs.status_code == nobodys.status_code == 404
        mark = theirs.headers["X-Request-Id"], nobodys.headers["X-Request-Id"]
        assert theirs.text.replace(mark[0], "") == nobodys.text.replace(mark[1], "")


def test_a_draft_stands_in_no_list_of_anybody_else(cast: Cast, secret: int) -> None:
    # S44
    for other in (cast.second_author, cast.reviewer, cast.admin):
        for address in (
            f"/projects/{cast.project.id}/write",
            f"/projects/{cast.project.id}/review",
            "/my/submissions",
            "/api/v1/submissions",
        ):
            assert SECRET not in other.get(address).text


def test_nobody_else_saves_hands_in_or_skips(cast: Cast, session: Session, secret: int) -> None:
    # S46
    for other in others(cast):
        api = f"/api/v1/assignments/{secret}"
        assert work.save(other, secret, "Theirs", revision=1).status_code == 404
        assert work.hand_in(other, secret, 1).status_code == 404
        assert other.api("POST", f"{api}/skip", reason="No").status_code == 404
        for way in ("", "/save", "/add-turn", "/drop-turn"):
            assert work.post(other, f"/write/{secret}{way}", response="Theirs", revision=1).status_code == 404
        assert work.post(other, f"/write/{secret}/skip", reason="No").status_code == 404
    session.expire_all()
    assert session.scalars(select(Draft)).one().messages == work.turns(SECRET)
    assert session.scalars(select(Assignment.status)).one() == "drafting"
    assert not session.scalars(select(Submission)).all()


def test_another_writer_never_learns_of_a_submission_on_the_same_prompt(cast: Cast, session: Session) -> None:
    # S45
    work.ask(session, cast, slots=2)
    submission = work.written(cast.author, cast, SECRET)["id"]
    before = work.take(cast.second_author, cast)
    for _ in range(2):
        assert cast.second_author.get(f"/api/v1/submissions/{submission}").status_code == 404
        assert cast.second_author.get(f"/submissions/{submission}").status_code == 404
        for address in (f"/write/{before}", f"/projects/{cast.project.id}/write", "/api/v1/submissions"):
            assert SECRET not in cast.second_author.get(address).text
        work.save(cast.second_author, before, "Mine")
        work.hand_in(cast.second_author, before, 1)
    lines = cast.second_author.get("/api/v1/submissions").json()["submissions"]
    assert [line["author_id"] for line in lines] == [work.me(cast.second_author)]


def test_nobody_else_withdraws_a_submission(cast: Cast, session: Session, submitted: int) -> None:
    # S46
    for other in (cast.second_author, cast.outsider, cast.operator):
        assert other.api("POST", f"/api/v1/submissions/{submitted}/withdraw").status_code == 404
    refused = cast.reviewer.api("POST", f"/api/v1/submissions/{submitted}/withdraw")
    assert (refused.status_code, refused.json()["type"]) == (403, "/errors/writing.not_the_author")
    session.expire_all()
    assert session.scalars(select(Submission.status)).one() == "submitted"


def test_who_has_left_the_project_reaches_none_of_it_and_the_draft_stays(
    cast: Cast, session: Session, secret: int
) -> None:
    # S51
    row = session.get(Membership, (cast.project.id, work.me(cast.author)))
    assert row
    row.left_at = row.joined_at
    session.commit()
    assert work.save(cast.author, secret, "Still mine?", revision=1).status_code == 404
    assert work.hand_in(cast.author, secret, 1).status_code == 404
    session.expire_all()
    assert session.scalars(select(Draft)).one().messages == work.turns(SECRET)


def test_a_project_of_which_somebody_is_no_member_shows_them_nothing(cast: Cast, submitted: int) -> None:
    # S52
    assert cast.outsider.get("/api/v1/submissions").json()["submissions"] == []
    wish = f"/api/v1/submissions?project_id={cast.project.id}"
    assert cast.outsider.get(wish).json() == {"submissions": [], "next_cursor": None}
