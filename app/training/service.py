"""What can be done with a run: start, stop, let it go on; and what its worker told is kept."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import case, func, insert, select, text, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.notices import tell
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict
from app.core.jobs import enqueue
from app.datasets.models import VersionStatus
from app.datasets.queries import get_version_for
from app.datasets.withdrawn import require_kept
from app.prompts.turns import set_turns
from app.training.descent import is_retired_run, require_kept_run
from app.training.methods import MethodName
from app.training.models import Report as StoredReport
from app.training.models import Run, RunEvent, RunStatus
from app.training.policy import can_resume, can_start, can_stop
from app.training.queries import get_run_for
from app.training.starting import Wish, make_plan, parents_of, require_fit, require_shared
from app.training.worker.events import Event
from app.training.worker.report import Report

TOLD = {RunStatus.DONE: "run_done", RunStatus.FAILED: "run_failed"}
SILENT = timedelta(minutes=2)  # a trainer at work says twice a second that it lives
NO_SETTINGS: Mapping[str, Any] = {}
# Runs that wait, or are to stop before they began, whose job is gone: it failed before it could say so.
WITHOUT_JOB = text("""
SELECT id, status FROM runs WHERE (status = 'queued' OR (status = 'stopping' AND heartbeat_at IS NULL)) AND NOT EXISTS (
    SELECT FROM procrastinate_jobs
    WHERE task_name = 'training.train' AND status IN ('todo', 'doing') AND args->>'run_id' = runs.id::text
)
""")
NEVER_BEGAN = (
    "The trainer could not begin this run, as when the database is away at that moment; the trainer's log says why. "
    "Let it go on to start it again."
)


def start_run(
    session: Session,
    actor: Actor,
    version_id: int,
    *,
    base_model: str,
    models_root: Path,
    settings: Mapping[str, Any] = NO_SETTINGS,
    method: MethodName = "sft",
    begins_from: int | None = None,
    reward: int | None = None,
    second_reward: int | None = None,
    processes: int = 1,
) -> Run:
    """Queue a run on a published version, made from what is named by id. Invalid, naming the field, for what cannot be.

    An empty `base_model` is that of the run that it begins from. `processes`: so many share a method that can be.
    """
    version = get_version_for(session, actor, version_id)
    can_start(actor, version.project_id).require()
    require_kept(session, version.id)
    if version.status is not VersionStatus.PUBLISHED:
        raise Conflict("training.not_published", "This version is not published yet, so there is nothing to train on.")
    wish = Wish(base_model, method, begins_from, reward, second_reward, settings)
    parents = parents_of(session, actor, version, wish)
    require_fit(version, wish, parents)
    number = _next_number(session, version.project_id)
    plan = make_plan(version, number, wish, models_root, parents)
    require_shared(plan, processes)
    run = Run(
        project_id=version.project_id,
        version_id=version.id,
        number=number,
        base_model=plan.base_model,
        begins_from_run_id=begins_from,
        reward_run_id=reward,
        second_reward_run_id=second_reward,
        plan=plan.as_written(),
        folder=f"run-{number}-{secrets.token_hex(6)}",
        created_by=actor.user_id,
    )
    session.add(run)
    session.flush()
    enqueue(session, "training.train", lock=f"run-{run.id}", run_id=run.id)
    _remember(session, actor, "run.started", run)
    return run


def stop(session: Session, actor: Actor, run_id: int) -> Run:
    """Ask a run to stop; what it has learned up to its last checkpoint is kept."""
    run = get_run_for(session, actor, run_id)
    can_stop(actor, run).require()
    late = Conflict("training.not_running", "This run has just ended; there is nothing to stop.")
    stopping = update(Run).where(Run.id == run.id, Run.status.in_([RunStatus.QUEUED, RunStatus.RUNNING]))
    change_one(session, stopping.values(status=RunStatus.STOPPING), otherwise=late)
    _remember(session, actor, "run.stopped", run)
    return run


def resume(session: Session, actor: Actor, run_id: int) -> Run:
    """Let a stopped or failed run go on from its last whole checkpoint."""
    run = get_run_for(session, actor, run_id)
    can_resume(actor, run).require()
    require_kept_run(session, run.id)
    late = Conflict("training.already_resumed", "This run is already at work again.")
    waiting = update(Run).where(Run.id == run.id, Run.status.in_([RunStatus.STOPPED, RunStatus.FAILED]))
    change_one(session, waiting.values(status=RunStatus.QUEUED, failure="", finished_at=None), otherwise=late)
    enqueue(session, "training.train", lock=f"run-{run.id}", run_id=run.id)
    _remember(session, actor, "run.resumed", run)
    return run


def begin(session: Session, run_id: int) -> Run | None:
    """Take a queued run, or one whose process died, into work. None when there is nothing left to do."""
    taken = (
        update(Run)
        .where(Run.id == run_id, Run.status.in_([RunStatus.QUEUED, RunStatus.RUNNING]))
        .values(status=RunStatus.RUNNING, started_at=func.coalesce(Run.started_at, func.now()), heartbeat_at=func.now())
        .returning(Run)
    )
    run = session.scalar(taken)
    if run is None:
        settle(session, run_id, RunStatus.STOPPED, only_from=RunStatus.STOPPING)
    return run


def put_back(session: Session, run_id: int) -> None:
    """Let a run that its trainer had to leave wait for the next trainer, which goes on from the last checkpoint."""
    at_work = update(Run).where(Run.id == run_id, Run.status == RunStatus.RUNNING)
    if session.scalar(at_work.values(status=RunStatus.QUEUED).returning(Run.id)):
        enqueue(session, "training.train", lock=f"run-{run_id}", run_id=run_id)


def put_silent_back(session: Session) -> None:
    """Let runs wait for a trainer of which nobody has heard for SILENT; one that was to stop has stopped.

    Each gets a job of its own, since a trainer that lost the database leaves one that failed. A trainer that was only
    slow takes its run back with its next word: the lock lets the new job wait until it ends.
    """
    silent = update(Run).where(Run.heartbeat_at < func.now() - SILENT)
    ended = silent.where(Run.status == RunStatus.STOPPING)
    session.execute(ended.values(status=RunStatus.STOPPED, finished_at=func.now()))
    left = silent.where(Run.status == RunStatus.RUNNING).values(status=RunStatus.QUEUED)
    for run_id in session.scalars(left.returning(Run.id)).all():
        enqueue(session, "training.train", lock=f"run-{run_id}", run_id=run_id)


def end_without_job(session: Session) -> None:
    """Fail runs that wait for a job that is gone, with the reason; one that was to stop has stopped."""
    for run_id, status in session.execute(WITHOUT_JOB).all():
        if status == RunStatus.QUEUED:
            settle(session, run_id, RunStatus.FAILED, failure=NEVER_BEGAN, only_from=RunStatus.QUEUED)
        else:
            settle(session, run_id, RunStatus.STOPPED, only_from=RunStatus.STOPPING)


def keep_events(session: Session, run_id: int, events: Sequence[Event]) -> None:
    """Store what the worker told since the last call, and that it lives; nothing of texts that were erased."""
    lives = update(Run).where(Run.id == run_id)
    taken_back = case((Run.status == RunStatus.QUEUED, RunStatus.RUNNING), else_=Run.status)
    session.execute(lives.values(heartbeat_at=func.now(), status=taken_back))
    if not events or is_retired_run(session, run_id):
        return
    newest = session.scalar(select(func.coalesce(func.max(RunEvent.sequence), 0)).where(RunEvent.run_id == run_id)) or 0
    rows = [{"run_id": run_id, "sequence": newest + n, "data": event} for n, event in enumerate(events, 1)]
    session.execute(insert(RunEvent), rows)


def settle(
    session: Session, run_id: int, status: RunStatus, *, failure: str = "", only_from: RunStatus | None = None
) -> None:
    """Write down how a run ended; a run that has ended already is left as it is."""
    at_work = [only_from] if only_from else [RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.STOPPING]
    ended = update(Run).where(Run.id == run_id, Run.status.in_(at_work))
    ended = ended.values(status=status, failure=failure, finished_at=func.now())
    run = session.execute(ended.returning(Run.created_by, Run.project_id, Run.number)).one_or_none()
    if run is not None and status in TOLD:
        tell(
            session, run.created_by, TOLD[status],
            project_id=run.project_id, subject="run", subject_id=run_id, number=run.number,
        )  # fmt: skip


def keep_report(session: Session, run: Run, report: Report) -> None:
    """Store a finished run's report, once, unless a person was erased whose texts it may quote; and in which order it
    says that open prompts should be answered."""
    session.execute(select(Run.id).where(Run.id == run.id).with_for_update())
    if not is_retired_run(session, run.id) and session.get(StoredReport, run.id) is None:
        session.add(StoredReport(run_id=run.id, project_id=run.project_id, data=dict(report)))
        first = report.get("first")
        if first and not _is_overtaken(session, run):
            set_turns(session, run.project_id, [int(one["prompt_id"]) for one in first["order"]])


def _is_overtaken(session: Session, run: Run) -> bool:
    """Whether a run that began later has put open prompts in order already: its order is the newer one."""
    later = select(StoredReport.run_id).where(
        StoredReport.project_id == run.project_id,
        StoredReport.run_id > run.id,
        StoredReport.data["first"]["order"].is_not(None),
    )
    return session.scalar(later.limit(1)) is not None


def _next_number(session: Session, project_id: int) -> int:
    """The next run number of a project; two starts at once wait for each other."""
    session.execute(select(func.pg_advisory_xact_lock(0x52554E, project_id)))
    return (session.scalar(select(func.max(Run.number)).where(Run.project_id == project_id)) or 0) + 1


def _remember(session: Session, actor: Actor, action: str, run: Run) -> None:
    record(session, action, "run", run.id, actor_id=actor.user_id, origin=actor.origin, project_id=run.project_id)
