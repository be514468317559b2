"""What an actor can see of runs. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Boolean, ColumnElement, Select, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.core.at_work import is_there
from app.core.errors import NotFound
from app.datasets.models import Version
from app.training.models import Report as StoredReport
from app.training.models import Run, RunEvent, RunStatus
from app.training.worker.events import Event, EventKind
from app.training.worker.report import KINDS_SINCE, KindNumbers, OpenPrompts, Report

METHOD = func.coalesce(Run.plan["method"].as_string(), "sft")  # as `Run.method`
SHOWN = 4000  # a curve is drawn by a tenth of so many points
EVENTS_AT_ONCE = 1000  # that a program is given
LATEST = 60  # for the log, and the pace; so many of the first, too: what a curve begins with is said
MANY = (EventKind.STEP, EventKind.EVALUATION, EventKind.PROGRESS)
TRAINER_IS_THERE: ColumnElement[bool] = literal_column(is_there("training"), Boolean)
POLICIES = ("dpo", "rloo", "grpo")


def visible_to(actor: Actor) -> Select[Run]:
    """Runs of the projects that the actor reviews: a run's files hold everybody's texts."""
    return select(Run).where(Run.project_id.in_(actor.reviewed_projects()))


def get_run_for(session: Session, actor: Actor, run_id: int) -> Run:
    """The run with its version and dataset. NotFound where it does not exist for this actor."""
    found = visible_to(actor).where(Run.id == run_id).options(joinedload(Run.version).joinedload(Version.dataset))
    if run := session.scalar(found):
        return run
    raise NotFound("training.not_found", "There is no such run.")


def get_runs_for(session: Session, actor: Actor, project_id: int, run_ids: Sequence[int]) -> list[Run]:
    """These runs of a project in this order, each with its version and dataset. NotFound where one is not there."""
    found = visible_to(actor).where(Run.project_id == project_id, Run.id.in_(run_ids))
    by_id = {run.id: run for run in session.scalars(found.options(joinedload(Run.version).joinedload(Version.dataset)))}
    if missing := [run_id for run_id in run_ids if run_id not in by_id]:
        raise NotFound("training.not_found", f"There is no run with the id {missing[0]} in this project.")
    return [by_id[run_id] for run_id in run_ids]


def list_runs(session: Session, actor: Actor, project_id: int, *, before: int | None, limit: int = 21) -> Sequence[Run]:
    """Runs of a project, newest first, below the id `before`."""
    found = visible_to(actor).where(Run.project_id == project_id)
    if before is not None:
        found = found.where(Run.id < before)
    found = found.options(joinedload(Run.version).joinedload(Version.dataset))
    return session.scalars(found.order_by(Run.id.desc()).limit(limit)).all()


def events_of(session: Session, run_id: int, *, after: int = 0) -> list[Event]:
    """What the run's worker told, in order, past the first `after` events: they are numbered without a gap."""
    told = select(RunEvent.data).where(RunEvent.run_id == run_id, RunEvent.sequence > after).order_by(RunEvent.sequence)
    return cast(list[Event], list(session.scalars(told)))


def some_events(session: Session, run_id: int, *, after: int = 0) -> tuple[list[Event], bool]:
    """The first EVENTS_AT_ONCE of these, and whether there are more."""
    told = select(RunEvent.data).where(RunEvent.run_id == run_id, RunEvent.sequence > after).order_by(RunEvent.sequence)
    found = cast(list[Event], list(session.scalars(told.limit(EVENTS_AT_ONCE + 1))))
    return found[:EVENTS_AT_ONCE], len(found) > EVENTS_AT_ONCE


