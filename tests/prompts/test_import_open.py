"""An administrator who has decided on a whole file opens its prompts to writers as they come in."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.projects.models import Project
from app.prompts.models import Prompt, PromptStatus, Slot
from tests.cast import Cast
from tests.prompts.test_import_file import sent
from tests.prompts.test_tokens import token

FILE = b'{"id": "a", "prompt": "Why is the sky blue?", "category": "Explain"}\n{"id": "b", "prompt": "Say hello"}\n'
LINES = {"Content-Type": "application/x-ndjson"}


@pytest.fixture(autouse=True)
def _two_responses_are_wanted(cast: Cast, session: Session) -> None:
    session.get_one(Project, cast.project.id).responses_per_prompt = 2
    session.commit()


def states(session: Session) -> dict[str, tuple[str, int]]:
    """By the name of each imported prompt its state, and how many places it has."""
    places = select(func.count(Slot.id)).where(Slot.prompt_id == Prompt.id).scalar_subquery()
    found = select(Prompt.external_id, Prompt.status, places).where(Prompt.external_id.is_not(None))
    return {str(name): (str(status), many) for name, status, many in session.execute(found)}


def test_they_are_open_with_a_place_for_each_response_and_given_to_writers(cast: Cast, session: Session) -> None:
    page = sent(cast.admin, cast, FILE, open="on").text
    assert ("2 of 2 prompts came in." in page, "See what is open" in page) == (True, True)
    assert states(session) == {"a": ("approved", 2), "b": ("approved", 2)}
    row = session.scalars(select(Prompt).where(Prompt.external_id == "a")).one()
    assert cast.admin.user
    assert (row.decided_by, row.decided_at is not None) == (cast.admin.user.id, True)
    given = [who.post(f"/api/v1/projects/{cast.project.id}/assignments") for who in (cast.author, cast.second_author)]
    assert [one.status_code for one in given] == [201, 201]
    assert {one.json()["prompt_id"] for one in given} == {row.id}, "the oldest first, and it has two places"
    counts = cast.admin.get(f"/api/v1/projects/{cast.project.id}/overview").json()["counts"]
    assert (counts["open"], counts["proposed"]) == (4, 0)
    acts = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("prompts."))).all()
    assert acts == ["prompts.imported_open"]


def test_a_look_opens_nothing_and_keeps_the_tick(cast: Cast, session: Session) -> None:
    page = sent(cast.admin, cast, FILE, "preview", open="on").text
    assert "2 of 2 prompts would come in." in page
    assert states(session) == {}


def test_without_the_tick_they_wait_for_a_decision_and_what_is_here_stays_as_it_is(
    cast: Cast, session: Session
) -> None:
    sent(cast.admin, cast, FILE)
    assert states(session) == {"a": ("proposed", 0), "b": ("proposed", 0)}
    more = FILE + b'{"id": "c", "prompt": "And goodbye"}\n'
    assert "1 of 3 prompts came in." in sent(cast.admin, cast, more, open="on").text
    assert states(session) == {"a": ("proposed", 0), "b": ("proposed", 0), "c": ("approved", 2)}


def test_an_administrator_opens_them_by_the_api_and_nobody_else_does(cast: Cast, session: Session) -> None:
    address = f"/api/v1/projects/{cast.project.id}/prompts/import?opened=true"
    for who in (cast.author, cast.reviewer):
        assert who.post(address, content=FILE, headers=LINES).status_code == 403
    assert cast.admin.post(address, content=FILE, headers=LINES).json()["added"] == 2
    assert states(session) == {"a": ("approved", 2), "b": ("approved", 2)}
    assert session.scalar(select(func.count()).where(Prompt.status == PromptStatus.APPROVED)) == 2


def test_no_token_opens_them_since_none_decides(cast: Cast, session: Session) -> None:  # S59
    address = f"/api/v1/projects/{cast.project.id}/prompts/import"
    headers = token(session, cast.admin, "prompts:write") | LINES
    for more in ("?opened=true", "?opened=true&preview=true"):
        refusal = cast.visitor.post(address + more, content=FILE, headers=headers)
        assert (refusal.status_code, refusal.json()["type"]) == (403, "/errors/prompts.token_decides")
        assert "signed in" in refusal.json()["detail"]
    assert states(session) == {}
    assert cast.visitor.post(address, content=FILE, headers=headers).json()["added"] == 2
    assert states(session) == {"a": ("proposed", 0), "b": ("proposed", 0)}
