"""How fast did an earlier run go that was like the one that is asked for?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.datasets.files import version_files
from app.datasets.models import Version
from app.training.models import Report as StoredReport
from app.training.models import Run, RunEvent
from app.training.queries import METHOD, visible_to
from app.training.worker.events import Event, EventKind
from app.training.worker.plan import Plan

CANDIDATES = 5  # the newest runs that are looked at
STEPS = 200  # the newest steps of each
LEAST = 3  # steps, of which two are whole
TRAIN = "train.jsonl"
SIZES = 3


@dataclass(frozen=True)
class Pace:
    """`a_row`: seconds for a row of a step whose row is a byte long in its file; `beside`: seconds of the run outside
    its steps, None where that is not known. `machine`: where, in words."""

    run: Run
    a_row: float
    beside: float | None
    machine: str


def pace_of(session: Session, actor: Actor, plan: Plan) -> Pace | None:
    """Of the newest run of the same base model, method and adapter, on whatever version, that has made a few steps.

    None where there is none: or where rows are packed, of which nobody knows how many share a sequence.
    """
    if plan.packing:
        return None
    alike = (
        visible_to(actor)
        .where(Run.base_model == plan.base_model, METHOD.in_((plan.method,)))
        .where(
            Run.plan["adapter"].as_string() == plan.adapter,
            func.coalesce(Run.plan["packing"].as_boolean(), False).is_(False),
        )
        .options(joinedload(Run.version).joinedload(Version.dataset))
        .order_by(Run.id.desc())
        .limit(CANDIDATES)
    )
    for run in session.scalars(alike):
        a_step = seconds_a_step(_newest_steps(session, run.id))
        if a_step is not None:
            return _pace(session, run, a_step)
    return None


def seconds_a_step(steps: Sequence[Event]) -> float | None:
    """The median, which no pause and no measuring between two steps moves; None of fewer than LEAST. In any order."""
    told = sorted(steps, key=lambda one: one["at"])
    passed = [
        (datetime.fromisoformat(after["at"]) - datetime.fromisoformat(before["at"])).total_seconds()
        for before, after in pairwise(told)
        if after["step"] == before["step"] + 1
    ]
    return max(median(passed), 0.0) if len(passed) >= LEAST - 1 else None


def bytes_a_row(version: Version) -> float:
    """Of the file to train on, as it was published; 1 where it has none."""
    found = next((one for one in version_files(version) if one.name == TRAIN), None)
    return found.bytes / found.rows if found and found.rows else 1.0


def _newest_steps(session: Session, run_id: int) -> list[Event]:
    told = select(RunEvent.data).where(RunEvent.run_id == run_id, RunEvent.data["kind"].as_string() == EventKind.STEP)
    return list(session.scalars(told.order_by(RunEvent.sequence.desc()).limit(STEPS)))


def _pace(session: Session, run: Run, a_step: float) -> Pace:
    told = select(RunEvent.data).where(
        RunEvent.run_id == run.id, RunEvent.data["kind"].as_string() == EventKind.STARTED
    )
    started = session.scalars(told.order_by(RunEvent.sequence.desc()).limit(1)).first() or {}
    whole = session.scalar(select(StoredReport.data["seconds"].as_float()).where(StoredReport.run_id == run.id))
    steps = int(started.get("total_steps", 0)) * repeats(int(run.plan.get("curve_seeds", 0)))
    return Pace(
        run=run,
        a_row=a_step / int(run.plan["batch_size"]) / bytes_a_row(run.version),
        beside=None if whole is None else max(whole - steps * a_step, 0.0),
        machine=str(started.get("machine", "")),
    )


def repeats(curve_seeds: int) -> int:
    """How often all steps are made: once, and for each seed of the curve over dataset size at each of three sizes."""
    return 1 + SIZES * curve_seeds
