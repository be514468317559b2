"""The JSON door lists what a reader may see, page by page."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import ApiToken
from app.core.tokens import new_token, token_hash
from tests.cast import Cast, Client
from tests.writing import work


def token(session: Session, owner: Client, *scopes: str) -> dict[str, str]:
    """The header of a token of this person's."""
    secret = new_token("pen_")
    day = datetime.now(UTC) + timedelta(days=1)
    row = ApiToken(user_id=work.me(owner), name="Test", prefix=secret[:8], token_hash=token_hash(secret))
    row.scopes, row.expires_at = list(scopes), day
    session.add(row)
    session.commit()
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def three(cast: Cast, session: Session) -> list[int]:
    """Two submissions of Ann's and one of Ben's, oldest first."""
    made = []
    for number, writer in enumerate((cast.author, cast.author, cast.second_author)):
        work.ask(session, cast, f"Question {number}")
        made.append(int(work.written(writer, cast, f"Answer {number}")["id"]))
    return made


def ids(client: Client, query: str = "") -> list[int]:
    """The submissions that a list shows."""
    return [line["id"] for line in client.get(f"/api/v1/submissions{query}").json()["submissions"]]


def test_a_writer_sees_their_own_and_a_reviewer_all_newest_first(cast: Cast, three: list[int]) -> None:
    assert ids(cast.author) == [three[1], three[0]]
    assert ids(cast.reviewer) == three[::-1]


def test_the_list_is_filtered_by_state_and_project(cast: Cast, three: list[int]) -> None:
    cast.author.api("POST", f"/api/v1/submissions/{three[0]}/withdraw")
    assert ids(cast.reviewer, "?status=withdrawn") == [three[0]]
    assert ids(cast.reviewer, f"?status=submitted&project_id={cast.project.id}") == [three[2], three[1]]


@pytest.mark.parametrize("query", ["?status=__class__", "?status=", "?order=author.password_hash", "?project_id=0"])
def test_a_filter_that_is_none_is_refused(cast: Cast, query: str) -> None:
    # S56
    assert cast.reviewer.get(f"/api/v1/submissions{query}").status_code == 422


def test_a_cursor_is_good_for_its_own_list_person_and_filter(cast: Cast, session: Session) -> None:
    # I18
    for number in range(21):
        work.ask(session, cast, f"Question {number}")
        work.written(cast.author, cast, "Answer")
    page = cast.author.get("/api/v1/submissions").json()
    cursor = page["next_cursor"]
    assert len(page["submissions"]) == 20
    assert len(ids(cast.author, f"?cursor={cursor}")) == 1
    assert cast.reviewer.get(f"/api/v1/submissions?cursor={cursor}").status_code == 422
    assert cast.author.get(f"/api/v1/submissions?status=submitted&cursor={cursor}").status_code == 422
    assert cast.author.get(f"/my/submissions?cursor={cursor}").status_code == 422


def test_a_token_with_the_scope_reads_submissions_and_no_token_reads_a_draft(
    cast: Cast, session: Session, three: list[int]
) -> None:
    # S59
    reads, other = token(session, cast.author, "submissions:read"), token(session, cast.author, "prompts:read")
    visitor = cast.visitor
    assert visitor.get(f"/api/v1/submissions/{three[0]}", headers=reads).status_code == 200
    assert visitor.get("/api/v1/submissions", headers=other).status_code == 403
    draft = f"/api/v1/assignments/{three[0]}/draft"
    assert visitor.get(draft, headers=reads).status_code == 403
    withdraw = f"/api/v1/submissions/{three[0]}/withdraw"
    assert visitor.post(withdraw, headers=reads).status_code == 403
