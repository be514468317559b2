"""Which jobs wait, run and failed? The queue's own tables, read in SQL; one verb, which tries a failed job again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.at_work import HEARD, takes
from app.core.audit import record
from app.core.errors import Conflict, NotFound
from app.core.paging import PAGE_SIZE

TITLES = {
    "accounts.mail_notices": "Mail what is not read",
    "accounts.send_mail": "Send a letter",
    "accounts.tidy": "Forget old sign-ins and links",
    "core.forget_answers": "Forget old answers",
    "core.rescue_jobs": "Find jobs of dead workers",
    "datasets.make_format": "Make a format",
    "datasets.publish": "Publish a version",
    "datasets.push_to_hub": "Push to a hub",
    "preferences.end_lost": "End lost comparison sets",
    "preferences.generate": "Let models answer",
    "preferences.make": "Make a comparison set",
    "preferences.renew_figures": "Renew figures of comparisons",
    "prompts.remember": "Find prompts much like one",
    "prompts.remember_all": "Find prompts much alike",
    "review.settle": "Carry out a decision",
    "review.settle_due": "Carry out late decisions",
    "training.erase": "Erase a person",
    "training.put_silent_back": "Put silent runs back",
    "training.train": "Fine-tune",
    "writing.remember": "Find responses much like one",
    "writing.remember_all": "Find responses much alike",
    "writing.withdraw_all": "Withdraw what lost its consent",
}
STATES = ("todo", "doing", "succeeded", "failed", "cancelled", "aborted")
# What was asked for, where a job's arguments name it, and the reason that its own room keeps. The housekeeping that
# went well every few minutes is left out.
LISTED = text("""
SELECT j.id, j.task_name, j.queue_name, j.status::text AS status, j.attempts, j.scheduled_at,
    (SELECT max(at) FROM procrastinate_events e WHERE e.job_id = j.id) AS last_at,
    p.name AS project, coalesce(nullif(v.failure, ''), nullif(r.failure, ''), '') AS reason,
    v.number AS version, r.number AS run, u.name AS asked_by
FROM procrastinate_jobs j
LEFT JOIN versions v ON v.id = (CASE WHEN j.args ? 'version_id' THEN (j.args ->> 'version_id')::bigint END)
LEFT JOIN runs r ON r.id = (CASE WHEN j.args ? 'run_id' THEN (j.args ->> 'run_id')::bigint END)
LEFT JOIN projects p ON p.id = coalesce(v.project_id, r.project_id)
LEFT JOIN users u ON u.id = coalesce(v.created_by, r.created_by)
WHERE (CAST(:before AS bigint) IS NULL OR j.id < :before) AND (CAST(:state AS text) IS NULL OR j.status::text = :state)
    AND NOT (j.task_name LIKE 'core.%' AND j.status = 'succeeded')
ORDER BY j.id DESC LIMIT :limit
""")
STANDING = text(f"""
SELECT (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing') AS running,
    (SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo') AS waiting,
    (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed') AS failed,
    (SELECT count(*) FROM procrastinate_workers WHERE {HEARD} AND {takes("default")}) AS workers,
    (SELECT count(*) FROM procrastinate_workers WHERE {HEARD} AND {takes("training")}) AS trainers,
    (SELECT max(last_heartbeat) FROM procrastinate_workers) AS last_word
""")  # noqa: S608 - our own words
AGAIN = text("""
UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL, worker_id = NULL
WHERE id = :job AND status = 'failed' RETURNING id
""")


@dataclass(frozen=True)
class Job:
    """One job: what it does, how it stands, why it failed where its room says so."""

    id: int
    title: str
    task_name: str
    queue_name: str
    status: str
    attempts: int
    scheduled_at: datetime | None
    last_at: datetime | None
    project: str | None
    reason: str
    asked_by: str | None


@dataclass(frozen=True)
class Standing:
    """The queue as a whole: how many jobs are in each state, who gave word in the last minute.

    `trainers` take the runs, `workers` all other jobs; one that takes both is counted twice.
    """

    running: int
    waiting: int
    failed: int
    workers: int
    trainers: int
    last_word: datetime | None


def list_jobs(session: Session, *, before: int | None, state: str | None) -> Sequence[Job]:
    """Up to a page and one of all jobs, the newest first."""
    given = {"before": before, "state": state, "limit": PAGE_SIZE + 1}
    return [job_of(**row) for row in session.execute(LISTED, given).mappings()]


def job_of(*, task_name: str, version: int | None, run: int | None, **facts: Any) -> Job:
    """A job with what it does, in words where we know the task."""
    title = TITLES.get(task_name, task_name)
    if task_name == "datasets.publish" and version:
        title = f"Publish version {version}"
    elif run:
        title = f"Fine-tune, run {run}"
    return Job(title=title, task_name=task_name, **facts)


def standing(session: Session) -> Standing:
    """How the queue stands now."""
    return Standing(**session.execute(STANDING).mappings().one())


def try_again(session: Session, actor: Actor, job_id: int) -> None:
    """Put a failed job back into the queue. Conflict where it has not failed, or no longer."""
    if session.scalar(AGAIN, {"job": job_id}) is None:
        if session.scalar(text("SELECT id FROM procrastinate_jobs WHERE id = :job"), {"job": job_id}) is None:
            raise NotFound("insights.no_such_job", "There is no such job.")
        raise Conflict("insights.job_not_failed", "This job has not failed, or somebody has already tried it again.")
    record(session, "jobs.tried_again", "job", job_id, actor_id=actor.user_id, origin=actor.origin)
