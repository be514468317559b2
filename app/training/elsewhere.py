"""How is a run repeated on another machine? What to copy there, and the very command."""

from dataclasses import dataclass
from pathlib import Path

from app.core.settings import Settings
from app.training.base_models import TINY
from app.training.models import Run
from app.training.worker.inputs import INPUTS, MODELS


@dataclass(frozen=True)
class Elsewhere:
    """`folder`, and `model` where the base does not come with Penset, lie here; `command` is for where they are put.

    `began_with`: what of the folder a repeat needs, as far as it is there. With what the run wrote beside it, the
    command goes on with the run; a file `stop` there ends it at once.
    """

    folder: Path
    began_with: tuple[str, ...]
    model: Path | None
    command: str


def elsewhere(run: Run, settings: Settings) -> Elsewhere:
    """For the run's page. The command knows no path of this machine."""
    own = run.base_model != TINY.name
    return Elsewhere(
        folder=settings.runs_root / run.folder,
        began_with=(*INPUTS, *MODELS),
        model=settings.models_root / run.base_model if own else None,
        command=f"python -m app.training.worker {run.folder}{' --models models' if own else ''}",
    )
