"""What was a run made from, and what was made from it? A run descends from those whose models it began with."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Select, TableValuedAlias, column, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.datasets.models import RetiredVersion
from app.datasets.withdrawn import require_kept
from app.training.models import Run

FROM = (Run.begins_from_run_id, Run.reward_run_id, Run.second_reward_run_id)


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


def _retired_version(session: Session, run_id: int) -> int | None:
    """The first version that was retired among those of a run and of all that it was made from."""
    before = select(Run.version_id, *FROM).where(Run.id == run_id).cte("before", recursive=True)
    came_from = [before.c[one.key] for one in FROM]
    before = before.union(select(Run.version_id, *FROM).where(Run.id.in_(came_from)))
    retired = select(RetiredVersion.version_id).where(RetiredVersion.version_id.in_(select(before.c.version_id)))
    return session.scalar(retired.order_by(RetiredVersion.version_id).limit(1))
