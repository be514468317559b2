"""What was a run made from, and what was made from it? A run descends from those whose models it began with."""

from collections.abc import Sequence

from sqlalchemy import CTE, BigInteger, Select, TableValuedAlias, column, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.datasets.models import RetiredVersion, Version
from app.datasets.withdrawn import require_kept
from app.training.models import MADE_FROM, Run
from app.training.queries import visible_to

FROM = tuple(getattr(Run, key) for key in MADE_FROM)


def made_of(versions: Select[int] | Sequence[int]) -> TableValuedAlias:
    """`run_id` of every run on these versions or made from such a run, and `root_id`: the run on one of them."""
    chosen = versions.scalar_subquery() if isinstance(versions, Select) else None
    ids = literal(list(versions), ARRAY(BigInteger)) if chosen is None else func.array(chosen)  # type: ignore[arg-type]
    return func.runs_made_of(ids).table_valued(column("run_id", BigInteger), column("root_id", BigInteger))


def is_retired_run(session: Session, run_id: int) -> bool:
    """Whether somebody was erased whose texts this run had learned from, or a run that it was made from."""
    return _retired_version(session, run_id) is not None


def require_kept_run(session: Session, run_id: int) -> None:
    """Gone for such a run: its model is, and nothing more is made of it."""
    if (version_id := _retired_version(session, run_id)) is not None:
        require_kept(session, version_id)


def runs_made_of(session: Session, actor: Actor, version_id: int) -> Sequence[Run]:
    """The runs on a version, which were given every row of its training files, and those made from them; in order."""
    made = select(made_of([version_id]).c.run_id)
    return session.scalars(visible_to(actor).where(Run.id.in_(made)).order_by(Run.id)).all()


def made_from(session: Session, run: Run) -> dict[str, Run]:
    """The runs that a run was made from, each with its version and dataset, by their key in MADE_FROM."""
    ids = {key: getattr(run, key) for key in MADE_FROM if getattr(run, key) is not None}
    with_version = joinedload(Run.version).joinedload(Version.dataset)
    found = {one.id: one for one in session.scalars(select(Run).where(Run.id.in_(ids.values())).options(with_version))}
    return {key: found[run_id] for key, run_id in ids.items()}


def ancestors_of(session: Session, run: Run) -> Sequence[Run]:
    """All runs that a run was made from, by whatever way, each with its version and dataset; the first first."""
    before = _before(run.id)
    found = select(Run).where(Run.id.in_(select(before.c.id)), Run.id != run.id).order_by(Run.id)
    return session.scalars(found.options(joinedload(Run.version).joinedload(Version.dataset))).all()


def tuned_before(run: Run, ancestors: Sequence[Run]) -> Run | None:
    """The fine-tuning whose model the run went on from, through however many policies; None where there is none."""
    by_id = {one.id: one for one in ancestors}
    begun = by_id.get(run.begins_from_run_id or 0)
    while begun is not None and begun.method != "sft":
        begun = by_id.get(begun.begins_from_run_id or 0)
    return begun


def made_with(session: Session, actor: Actor, run_id: int) -> Sequence[Run]:
    """The runs that were made straight from this one, the first first."""
    later = or_(*(key == run_id for key in FROM))
    return session.scalars(visible_to(actor).where(later).order_by(Run.id)).all()


def _retired_version(session: Session, run_id: int) -> int | None:
    """The first version that was retired among those of a run and of all that it was made from."""
    before = _before(run_id)
    retired = select(RetiredVersion.version_id).where(RetiredVersion.version_id.in_(select(before.c.version_id)))
    return session.scalar(retired.order_by(RetiredVersion.version_id).limit(1))


def _before(run_id: int) -> CTE:
    """The run and all that it was made from."""
    before = select(Run.id, Run.version_id, *FROM).where(Run.id == run_id).cte("before", recursive=True)
    came_from = [before.c[one.key] for one in FROM]
    return before.union(select(Run.id, Run.version_id, *FROM).where(Run.id.in_(came_from)))
