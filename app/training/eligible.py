"""What may a new run be made from? Finished runs by what they left, and versions by what they hold."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.accounts.actor import Actor
from app.core.errors import Gone
from app.datasets.models import Dataset, RetiredVersion, Version, VersionStatus
from app.datasets.queries import versions_visible_to
from app.training.descent import made_of, require_kept_run
from app.training.models import Run, RunStatus
from app.training.queries import METHOD, get_run_for, visible_to


@dataclass(frozen=True)
class Choice:
    """Runs to choose from, and the chosen one. `gone`: which run was wanted and cannot be chosen, and why not."""

    runs: Sequence[Run] = ()
    chosen: Run | None = None
    gone: str = ""


NOTHING = Choice()
NEWEST = 50  # runs that a list offers


def done_of(
    session: Session,
    actor: Actor,
    project_id: int,
    *,
    speaks: bool,
    base_model: str | None = None,
    limit: int | None = None,
) -> Sequence[Run]:
    """The newest runs of a project that have left a model that answers, or a reward model; of one base model or any."""
    found = _left(actor, project_id, speaks=speaks, base_model=base_model)
    return session.scalars(found.order_by(Run.id.desc()).limit(limit or NEWEST)).all()


def choice_of(
    session: Session,
    actor: Actor,
    project_id: int,
    wanted: int | None,
    *,
    speaks: bool,
    base_model: str | None = None,
) -> Choice:
    """What `done_of` finds, and the run that is wanted, however old. NotFound where this actor sees no such run."""
    runs = done_of(session, actor, project_id, speaks=speaks, base_model=base_model)
    if not wanted:
        return Choice(runs)
    if chosen := next((one for one in runs if one.id == wanted), None):
        return Choice(runs, chosen)
    older = _left(actor, project_id, speaks=speaks, base_model=base_model).where(Run.id == wanted)
    if chosen := session.scalars(older).one_or_none():
        return Choice([*runs, chosen], chosen)
    return Choice(runs, gone=why_gone(session, actor, wanted))


def why_gone(session: Session, actor: Actor, run_id: int) -> str:
    """Why a run cannot be used, with its number. NotFound where it does not exist for this actor."""
    run = get_run_for(session, actor, run_id)
    try:
        require_kept_run(session, run.id)
    except Gone:
        return f"run {run.number}, which is gone: a person whose texts it had learned from was erased"
    return f"run {run.number}, which has left no model that fits here"


def _left(actor: Actor, project_id: int, *, speaks: bool, base_model: str | None) -> Select[Run]:
    """Runs that are done and were not retired, each with its version and dataset."""
    found = visible_to(actor).where(Run.project_id == project_id, Run.status == RunStatus.DONE)
    found = found.where(METHOD != "reward" if speaks else METHOD == "reward")
    if base_model is not None:
        found = found.where(Run.base_model == base_model)
    retired = select(made_of(select(RetiredVersion.version_id)).c.run_id)
    found = found.where(Run.id.not_in(retired))
    return found.options(joinedload(Run.version).joinedload(Version.dataset))


def versions_of_other_kind(session: Session, actor: Actor, version: Version, *, limit: int = 5) -> Sequence[Version]:
    """The newest published versions of the project whose rows are of the other kind, which other methods learn from."""
    found = versions_visible_to(actor).join(Dataset, Dataset.id == Version.dataset_id)
    found = found.where(Version.project_id == version.project_id, Version.status == VersionStatus.PUBLISHED)
    found = found.where(Dataset.kind != version.dataset.kind).options(contains_eager(Version.dataset))
    return session.scalars(found.order_by(Version.id.desc()).limit(limit)).all()
