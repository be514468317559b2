"""Which runs saw a row, and what a run saw: from data to models and back."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.accounts.actor import Actor
from app.datasets.models import Split, Version, VersionRow
from app.training.descent import made_of
from app.training.models import Run
from app.training.queries import visible_to

RUNS_SHOWN = 100


@dataclass(frozen=True)
class Seen:
    """A run on a version that holds a row, or one that was made `through` such a run, from its model.

    `as_split`: train means that it, or the run that it was made through, may have learned from it; else measured.
    """

    run: Run
    as_split: Split
    through: Run | None

    @property
    def drew(self) -> int:
        """How many training rows that run drew at most; 0 for all. A run that drew may have left this row out."""
        return int((self.through or self.run).plan.get("train_rows", 0)) if self.as_split is Split.TRAIN else 0


@dataclass(frozen=True)
class Saw:
    """The newest runs that saw something, a hundred at most, and whether there are older ones."""

    runs: Sequence[Seen]
    more: bool


def runs_that_saw(session: Session, actor: Actor, submission_id: int) -> Saw:
    """The runs on versions that hold a submission and those made from them, the newest first."""
    rows = select(VersionRow.version_id, VersionRow.split).where(VersionRow.submission_id == submission_id)
    return runs_on(session, actor, rows)


def runs_on(session: Session, actor: Actor, rows: Select[int, Split]) -> Saw:
    """The runs on versions in which something lies and those made from them; `rows`: `version_id` and `split` of it."""
    holding, root = rows.subquery(), aliased(Run)
    made = made_of(select(holding.c.version_id))
    found = (
        visible_to(actor)
        .join(made, made.c.run_id == Run.id)
        .join(root, root.id == made.c.root_id)
        .join(holding, holding.c.version_id == root.version_id)
        .add_columns(holding.c.split, root)
        .options(joinedload(Run.version).joinedload(Version.dataset))
        .order_by(Run.id.desc())
        .limit(RUNS_SHOWN + 1)
    )
    rows_found = session.execute(found)
    seen = [Seen(run, split, None if source.id == run.id else source) for run, split, source in rows_found]
    return Saw(seen[:RUNS_SHOWN], len(seen) > RUNS_SHOWN)
