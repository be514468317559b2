"""Tallies follow the rows, whoever changes them and however many at once, and keep nobody waiting."""

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.insights.doctor import CHECKS, ask
from app.insights.pipeline import counts
from app.prompts.models import PromptStatus
from tests import factories
from tests.cast import Cast
from tests.insights.conftest import Patient

TALLIES = next(check for check in CHECKS if check.name == "tallies-agree-with-rows")
MOVED = "UPDATE submissions SET status = :status, decided_at = now(), submitted_at = submitted_at - interval '3 hours'"


def in_review(session: Session) -> int:
    """What the tallies say of the first project."""
    project_id = session.scalars(text("SELECT min(id) FROM projects")).one()
    return counts(session, [project_id])[0].in_review


def test_many_rows_of_one_statement_are_tallied_together(patient: Patient) -> None:
    with patient.sessions.begin() as session:
        for status in ("submitted", "approved", "withdrawn", "approved"):
            session.execute(text(MOVED), {"status": status})
            assert ask(session, TALLIES).broken == []
        assert in_review(session) == 0
        session.execute(text("UPDATE slots SET filled_at = NULL"))
        session.execute(text("UPDATE prompts SET status = 'proposed'"))
        assert ask(session, TALLIES).broken == []


def test_two_transactions_that_tally_the_same_wait_for_neither(patient: Patient, engine_of_its_own: Engine) -> None:
    first, second = patient.story.approved, patient.story.rejected
    back = text("UPDATE submissions SET status = 'submitted' WHERE id = :id")
    with engine_of_its_own.connect() as one, engine_of_its_own.connect() as other:
        before = in_review(Session(one))
        one.execute(back, {"id": first})
        other.execute(text("SET LOCAL lock_timeout = '1ms'"))
        other.execute(back, {"id": second})
        other.commit()
        one.commit()
        assert in_review(Session(one)) == before + 2


def test_what_is_rolled_back_was_never_tallied(patient: Patient) -> None:
    with patient.sessions() as session:
        before = in_review(session)
        session.execute(text(MOVED), {"status": "submitted"})
        assert in_review(session) != before
        session.rollback()
        assert in_review(session) == before


def test_the_overview_counts_what_is_wanted_not_what_is_proposed(cast: Cast, session: Session) -> None:
    assert cast.admin.user
    factories.prompt(session, cast.project, cast.admin.user, "Wanted", status=PromptStatus.APPROVED)
    factories.prompt(session, cast.project, cast.admin.user, "Proposed", status=PromptStatus.PROPOSED)
    now = counts(session, [cast.project.id])[0]
    assert (now.open, now.proposed) == (1, 1)
