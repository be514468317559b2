"""What a run began with: a run that goes on must find its plan and its rows as they were."""

import json
from hashlib import file_digest
from pathlib import Path

from app.training.worker.base_folder import weights_sha256
from app.training.worker.failures import RunFailed
from app.training.worker.report import SEEN

SFT_FILES = {SEEN: "sft_train.jsonl", "test": "sft_test.jsonl"}  # rows of the fine-tuning that this run comes from
SFT_PLAN = "sft_plan.json"  # what that was asked to do: it may have drawn some of its rows alone
SEEN_PROMPTS = "seen_prompts.jsonl"  # {"id", "prompt"} a line: what all runs that this one is made from were trained on
INPUTS = (
    "plan.json", "train.jsonl", "validation.jsonl", "test.jsonl", "test_writers.jsonl", "test_categories.jsonl",
    SFT_PLAN, *SFT_FILES.values(), SEEN_PROMPTS,
)  # fmt: skip
MODELS = ("base", "reward", "second_reward")  # folders of models that a run begins from or measures by
OPEN = "open.jsonl"  # open prompts, {"id", "category", "messages"} a line; on no record: others at each start
RECORD = "began.json"  # the SHA-256 of each, null where there is none, written when the run first begins


def require_same_inputs(folder: Path) -> None:
    """Put the run's inputs on the record when it first begins; later RunFailed, naming the file that was changed.

    What was measured before and what the checkpoints hold belong to those inputs: mixed with others, the report would
    tell of a run that never was.
    """
    now = {name: _digest(folder / name) if (folder / name).exists() else None for name in INPUTS}
    now |= {f"{name}/": weights_sha256(folder / name) for name in MODELS if (folder / name).is_dir()}
    record = folder / RECORD
    if not record.exists():
        part = record.with_name(record.name + ".part")
        part.write_text(json.dumps(now, indent=1) + "\n", "utf-8")
        part.replace(record)
        return
    began: dict[str, str | None] = json.loads(record.read_text("utf-8"))
    for name, digest in began.items():  # an older Penset knew of fewer files
        if now.get(name) != digest:
            raise RunFailed(
                "inputs_changed",
                f"{name} was changed since this run began, and a run goes on only with what it began with.",
                f"Put {name} back as it was, or start a new run with the new settings.",
            )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
