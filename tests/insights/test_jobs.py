"""Is the queue healthy? For those who run the installation."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.core.tasks import jobs
from app.insights.job_list import TITLES
from tests.cast import Cast, Client


def queued(session: Session, task: str = "core.forget_answers", status: str = "todo", **arguments: Any) -> int:
    """A job in the queue, in this state."""
    made = session.scalar(
        text(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts, args) VALUES "
            "('default', :task, CAST(:status AS procrastinate_job_status), 5, CAST(:args AS jsonb)) RETURNING id"
        ),
        {"task": task, "status": status, "args": str(arguments).replace("'", '"')},
    )
    session.commit()
    assert isinstance(made, int)
    return made


def retried(client: Client, job_id: int, **values: Any) -> Any:
    """The press of "Try again"."""
    assert client.user
    return client.post(f"/admin/jobs/{job_id}/retry", data={"user_id": client.user.id} | values)


def test_an_idle_queue_says_what_will_stand_here(cast: Cast) -> None:
    shown = cast.operator.get("/admin/jobs").text
    assert "No job runs, waits or failed." in shown
    assert "No worker gave word in the last minute" in shown
    assert "</code>. No trainer" in shown
    assert "No trainer gave word in the last minute, so runs wait" in shown


def test_a_trainer_and_other_workers_are_told_apart(cast: Cast, session: Session) -> None:
    for name in ("penset default@a", "penset default@b", "penset training@gpu-1", "penset@laptop"):
        session.execute(text("INSERT INTO procrastinate_workers (named) VALUES (:name)"), {"name": name})
    session.execute(
        text("INSERT INTO procrastinate_workers VALUES (DEFAULT, now() - interval '1 hour', 'penset training@gpu-2')")
    )
    session.commit()
    shown = cast.operator.get("/admin/jobs").text
    assert "3 workers are here." in shown
    assert "2 trainers are here." in shown


def test_jobs_stand_newest_first_with_their_state(cast: Cast, session: Session) -> None:
    queued(session, status="doing")
    queued(session, "core.rescue_jobs", "failed")
    queued(session, "datasets.publish", "succeeded")
    shown = cast.operator.get("/admin/jobs").text
    assert "One job runs, one failed." in shown
    assert shown.index('data-state="done"') < shown.index('data-state="failed"') < shown.index('data-state="running"')
    assert "Find jobs of dead workers" in shown


def test_a_failed_job_says_why_where_its_room_knows(cast: Cast, session: Session) -> None:  # R10
    values = {"project": cast.project.id, "who": cast.admin.user.id if cast.admin.user else 0}
    dataset = session.scalar(
        text(
            "INSERT INTO datasets (project_id, name, rule, created_by) "
            "VALUES (:project, 'All', '{}', :who) RETURNING id"
        ),
        values,
    )
    version = session.scalar(
        text(
            "INSERT INTO versions (project_id, dataset_id, number, status, rule, counts, progress, failure, created_by)"
            " VALUES (:project, :dataset, 7, 'failed', '{}', '{}', '', 'The disk is full.', :who) RETURNING id"
        ),
        values | {"dataset": dataset},
    )
    queued(session, "datasets.publish", "failed", version_id=version)
    shown = cast.operator.get("/admin/jobs").text
    assert "Publish version 7" in shown
    assert "The disk is full." in shown
    assert "Ada Admin" in shown


def test_a_failed_job_is_tried_again_once(cast: Cast, session: Session) -> None:
    job = queued(session, status="failed")
    assert "Try again" in cast.operator.get("/admin/jobs").text
    assert retried(cast.operator, job).status_code == 303
    row = session.execute(text("SELECT status::text, attempts FROM procrastinate_jobs WHERE id = :id"), {"id": job})
    assert row.one() == ("todo", 0)
    late = retried(cast.operator, job)
    assert (late.status_code, "somebody has already tried it again" in late.text) == (409, True)
    assert retried(cast.operator, 2**40).status_code == 404
    entry = session.query(AuditEntry).filter_by(action="jobs.tried_again").one()
    assert entry.subject_id == job  # S98


def test_housekeeping_that_went_well_hides_nothing_else(cast: Cast, session: Session) -> None:
    for _ in range(25):
        queued(session, "core.rescue_jobs", "succeeded")
    asked_for = queued(session, "datasets.publish")
    for _ in range(25):
        queued(session, "core.rescue_jobs", "succeeded")
    assert f"job {asked_for}<" in cast.operator.get("/admin/jobs").text


def test_each_job_of_ours_is_called_by_what_it_does() -> None:
    jobs.perform_import_paths()  # type: ignore[no-untyped-call]
    ours = {name for name in jobs.tasks if not name.startswith("builtin:")}
    assert {name for name in ours if jobs.tasks[name].func.__module__.startswith("app.")} == set(TITLES)


def test_a_state_narrows_the_list(cast: Cast, session: Session) -> None:
    queued(session, status="succeeded")
    shown = cast.operator.get("/admin/jobs?state=failed").text
    assert "No job in this state" in shown
    assert cast.operator.get("/admin/jobs?state=anything").status_code == 422  # S56


def test_older_jobs_stand_on_the_next_page(cast: Cast, session: Session) -> None:
    ids = [queued(session) for _ in range(22)]
    first = cast.operator.get("/admin/jobs").text
    older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = cast.operator.get(older).text
    assert f"job {ids[-1]}<" in first
    assert f"job {ids[0]}<" in second
    assert f"job {ids[-1]}<" not in second


@pytest.mark.parametrize("who", ["author", "reviewer", "admin", "outsider"])
def test_nobody_else_sees_or_moves_jobs(cast: Cast, session: Session, who: str) -> None:
    client = getattr(cast, who)
    job = queued(session, status="failed")
    assert client.get("/admin/jobs").status_code == 403
    assert retried(client, job).status_code == 403
    assert cast.visitor.get("/admin/jobs").status_code == 303


def test_a_page_drawn_for_somebody_else_moves_nothing(cast: Cast, session: Session) -> None:
    job = queued(session, status="failed")
    assert cast.author.user
    assert retried(cast.operator, job, user_id=cast.author.user.id).status_code == 409  # S26
