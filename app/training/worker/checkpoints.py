"""Which checkpoint may be loaded: whole, and byte for byte what this worker wrote (SECURITY.md R30, R31).

Optimiser, scheduler and random state are pickles, read by torch with `weights_only=True`. So a run's folder keeps
`checkpoints.json`: for each checkpoint the SHA-256 of each file, written after the checkpoint is on disk. What is not
in it was never finished; what differs from it was changed by somebody else.
"""

import json
import os
import shutil
from collections.abc import Callable
from hashlib import file_digest
from pathlib import Path

KEPT = 2  # the newest ones
LEDGER = "checkpoints.json"
UNUSED = "training_args.bin"  # a pickle of settings that the trainer writes and nobody needs

Ledger = dict[str, dict[str, str]]


def seal(run: Path, checkpoint: Path) -> None:
    """Put a finished checkpoint on the record. Before this line it does not exist for a resume."""
    (checkpoint / UNUSED).unlink(missing_ok=True)
    for path in _files(checkpoint):
        _to_disk(path)
    kept = {name: files for name, files in _read(run).items() if (checkpoint.parent / name).is_dir()}
    kept[checkpoint.name] = _digests(checkpoint)
    part = run / (LEDGER + ".part")
    part.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    _to_disk(part)
    part.replace(run / LEDGER)


def newest_whole(run: Path, warn: Callable[[str], None]) -> Path | None:
    """The checkpoint to go on from, or None to begin anew. Each one passed over is named to `warn`, with the reason."""
    ledger, folder = _read(run), run / "checkpoints"
    found = folder.glob("checkpoint-*") if folder.is_dir() else []
    for checkpoint in sorted(found, key=step_of, reverse=True):
        reason = _why_not(checkpoint, ledger.get(checkpoint.name))
        if not reason:
            return checkpoint
        warn(f"{checkpoint.name} is not used: {reason}")
    return None


def discard_newer(run: Path, than: Path | None) -> None:
    """Remove the checkpoints that were passed over, so that nothing of them is left where new ones are written."""
    for checkpoint in (run / "checkpoints").glob("checkpoint-*"):
        if than is None or step_of(checkpoint) > step_of(than):
            shutil.rmtree(checkpoint)


def discard_unfinished(run: Path) -> None:
    """Remove the checkpoints that are not on the record: a full disk has room again, for the word that it was full."""
    ledger = _read(run)
    for checkpoint in (run / "checkpoints").glob("checkpoint-*"):
        if checkpoint.name not in ledger:
            shutil.rmtree(checkpoint)


def step_of(checkpoint: Path) -> int:
    """The optimiser step after which this checkpoint was written."""
    number = checkpoint.name.rpartition("-")[2]
    return int(number) if number.isdigit() else -1


def _why_not(checkpoint: Path, recorded: dict[str, str] | None) -> str:
    if recorded is None:
        return "it was never finished."
    now = _digests(checkpoint)
    for name in sorted(recorded.keys() | now.keys()):
        if name not in now:
            return f"{name} is missing."
        if name not in recorded:
            return f"{name} was put there by somebody else."
        if now[name] != recorded[name]:
            return f"{name} is not as the worker wrote it."
    return ""


def _read(run: Path) -> Ledger:
    path = run / LEDGER
    ledger: Ledger = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return ledger


def _files(checkpoint: Path) -> list[Path]:
    return sorted(path for path in checkpoint.rglob("*") if not path.is_dir())


def _digests(checkpoint: Path) -> dict[str, str]:
    digests = {}
    for path in _files(checkpoint):
        with path.open("rb") as file:
            digests[str(path.relative_to(checkpoint))] = file_digest(file, "sha256").hexdigest()
    return digests


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
