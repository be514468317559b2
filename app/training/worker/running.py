"""What a run of any method does around its trainer: begin or go on, tell how far it is, hear a stop."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig
from transformers import PrinterCallback, Trainer, TrainerCallback, set_seed

from app.training.worker.base import Base
from app.training.worker.batches import Tell
from app.training.worker.callbacks import SealCheckpoints, StopWhenAsked
from app.training.worker.chat import Encoded
from app.training.worker.checkpoints import KEPT, discard_newer, newest_whole, step_of
from app.training.worker.events import EventKind, Journal, Point, loss_curve, read_events
from app.training.worker.failures import RunFailed, RunStopped
from app.training.worker.inputs import require_same_inputs
from app.training.worker.machine import Use
from app.training.worker.meeting import PATIENCE
from app.training.worker.plan import Plan
from app.training.worker.ranks import Agree, agreed, how_many, is_first
from app.training.worker.report import FileNumbers, LeftOut
from app.training.worker.shape import shape_of
from app.training.worker.tokens import row_tokens
from app.training.worker.words import missing

SHOWN = 4  # rows, or sides of pairs


def begin(folder: Path) -> Plan:
    """The plan of the run in this folder, whose inputs must be those that it began with."""
    plan = Plan.read(folder / "plan.json")
    if plan.threads:
        torch.set_num_threads(plan.threads)
    if is_first():
        require_same_inputs(folder)
    set_seed(plan.seed)
    return plan


def settings_of(folder: Path, plan: Plan, use: Use, track: str | None) -> dict[str, Any]:
    """What every trainer is told, whatever its method."""
    return {
        "output_dir": str(folder / "checkpoints"),
        "seed": plan.seed,
        "data_seed": plan.seed,
        "num_train_epochs": plan.epochs,
        "max_steps": plan.max_steps or -1,
        "learning_rate": plan.learning_rate,
        "lr_scheduler_type": "linear",
        "warmup_steps": plan.warmup_steps,
        "weight_decay": plan.weight_decay,
        "per_device_train_batch_size": plan.batch_size // how_many(),
        "bf16": use.bf16,
        "use_cpu": use.cpu,
        "activation_checkpointing": use.save_memory,
        "save_strategy": "steps" if plan.checkpoint_steps else "epoch",
        "save_steps": plan.checkpoint_steps or 500,
        "save_total_limit": KEPT,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "report_to": track or "none",
        "run_name": plan.name,
        "disable_tqdm": True,
        "ddp_find_unused_parameters": False,
        "ddp_timeout": int(PATIENCE.total_seconds()),
    }


def adapter_of(plan: Plan, task: str) -> LoraConfig | None:
    """The adapter that learns in the place of the weights, where the plan wants one. `task`: as peft calls it."""
    if plan.adapter == "full":
        return None
    return LoraConfig(r=plan.lora_rank, lora_alpha=plan.lora_alpha, target_modules="all-linear", task_type=task)


def call_back(trainer: Trainer, folder: Path, journal: Journal, *tells: TrainerCallback) -> None:
    """What happens inside the loop: `tells` first, then whether it is to stop; last a checkpoint is put on record."""
    trainer.remove_callback(PrinterCallback)  # the journal tells it
    if is_first():
        for each in tells:
            trainer.add_callback(each)
        trainer.add_callback(StopWhenAsked(folder))
    trainer.add_callback(SealCheckpoints(folder, journal))


def follow_the_first(trainer: Trainer) -> None:
    """What the first process decides holds for all, where several share the run; after all other callbacks."""
    if how_many() > 1:
        trainer.add_callback(Agree())


def require_validation(plan: Plan, validation: Sequence[object]) -> None:
    """RunFailed where a model is to be chosen by rows that are not there."""
    if plan.keep != "last" and not validation:
        raise RunFailed(
            "no_validation",
            "The model of the lowest validation loss is to be kept, and there is no validation row.",
            "Keep the last model, or choose a version with rows to validate.",
        )


def tell_left_out(journal: Journal, left_out: list[LeftOut]) -> None:
    """Before hours of training: which rows take no part."""
    if left_out:
        journal.write(EventKind.WARNING, message=missing(left_out))


def where_it_was(folder: Path, journal: Journal) -> Path | None:
    """The checkpoint to go on from; what came after it is removed. The same for all processes."""

    def found() -> Path | None:
        checkpoint = newest_whole(folder, lambda message: journal.write(EventKind.WARNING, message=message))
        discard_newer(folder, checkpoint)
        return checkpoint

    return agreed(found() if is_first() else None)


def tell_start(
    journal: Journal,
    plan: Plan,
    base: Base,
    trainer: Trainer,
    files: dict[str, FileNumbers],
    left_out: list[LeftOut],
    checkpoint: Path | None,
) -> None:
    """The first event: how far it is to go, with what, and from where."""
    journal.write(
        EventKind.STARTED,
        total_steps=steps_of(plan, trainer),
        rows={name: numbers["used"] for name, numbers in files.items()},
        left_out=len(left_out),
        resumed_from=step_of(checkpoint) if checkpoint else None,
        machine=base.machine + (f", {how_many()} processes" if how_many() > 1 else ""),
        shape=(found := shape_of(base.folder)) and asdict(found),
    )


def tell_tokens(journal: Journal, read: Iterable[tuple[str, Encoded]], base: Base, checkpoint: Path | None) -> None:
    """The first rows as the model reads them, once a run. `read`: as_read.py."""
    if checkpoint is None:
        journal.write(EventKind.TOKENS, shown=row_tokens(islice(read, SHOWN), base.tokenizer.decode))


def steps_of(plan: Plan, trainer: Trainer) -> int:
    """How many steps the whole run takes."""
    return plan.max_steps or math.ceil(len(trainer.get_train_dataloader()) * plan.epochs)


def teller(folder: Path, journal: Journal, trainer: Trainer) -> Tell:
    """What long work outside the steps reports to. It ends there when somebody asks."""

    def tell(stage: str, done: int, total: int) -> None:
        journal.write(EventKind.PROGRESS, stage=stage, done=done, total=total)
        require_not_stopped(folder, trainer)

    return tell


def curve_told(journal: Journal) -> list[Point]:
    """The curve of all steps, those of earlier tries included. RunFailed where the journal that told them is gone."""
    if curve := loss_curve(read_events(journal.path).events):
        return curve
    raise RunFailed(
        "no_events",
        "All steps were made by earlier tries, and events.jsonl, which told of them, is gone.",
        "Put events.jsonl back as it was, or start a new run.",
    )


def require_not_stopped(folder: Path, trainer: Trainer) -> None:
    """RunStopped where somebody has asked the run to stop."""
    if (folder / "stop").exists():
        raise RunStopped(trainer.state.global_step)


def learn(trainer: Trainer, plan: Plan, checkpoint: Path | None, is_over: Callable[[int], bool]) -> None:
    """All the steps from a checkpoint, or from the first; none where the run has ended early there before."""
    set_seed(plan.seed)
    if not agreed(is_over(step_of(checkpoint) if checkpoint else 0)):
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
