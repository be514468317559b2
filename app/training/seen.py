"""Which runs saw a row, and what a run saw: from data to models and back."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.datasets.models import Split, Version, VersionRow
from app.training.models import Run
from app.training.queries import visible_to

RUNS_SHOWN = 100


@dataclass(frozen=True)
class Seen:
    """A run on a version that holds a row. `as_split`: train means that it may have learned from it; else measured."""

    run: Run
    as_split: Split

    @property
    def drew(self) -> int:
        """How many training rows the run drew at most; 0 for all. A run that drew may have left this row out."""
        return int(self.run.plan.get("train_rows", 0)) if self.as_split is Split.TRAIN else 0


def runs_that_saw(session: Session, actor: Actor, submission_id: int) -> Sequence[Seen]:
    """The runs on versions that hold a submission, the newest first, up to a hundred."""
    found = (
        visible_to(actor)
        .join(VersionRow, VersionRow.version_id == Run.version_id)
        .where(VersionRow.submission_id == submission_id)
        .add_columns(VersionRow.split)
        .options(joinedload(Run.version).joinedload(Version.dataset))
        .order_by(Run.id.desc())
        .limit(RUNS_SHOWN)
    )
    return [Seen(run, split) for run, split in session.execute(found)]
