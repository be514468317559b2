"""The demo's two runs: the tiny model while one waits, a real language model while the site already serves."""

import filecmp
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import User
from app.accounts.sign_ins import actor_for
from app.core.errors import StartRefused
from app.core.settings import Settings
from app.datasets.models import Version, VersionStatus
from app.training.base_models import LISTED, available
from app.training.fetch import fetch
from app.training.models import Run, RunStatus
from app.training.progress import progress_of
from app.training.queries import events_of
from app.training.service import start_run

Tell = Callable[[int, int], None]
LOOK_SECONDS = 0.5


def wait_for_version(sessions: sessionmaker[Session], version_id: int, tell: Tell) -> str:
    """Wait until the publishing job is done. What the version holds, in words."""
    while True:
        with sessions.begin() as session:
            version = session.get_one(Version, version_id)
            if version.status is VersionStatus.FAILED:
                raise StartRefused(f"Publishing failed: {version.failure}")
            if version.status is VersionStatus.PUBLISHED:
                tell(1, 1)
                counts = ", ".join(
                    f"{count} {split}" for split, count in version.counts.items() if isinstance(count, int)
                )
                return f"version {version.number}: {counts} rows"
        time.sleep(LOOK_SECONDS)


def queue_run(sessions: sessionmaker[Session], settings: Settings, admin_id: int, version_id: int, model: str) -> int:
    """Start a run as the admin. Its id."""
    with sessions.begin() as session:
        admin = actor_for(session, session.get_one(User, admin_id))
        return start_run(session, admin, version_id, base_model=model, models_root=settings.models_root).id


def wait_for_run(sessions: sessionmaker[Session], run_id: int, tell: Tell) -> str:
    """Wait for a run's end, telling its steps. How it ended, in words."""
    while True:
        with sessions.begin() as session:
            run = session.get_one(Run, run_id)
            events = events_of(session, run_id)
            progress = progress_of(events, ended=False)
            tell(progress.step, progress.total_steps or 1)
            if run.status is RunStatus.DONE:
                return f"run {run.number} is done and measured, {progress.total_steps} steps"
            if run.status in (RunStatus.FAILED, RunStatus.STOPPED):
                raise StartRefused(f"Run {run.number} {run.status}: {run.failure}")
        time.sleep(LOOK_SECONDS)


def fetch_model(settings: Settings, model: str) -> str:
    """Have the second run's model in the models folder. What it is, in words."""
    if model in available(settings.models_root):
        return f"{model} is there already"
    if model not in LISTED:
        raise StartRefused(
            f"There is no model {model!r} in {settings.models_root}. Put its folder there, or choose one of: "
            f"{', '.join(LISTED)}, none."
        )
    fetch(model, settings.models_root)
    return f"{LISTED[model].label}, {LISTED[model].licence}"


def adopt_folder(settings: Settings, folder: Path) -> str:
    """Make a folder of the operator's a base model, by a link-free copy under its own name. The name.

    StartRefused where another model of that name is there already.
    """
    target = settings.models_root / folder.name
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    if target.exists() and filecmp.cmpfiles(folder, target, names, shallow=False)[0] != names:
        raise StartRefused(
            f"{settings.models_root} holds another model named {folder.name!r}, or an earlier state of this one, from "
            f"which runs may begin. Give {folder} another name."
        )
    if not target.exists():
        part = target.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(folder, part)
        part.rename(target)
    return folder.name
