"""What was made of a person's texts, versions and runs on them, and removing the files of these."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.datasets.erased import holding, remove_version_files
from app.training.artefacts import model_prefix
from app.training.descent import made_of
from app.training.models import Run


@dataclass(frozen=True)
class Learned:
    """Versions by id, and the runs on them and made from these."""

    versions: Sequence[int]
    runs: Sequence[Run]


def learned_from(session: Session, user_id: int) -> Learned:
    """Every version that holds a row that they wrote, edited or asked, and every run on one or made from such a run."""
    versions = holding(session, user_id)
    made = select(made_of(versions).c.run_id)
    runs = session.scalars(select(Run).where(Run.id.in_(made)).order_by(Run.id)).all()
    return Learned(versions, runs)


def remove_files(storage: Storage, runs_folder: Path, learned: Learned, tell: Callable[[str], None]) -> None:
    """Remove the files of these versions, and of these runs the inputs, checkpoints and models. Again is no harm."""
    for number, version_id in enumerate(learned.versions, 1):
        tell(f"Removing the files of version {number} of {len(learned.versions)}")
        remove_version_files(storage, version_id)
    for number, run in enumerate(learned.runs, 1):
        tell(f"Removing the model of run {number} of {len(learned.runs)}")
        remove_run(storage, runs_folder, run)


def remove_run(storage: Storage, runs_folder: Path, run: Run) -> None:
    """Remove a run's model from storage, and its folder."""
    for key in list(storage.list(model_prefix(run))):
        storage.delete(key)
    shutil.rmtree(runs_folder / run.folder, ignore_errors=True)
