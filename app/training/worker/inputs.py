"""What a run began with: a run that goes on must find its plan and its rows as they were."""

import json
from hashlib import file_digest
from pathlib import Path

from app.training.worker.failures import RunFailed

INPUTS = ("plan.json", "train.jsonl", "validation.jsonl", "test.jsonl")
RECORD = "began.json"  # the SHA-256 of each, written when the run first begins


def require_same_inputs(folder: Path) -> None:
    """Put the run's inputs on the record when it first begins; later RunFailed, naming the file that was changed.

    What was measured before and what the checkpoints hold belong to those inputs: mixed with others, the report would
    tell of a run that never was.
    """
    now = {name: _digest(folder / name) for name in INPUTS if (folder / name).exists()}
    record = folder / RECORD
    if not record.exists():
        part = record.with_name(record.name + ".part")
        part.write_text(json.dumps(now, indent=1) + "\n", "utf-8")
        part.replace(record)
        return
    began: dict[str, str] = json.loads(record.read_text("utf-8"))
    for name in INPUTS:
        if now.get(name) != began.get(name):
            raise RunFailed(
                "inputs_changed",
                f"{name} was changed since this run began, and a run goes on only with what it began with.",
                f"Put {name} back as it was, or start a new run with the new settings.",
            )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
