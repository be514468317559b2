"""A writer takes back the skip of a moment ago, with the draft, while nobody else has the prompt."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.prompts.models import Slot
from app.writing.models import Assignment, AssignmentStatus
from tests.cast import Cast
from tests.writing import work


def skipped(cast: Cast, taken: int) -> Any:
    """The answer to a skip after a word was saved."""
    work.save(cast.author, taken, "I tried")
    return work.post(cast.author, f"/write/{taken}/skip", kind="unclear", reason="Which?")


def undo(cast: Cast, taken: int) -> Any:
    """The writer presses Undo."""
    return work.post(cast.author, f"/write/{taken}/undo-skip")


def test_the_prompt_comes_back_with_its_draft_and_the_skip_is_not_counted(
    cast: Cast, session: Session, taken: int
) -> None:
    page = cast.author.get(skipped(cast, taken).headers["location"]).text
    assert f"/write/{taken}/undo-skip" in page
    answer = undo(cast, taken)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/write/{taken}")
    row = session.scalars(select(Assignment).execution_options(populate_existing=True)).one()
    assert (row.status, row.skip_kind, row.skip_reason) == ("drafting", None, "")
    assert session.scalars(select(Slot.lease_holder_id)).one() == work.me(cast.author)
    assert work.stored(cast.author, taken)["messages"] == work.turns("I tried")
    assert session.scalars(select(AuditEntry.action).where(AuditEntry.action == "writing.skip_undone")).one()
    assert undo(cast, taken).status_code == 409, "a second click"


def test_who_took_the_prompt_meanwhile_keeps_it(cast: Cast, session: Session, taken: int) -> None:
    skipped(cast, taken)
    work.take(cast.second_author, cast)
    late = undo(cast, taken)
    assert late.status_code == 409
    assert "Somebody else took this prompt meanwhile." in late.text
    assert session.scalars(select(Slot.lease_holder_id)).one() == work.me(cast.second_author)
    assert session.scalar(select(Assignment.status).where(Assignment.id == taken)) is AssignmentStatus.SKIPPED


def test_after_ten_seconds_it_is_too_late(cast: Cast, session: Session, taken: int) -> None:
    session.execute(update(Assignment).values(status=AssignmentStatus.SKIPPED))
    session.execute(update(Slot).values(lease_holder_id=None, lease_expires_at=None))
    then = func.now() - timedelta(seconds=11)
    entry = {"action": "writing.skipped", "subject": "assignment", "subject_id": taken, "details": {}}
    session.execute(insert(AuditEntry).values(at=then, **entry))
    session.commit()
    page = cast.author.get(f"/projects/{cast.project.id}/write?skipped={taken}")
    assert (page.status_code, "undo-skip" in page.text) == (200, False)
    late = undo(cast, taken)
    assert (late.status_code, "The time to take the skip back is over." in late.text) == (409, True)


def test_a_report_is_not_undone(cast: Cast, taken: int) -> None:
    work.post(cast.author, f"/write/{taken}/report", reason="unclear", note="Which?")
    assert undo(cast, taken).status_code == 409


def test_a_pair_that_was_dropped_comes_back(cast: Cast) -> None:
    answer = work.post(cast.author, f"/projects/{cast.project.id}/write/pair")
    pair = answer.headers["location"].rsplit("/", 1)[1]
    led_to = work.post(cast.author, f"/write/{pair}/skip", reason="Dropped.").headers["location"]
    assert "Dropped." in cast.author.get(led_to).text
    assert work.post(cast.author, f"/write/{pair}/undo-skip").status_code == 303
