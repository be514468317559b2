"""A run that was stopped or has failed goes on, once."""

from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.core.storage import Storage
from app.training.models import Run, RunStatus
from tests.cast import Cast
from tests.training.made import done, failed


@pytest.mark.parametrize("door", ["", "/api/v1"])
def test_a_failed_run_waits_for_a_trainer_again(cast: Cast, queued: int, session: Session, door: str) -> None:
    failed(session, queued, "The disk is full.")
    session.execute(text("DELETE FROM procrastinate_jobs"))
    session.commit()
    answer = cast.admin.post(f"{door}/runs/{queued}/resume")
    assert answer.status_code == (200 if door else 303)
    session.expire_all()
    run = session.get_one(Run, queued)
    assert (run.status, run.failure, run.finished_at) == (RunStatus.QUEUED, "", None)
    assert session.scalars(text("SELECT task_name FROM procrastinate_jobs")).all() == ["training.train"]
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "run.resumed")).one()
    assert entry.subject_id == queued


def test_a_second_press_does_not_queue_it_twice(cast: Cast, queued: int, session: Session) -> None:
    failed(session, queued, "The disk is full.")
    session.execute(text("DELETE FROM procrastinate_jobs"))
    session.commit()
    assert [cast.admin.post(f"/runs/{queued}/resume").status_code for _ in range(2)] == [303, 403]
    assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 1


def test_a_run_at_work_or_done_does_not_go_on(
    cast: Cast, queued: int, session: Session, storage: Storage, tmp_path: Path
) -> None:
    waiting = cast.admin.api("POST", f"/api/v1/runs/{queued}/resume")
    assert (waiting.status_code, waiting.json()["type"]) == (403, "/errors/training.not_stopped")
    done(session, storage, queued, tmp_path / "model")
    assert cast.admin.api("POST", f"/api/v1/runs/{queued}/resume").status_code == 403


def test_only_an_admin_lets_a_run_go_on(cast: Cast, queued: int, session: Session) -> None:
    failed(session, queued, "The disk is full.")
    for door in ("", "/api/v1"):
        for client, refused in ((cast.reviewer, 403), (cast.author, 404), (cast.outsider, 404), (cast.operator, 404)):
            assert client.post(f"{door}/runs/{queued}/resume").status_code == refused
    session.expire_all()
    assert session.get_one(Run, queued).status is RunStatus.FAILED
