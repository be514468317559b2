"""An admin asks a run to stop; what it has learned up to its last checkpoint is kept."""

from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.training.models import Run, RunStatus
from tests.cast import Cast
from tests.jobs import do_jobs
from tests.training.made import began, failed


def status(session: Session, run_id: int) -> RunStatus:
    """The run's state as it is stored."""
    session.expire_all()
    return session.get_one(Run, run_id).status


@pytest.mark.parametrize("door", ["", "/api/v1"])
def test_a_running_run_is_asked_to_stop(cast: Cast, queued: int, session: Session, door: str) -> None:
    began(session, queued)
    answer = cast.admin.post(f"{door}/runs/{queued}/stop")
    assert answer.status_code == (200 if door else 303)
    assert status(session, queued) is RunStatus.STOPPING
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "run.stopped")).one()
    assert entry.subject_id == queued


def test_a_run_stopped_while_it_waited_never_begins(cast: Cast, queued: int, session: Session) -> None:
    cast.admin.post(f"/runs/{queued}/stop")
    assert do_jobs(session) == ["training.train"]
    assert status(session, queued) is RunStatus.STOPPED
    assert "No step was made." in cast.admin.get(f"/runs/{queued}").text


def test_a_run_that_has_ended_is_not_stopped(cast: Cast, queued: int, session: Session) -> None:
    failed(session, queued, "The disk is full.")
    answer = cast.admin.api("POST", f"/api/v1/runs/{queued}/stop")
    assert (answer.status_code, answer.json()["type"]) == (403, "/errors/training.not_running")
    assert status(session, queued) is RunStatus.FAILED


def test_a_second_press_changes_nothing(cast: Cast, queued: int, session: Session) -> None:
    began(session, queued)
    assert [cast.admin.post(f"/runs/{queued}/stop").status_code for _ in range(2)] == [303, 403]
    assert status(session, queued) is RunStatus.STOPPING


def test_what_is_asked_for_again_with_its_key_is_done_once_and_answered_alike(
    cast: Cast, queued: int, session: Session
) -> None:
    for verb, begin in (("resume", partial(failed, session, failure="Full.")), ("stop", partial(began, session))):
        begin(queued)
        address, key = f"/api/v1/runs/{queued}/{verb}", {"Idempotency-Key": verb}
        first, again = (cast.admin.post(address, headers=key) for _ in range(2))
        assert (first.status_code, again.status_code) == (200, 200)
        assert first.json() == again.json()
        assert cast.admin.post(address).status_code == 403
    assert status(session, queued) is RunStatus.STOPPING


def test_only_an_admin_stops_a_run(cast: Cast, queued: int, session: Session) -> None:
    for door in ("", "/api/v1"):
        for client, refused in ((cast.reviewer, 403), (cast.author, 404), (cast.outsider, 404), (cast.operator, 404)):
            assert client.post(f"{door}/runs/{queued}/stop").status_code == refused
    assert status(session, queued) is RunStatus.QUEUED