def events_shown(session: Session, run_id: int) -> list[Event]:
    """What a page draws of a run: all of it, or of a long run the first and the newest, and of what there is much of
    some SHOWN, evenly: of steps, evaluations and progress each for itself, so that none crowds out another; and always
    the evaluation that was lowest, of which the page speaks.

    A page that is drawn for each of a hundred thousand steps would take seconds, and longer with each of them.
    """
    newest = session.scalar(select(func.max(RunEvent.sequence)).where(RunEvent.run_id == run_id)) or 0
    if newest <= SHOWN:
        return events_of(session, run_id)
    kind = RunEvent.data["kind"].as_string()
    counted = select(
        RunEvent.sequence,
        kind.label("kind"),
        func.row_number().over(partition_by=kind, order_by=RunEvent.sequence).label("nth"),
        func.count().over(partition_by=kind).label("like_it"),
    )
    one = counted.where(RunEvent.run_id == run_id).subquery()
    lowest = (
        select(RunEvent.sequence)
        .where(RunEvent.run_id == run_id, kind == EventKind.EVALUATION)
        .order_by(RunEvent.data["validation_loss"].as_float(), RunEvent.sequence)
        .limit(1)
    )
    wanted = or_(
        one.c.sequence == lowest.scalar_subquery(),
        one.c.nth % (one.c.like_it // SHOWN + 1) == 0,
        one.c.sequence <= LATEST,
        one.c.sequence > newest - LATEST,
        one.c.kind.not_in(MANY),
    )
    told = select(RunEvent.data).where(RunEvent.run_id == run_id, RunEvent.sequence == one.c.sequence, wanted)
    return cast(list[Event], list(session.scalars(told.order_by(RunEvent.sequence))))


@dataclass(frozen=True)
class State:
    """How far a run is. `word`: another one as soon as the run tells more or changes its status, or, while it waits,
    as the last trainer goes and the first one comes."""

    project_id: int
    status: RunStatus
    word: str


def state_of(session: Session, actor: Actor, run_id: int) -> State:
    """The state of a run, by one small question. NotFound as `get_run_for`."""
    newest = select(func.max(RunEvent.sequence)).where(RunEvent.run_id == run_id).scalar_subquery()
    waits = and_(Run.status == RunStatus.QUEUED, ~TRAINER_IS_THERE)
    asked = visible_to(actor).with_only_columns(Run.project_id, Run.folder, Run.status, newest, waits)
    if found := session.execute(asked.where(Run.id == run_id)).one_or_none():
        project_id, folder, status, sequence, alone = found
        return State(project_id, status, f"{folder}.{status}.{sequence or 0}{'.alone' if alone else ''}")
    raise NotFound("training.not_found", "There is no such run.")


def has_no_trainer(session: Session, run: Run) -> bool:
    """Whether a run waits, and no trainer that could take it has given word within a minute."""
    return run.status is RunStatus.QUEUED and not session.scalar(select(TRAINER_IS_THERE))


def report_of(session: Session, run_id: int) -> Report | None:
    """The report of a finished run, or None while there is none."""
    stored = session.scalar(select(StoredReport.data).where(StoredReport.run_id == run_id))
    return cast(Report | None, stored)


def previous_report(session: Session, actor: Actor, run: Run) -> tuple[Run, Report] | None:
    """The newest run before this one, by its method, on any version of the same dataset that has a report, with it.

    A fine-tuning that went on from another has that one there; a policy has it as its reference, so another.
    """
    found = (
        visible_to(actor)
        .join(StoredReport, StoredReport.run_id == Run.id)
        .join(Version, Version.id == Run.version_id)
        .where(Version.dataset_id == run.version.dataset_id, Run.id < run.id, METHOD.in_((run.method,)))
        .where(Run.id.is_distinct_from(run.reference_run_id))
        .add_columns(StoredReport.data)
        .order_by(Run.id.is_not_distinct_from(run.begins_from_run_id).desc(), Run.id.desc())
        .limit(1)
    )
    if row := session.execute(found).one_or_none():
        return row[0], cast(Report, row[1])
    return None


def policies_beside(session: Session, actor: Actor, run: Run, *, limit: int = 4) -> list[tuple[Run, Report]]:
    """Other policies with a report that went on from the same model as this one, the newest first."""
    found = (
        visible_to(actor)
        .join(StoredReport, StoredReport.run_id == Run.id)
        .where(Run.project_id == run.project_id, Run.id != run.id, METHOD.in_(POLICIES))
        .where(Run.base_model == run.base_model)
        .where(Run.begins_from_run_id.is_not_distinct_from(run.begins_from_run_id))
        .add_columns(StoredReport.data)
        .order_by(Run.id.desc())
        .limit(limit)
    )
    return [(other, cast(Report, data)) for other, data in session.execute(found)]


def newest_kinds(session: Session, actor: Actor, project_id: int) -> tuple[Run, list[KindNumbers] | None] | None:
    """The newest fine-tuning of a project with a report, and what that says by category: None in an older report."""
    found = (
        visible_to(actor)
        .join(StoredReport, StoredReport.run_id == Run.id)
        .where(Run.project_id == project_id, METHOD == "sft")
        .add_columns(StoredReport.data["kinds"], StoredReport.data["schema"].as_integer())
        .order_by(Run.id.desc())
        .limit(1)
    )
    if row := session.execute(found).one_or_none():
        return row[0], cast(list[KindNumbers], row[1]) if row[2] >= KINDS_SINCE else None
    return None


def newest_first(session: Session, actor: Actor, project_id: int) -> tuple[Run, OpenPrompts] | None:
    """The newest run of a project that has put open prompts in order, and that order."""
    first = StoredReport.data["first"]
    found = (
        visible_to(actor)
        .join(StoredReport, StoredReport.run_id == Run.id)
        .where(Run.project_id == project_id, first["order"].is_not(None))
        .add_columns(first)
        .order_by(Run.id.desc())
        .limit(1)
    )
    if row := session.execute(found).one_or_none():
        return row[0], cast(OpenPrompts, row[1])
    return None


def runs_with_reports(session: Session, actor: Actor, project_id: int, *, limit: int = 50) -> Sequence[Run]:
    """The newest runs of a project that are done and measured, and whose models answer."""
    found = visible_to(actor).join(StoredReport, StoredReport.run_id == Run.id).where(Run.project_id == project_id)
    found = found.where(METHOD != "reward")
    return session.scalars(found.order_by(Run.id.desc()).limit(limit)).all()


def reports_of(session: Session, run_ids: Sequence[int]) -> dict[int, Report]:
    """The reports of several runs, by run."""
    rows = session.execute(select(StoredReport.run_id, StoredReport.data).where(StoredReport.run_id.in_(run_ids)))
    return {run_id: cast(Report, data) for run_id, data in rows}


def waiting_status(session: Session, run_id: int) -> str:
    """The run's status as it is at this moment, for the process that works on it."""
    return session.scalars(select(Run.status).where(Run.id == run_id)).one().value


def preference_runs(session: Session, actor: Actor, project_id: int, *, limit: int = 10) -> Sequence[Run]:
    """The newest reward models and policies of a project."""
    found = visible_to(actor).where(Run.project_id == project_id, METHOD != "sft")
    found = found.options(joinedload(Run.version).joinedload(Version.dataset))
    return session.scalars(found.order_by(Run.id.desc()).limit(limit)).all()
