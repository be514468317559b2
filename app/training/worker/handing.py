"""How a finished model is stored and handed over with its report: whole, or not at all."""

import shutil
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel

from app.training.worker.base import Base
from app.training.worker.base_folder import weights_sha256
from app.training.worker.callbacks import peak_memory
from app.training.worker.compose import Machine
from app.training.worker.events import EventKind, Journal, as_json, read_events
from app.training.worker.folder import write_card, write_sums
from app.training.worker.four_bits import is_in_four_bits, out_of_four_bits
from app.training.worker.report import Report
from app.training.worker.tries import with_earlier_tries

LIBRARIES = ("torch", "transformers", "trl", "peft", "tokenizers", "safetensors")


def as_stored(model: Any, dtype: torch.dtype) -> Any:
    """The tuned model with the weights that will be stored: an adapter merged into its base, rounded to `dtype`.

    It computes as before; only the weights are rounded, since no buffer of it is stored. A base in 4 bits stays there,
    since nothing else may have room beside a GPU: `save_model` stores what it computes.
    """
    if is_in_four_bits(model):
        return model
    merged = model.merge_and_unload() if isinstance(model, PeftModel) else model
    with torch.no_grad():
        for weights in merged.parameters():
            weights.copy_(weights.to(dtype))
    return merged


def trained_weights(model: Any) -> int:
    """How many numbers the run learned."""
    return sum(weights.numel() for weights in model.parameters() if weights.requires_grad)


def save_model(folder: Path, model: Any, base: Base) -> Path:
    """The tuned model as a folder that any library loads, its weights stored as those of its base are.

    It is not whole before its card is written, so it still has another name.
    """
    part = folder / "model.part"
    for old in (part, folder / "model"):
        shutil.rmtree(old, ignore_errors=True)
    if is_in_four_bits(model):
        model = out_of_four_bits(model, base.stored)
    if model.can_generate():
        model.generation_config.eos_token_id = base.encode.stop
    model.to(base.stored).save_pretrained(part)
    base.tokenizer.save_pretrained(part)
    return part


def cost(part: Path, trained: int, begun: float) -> Machine:
    """What this try of the run cost, and what it left. `begun`: on the monotonic clock."""
    return {
        "model_sha256": weights_sha256(part),
        "trained_parameters": trained,
        "seconds": round(time.monotonic() - begun, 1),
        "peak_memory_bytes": peak_memory(),
        "versions": {name: version(name) for name in LIBRARIES},
    }


def hand_over(folder: Path, part: Path, report: Report, journal: Journal) -> None:
    """Give the whole model its name, leave the report, and tell the end; what it cost is that of all tries."""
    report = with_earlier_tries(report, read_events(journal.path).events)
    write_card(part, report)
    write_sums(part)
    part.rename(folder / "model")
    write_report(folder / "report.json", report)
    for sample in report["samples"]:
        journal.write(EventKind.SAMPLE, sample=sample)
    journal.write(EventKind.DONE, seconds=report["seconds"])


def write_report(path: Path, report: Report) -> None:
    """Whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(as_json(report) + "\n", "utf-8")
    part.replace(path)
