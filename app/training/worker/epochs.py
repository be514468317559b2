"""What was measured at the ends of epochs: a file each in the run's folder, so that a run that goes on has them."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TypedDict

FOLDER = "measured"


class EpochLosses(TypedDict):
    """What was measured at an epoch's end: summed losses by side, in the order of the watched rows.

    `epoch`: with those of the runs that this one goes on from; step 0 is where it begins.
    """

    step: int
    epoch: float
    losses: dict[str, list[float]]


def keep_epoch(run: Path, measured: EpochLosses) -> None:
    """One file, whole or not at all. A run that comes to the same step again writes the same file."""
    folder = run / FOLDER
    folder.mkdir(exist_ok=True)
    part = folder / f"step-{measured['step']}.part"
    part.write_text(json.dumps(measured), "utf-8")
    part.replace(part.with_suffix(".json"))


def read_epochs(run: Path, *, before_step: int) -> list[EpochLosses]:
    """What was measured before a step, in order."""
    read: Iterable[EpochLosses] = (json.loads(path.read_text("utf-8")) for path in (run / FOLDER).glob("step-*.json"))
    return sorted((one for one in read if one["step"] < before_step), key=lambda one: one["step"])
