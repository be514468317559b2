"""Where do a run's two models lie on this machine? The site copies files; it opens none as a model."""

import secrets
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from sqlalchemy.orm import Session

from app.core.errors import Conflict
from app.core.settings import Settings
from app.core.storage import Storage
from app.training.artefacts import list_model, model_key
from app.training.base_models import UnknownBaseModel, facts, resolve
from app.training.descent import is_retired_run
from app.training.generator.protocol import SideName
from app.training.methods import METHODS
from app.training.models import Run, RunStatus
from app.training.playground.asked import Pair

NEEDED = ("config.json", "tokenizer.json")


def why_not(session: Session, storage: Storage, run: Run) -> str:
    """Why the run's model cannot be asked, or empty."""
    if run.status is not RunStatus.DONE:
        return f"Run {run.number} is not done, so it has left no model yet."
    if not METHODS[run.method].speaks:
        return f"Run {run.number} made a reward model, which answers nothing."
    names = {name for name, _ in list_model(storage, run)}
    if not names or is_retired_run(session, run.id):
        return f"The model of run {run.number} was erased, with a person whose texts it had learned from."
    if not names.issuperset(NEEDED):
        return f"The model of run {run.number} is not whole: it has no {min(set(NEEDED) - names)}."
    return ""


def require_model(session: Session, storage: Storage, run: Run) -> None:
    """Conflict, with the reason, for a run whose model cannot be asked."""
    if reason := why_not(session, storage, run):
        raise Conflict("training.no_model", reason)


def pair_of(storage: Storage, run: Run, settings: Settings) -> Pair:
    """The run's base and tuned model. Conflict where the base is not on this machine any more.

    The tuned one lies where its trainer worked; where that was another machine, it is copied there from the storage,
    once it is needed.
    """
    tuned = settings.runs_root / run.folder / "model"

    def at_hand() -> dict[SideName, str]:
        if not tuned.is_dir():
            bring(storage, run, tuned)
        return {"base": str(resolve(run.base_model, settings.models_root)), "tuned": str(tuned)}

    if not settings.playground_url:
        try:
            resolve(run.base_model, settings.models_root)
        except UnknownBaseModel as why:
            raise Conflict("training.no_base_model", str(why)) from None
    return Pair(run.id, facts(run.base_model), at_hand)


def one_of(storage: Storage, run: Run, settings: Settings, side: SideName) -> Pair:
    """The same, of which one alone answers."""
    return replace(pair_of(storage, run, settings), sides=(side,))


def bring(storage: Storage, run: Run, folder: Path) -> None:
    """Copy a run's model from the storage, whole or not at all. Of two that do so at once one is kept."""
    part = folder.with_name(f"model.{secrets.token_hex(4)}.part")
    part.mkdir(parents=True)
    try:
        for name, _ in list_model(storage, run):
            with (part / name).open("wb") as file:
                for chunk in storage.open(model_key(run, name)):
                    file.write(chunk)
        with suppress(OSError):  # another was faster
            part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
