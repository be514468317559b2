"""Which file carries out which method: imported when it is needed, for each takes seconds of imports."""

import gc
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from app.training.worker.events import Journal
from app.training.worker.report import Report

Carry = Callable[[Path, Journal, Path | None, str | None], Report | None]
FILES = {"sft": "sft", "reward": "reward", "dpo": "dpo", "rloo": "policy", "grpo": "policy"}


def run_of(method: str) -> Carry:
    """The function that carries out a run of this method: its folder, its journal, base models, a tracker."""
    gc.disable()  # nothing of what is imported is garbage, and looking for it takes a tenth of the time
    try:
        found: Carry = import_module(f"app.training.worker.{FILES[method]}").run
    finally:
        gc.enable()
    return found
