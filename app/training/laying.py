"""What of other runs lies in a run's folder: the models that it is made from, and what those had learned from."""

import json
import shutil
from collections.abc import Mapping, Sequence
from hashlib import file_digest
from pathlib import Path

from app.core.storage import Storage
from app.datasets.files import open_file
from app.datasets.formats.making import lines
from app.training.artefacts import list_model, model_hashes, model_key
from app.training.launch import CannotWork
from app.training.models import Run
from app.training.worker.inputs import SEEN_PROMPTS, SFT_FILES, SFT_PLAN
from app.training.worker.plan import Plan, PlanError
from app.training.worker.report import SEEN

FOLDERS: Mapping[str, str] = {
    "begins_from_run_id": "base", "reward_run_id": "reward", "second_reward_run_id": "second_reward",
}  # fmt: skip
FILES = {SEEN: "train.jsonl", "test": "test.jsonl"}


def plan_of(run: Run) -> Plan:
    """What a run is asked to do. CannotWork where only another release of Penset knows how."""
    try:
        return Plan.from_dict(run.plan)
    except PlanError as why:
        raise CannotWork(
            f"{why} Another release of Penset has started run {run.number}: bring this trainer to it and let it go on."
        ) from why


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


def lay_rows(storage: Storage, tuned: Run, folder: Path) -> None:
    """The rows of a fine-tuning and its plan, which says what of them it drew, beside the run's own: what of them is
    still known, and recited, is measured again."""
    for side, name in SFT_FILES.items():
        with (folder / name).open("wb") as out:
            out.writelines(open_file(storage, tuned.version, FILES[side]))
    plan_of(tuned).write(folder / SFT_PLAN)


def lay_seen(storage: Storage, ancestors: Sequence[Run], folder: Path) -> None:
    """The prompts that these runs were trained on, each once: what asks the same is not unseen."""
    known: set[str] = set()
    with (folder / SEEN_PROMPTS).open("w", encoding="utf-8") as out:
        for version, number in {run.version: run.number for run in reversed(ancestors)}.items():
            for line in lines(open_file(storage, version, FILES[SEEN])):
                row = json.loads(line)
                asked = row["prompt"] if "prompt" in row else row["messages"][:-1]
                if (text := json.dumps(asked, ensure_ascii=False)) not in known:
                    known.add(text)
                    told = {"id": f"{row['id']} of run {number}", "prompt": asked}
                    out.write(json.dumps(told, ensure_ascii=False) + "\n")


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
