"""What of other runs lies in a run's folder: the models that it is made from, and rows that the first learned from."""

import shutil
from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path

from app.core.storage import Storage
from app.datasets.files import open_file
from app.datasets.models import Version
from app.training.artefacts import list_model, model_hashes, model_key
from app.training.launch import CannotWork
from app.training.models import Run

FOLDERS: Mapping[str, str] = {
    "begins_from_run_id": "base", "reward_run_id": "reward", "second_reward_run_id": "second_reward",
}  # fmt: skip
ROWS = ("train.jsonl", "test.jsonl")


def lay_model(storage: Storage, runs_root: Path, run: Run, folder: Path) -> None:
    """A finished run's model as a folder, each file by its hash. CannotWork, naming the run, for a model that is gone.

    From the folder in which its trainer left it, without a copy, where that is this machine; else from the storage.
    """
    hashes = model_hashes(storage, run)
    names = [name for name, _ in list_model(storage, run) if not name.endswith(".gguf")]
    if not names:
        raise CannotWork(f"The model of run {run.number} is gone, and this run is made from it. Start another run.")
    folder.mkdir()
    for name in names:
        left = runs_root / run.folder / "model" / name
        if not _link(left, folder / name, hashes.get(name)):
            _fetch(storage, run, name, folder / name, hashes.get(name))


def lay_rows(storage: Storage, version: Version, folder: Path) -> None:
    """The rows that the run before had learned from, and those that it never saw, beside the run's own: what of them it
    still knows, and recites, is measured again."""
    for name in ROWS:
        with (folder / f"sft_{name}").open("wb") as out:
            out.writelines(open_file(storage, version, name))


def _link(left: Path, to: Path, digest: str | None) -> bool:
    """Whether the very file lay there, and lies here now."""
    if not left.is_file() or (digest is not None and _digest(left) != digest):
        return False
    try:
        to.hardlink_to(left)
    except OSError:  # another disk, or one that knows no links
        shutil.copyfile(left, to)
    return True


def _fetch(storage: Storage, run: Run, name: str, to: Path, digest: str | None) -> None:
    with to.open("wb") as file:
        for chunk in storage.open(model_key(run, name)):
            file.write(chunk)
    if digest is not None and _digest(to) != digest:
        raise CannotWork(
            f"{name} of the model of run {run.number} is not as its worker wrote it. Bring it back from a backup."
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
