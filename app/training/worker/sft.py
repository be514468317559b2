"""Supervised fine-tuning, top to bottom. Reads a run's folder, writes that folder, knows nothing else."""

import json
import math
import shutil
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig, PeftModel
from transformers import PrinterCallback, set_seed
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from app.training.worker.base import Base, load_base
from app.training.worker.base_folder import weights_sha256
from app.training.worker.batches import Tell
from app.training.worker.callbacks import MeasureEachEpoch, SealCheckpoints, StopWhenAsked, TellTheJournal, peak_memory
from app.training.worker.checkpoints import discard_newer, newest_whole, step_of
from app.training.worker.compose import compose
from app.training.worker.contamination import near_duplicates
from app.training.worker.epochs import read_epochs
from app.training.worker.events import EventKind, Journal, loss_curve, read_events
from app.training.worker.failures import RunStopped
from app.training.worker.inputs import require_same_inputs
from app.training.worker.measure import (
    Measured,
    from_file,
    losses_by_side,
    mean_loss,
    measure,
    to_file,
    validation_loss,
)
from app.training.worker.plan import Plan
from app.training.worker.report import Report
from app.training.worker.rows import Rows, read_rows
from app.training.worker.watched import Watched, watched
from app.training.worker.words import refusal

LIBRARIES = ("torch", "transformers", "trl", "peft", "tokenizers", "safetensors")


def run(folder: Path, journal: Journal) -> Report:
    """Fine-tune as `plan.json` says. Leaves `model/` and `report.json` whole or not at all.

    Started again in the same folder, it goes on where it was. RunFailed says why it cannot, RunStopped that somebody
    asked it to stop.
    """
    begun = time.monotonic()
    plan = Plan.read(folder / "plan.json")
    if plan.threads:
        torch.set_num_threads(plan.threads)
    require_same_inputs(folder)
    set_seed(plan.seed)
    base = load_base(plan)
    data = read_rows(folder, base.encode, max_length=plan.max_length, draw=plan.train_rows, seed=plan.seed)
    contaminated = near_duplicates(data.train, data.unseen)
    if contaminated:  # said before hours of training, too
        journal.write(EventKind.WARNING, message=refusal(contaminated))
    rows = watched(data, plan)
    trainer = make_trainer(folder, plan, base, data, journal)
    model: Any = trainer.model  # with the adapter, where the plan wants one
    tell = teller(folder, journal, trainer)
    trainer.add_callback(MeasureEachEpoch(folder, lambda each: losses_by_side(trainer.model, rows, each)))

    checkpoint = newest_whole(folder, lambda message: journal.write(EventKind.WARNING, message=message))
    discard_newer(folder, checkpoint)
    tell_start(journal, plan, trainer, data, checkpoint)
    before = measured_before(folder, journal, plan, base, model, rows, tell)

    set_seed(plan.seed)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    if (folder / "stop").exists():
        raise RunStopped(trainer.state.global_step)

    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    model = as_stored(model, base.stored)  # what is measured is what is stored
    after = measure(model, rows, base.encode, max_new_tokens=plan.max_new_tokens, tell=tell)
    tell_measured(journal, EventKind.AFTER, rows, after)
    save_model(folder, model, base)

    report = compose(
        plan,
        base.facts,
        data,
        rows,
        before=before,
        after=after,
        epochs=read_epochs(folder, before_step=trainer.state.global_step),
        contaminated=contaminated,
        curve=loss_curve(read_events(journal.path).events),
        machine={
            "model_sha256": weights_sha256(folder / "model"),
            "trained_parameters": trained,
            "seconds": round(time.monotonic() - begun, 1),
            "peak_memory_bytes": peak_memory(),
            "versions": {name: version(name) for name in LIBRARIES},
        },
    )
    write_report(folder / "report.json", report)
    for sample in report["samples"]:
        journal.write(EventKind.SAMPLE, sample=sample)
    journal.write(EventKind.DONE, seconds=report["seconds"])
    return report


def make_trainer(folder: Path, plan: Plan, base: Base, data: Rows, journal: Journal) -> SFTTrainer:
    """TRL's trainer around our rows: encoded by us, so that it neither renders, cuts nor masks anything."""
    settings = SFTConfig(
        output_dir=str(folder / "checkpoints"),
        seed=plan.seed,
        data_seed=plan.seed,
        num_train_epochs=plan.epochs,
        max_steps=plan.max_steps or -1,
        learning_rate=plan.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=plan.warmup_steps,
        weight_decay=plan.weight_decay,
        per_device_train_batch_size=plan.batch_size,
        max_length=None,
        dataset_kwargs={"skip_prepare_dataset": True},
        bf16=plan.bf16,
        use_cpu=plan.cpu,
        activation_checkpointing=plan.save_memory,
        save_strategy="steps" if plan.checkpoint_steps else "epoch",
        save_steps=plan.checkpoint_steps or 500,
        save_total_limit=2,
        logging_steps=1,
        logging_nan_inf_filter=False,
        include_num_input_tokens_seen="non_padding",
        report_to="none",
        disable_tqdm=True,
    )
    lora = LoraConfig(r=plan.lora_rank, lora_alpha=plan.lora_alpha, target_modules="all-linear", task_type="CAUSAL_LM")
    trainer = SFTTrainer(
        model=base.model,
        args=settings,
        train_dataset=Dataset.from_list([row.encoded._asdict() for row in data.train]),
        processing_class=base.tokenizer,
        peft_config=lora if plan.adapter == "lora" else None,
    )
    trainer.remove_callback(PrinterCallback)  # the journal tells it
    trainer.add_callback(
        TellTheJournal(journal, lambda: validation_loss(trainer.model, data.validation), every=plan.evaluate_steps)
    )
    trainer.add_callback(SealCheckpoints(folder, journal))
    trainer.add_callback(StopWhenAsked(folder))
    return trainer


def teller(folder: Path, journal: Journal, trainer: SFTTrainer) -> Tell:
    """What long work outside the steps reports to. It ends there when somebody asks."""

    def tell(stage: str, done: int, total: int) -> None:
        journal.write(EventKind.PROGRESS, stage=stage, done=done, total=total)
        if (folder / "stop").exists():
            raise RunStopped(trainer.state.global_step)

    return tell


def tell_start(journal: Journal, plan: Plan, trainer: SFTTrainer, data: Rows, checkpoint: Path | None) -> None:
    """The first event: how far it is to go, with what, and from where."""
    steps_an_epoch = len(trainer.get_train_dataloader())
    journal.write(
        EventKind.STARTED,
        total_steps=plan.max_steps or math.ceil(steps_an_epoch * plan.epochs),
        rows={name: numbers["used"] for name, numbers in data.files.items()},
        left_out=len(data.left_out),
        resumed_from=step_of(checkpoint) if checkpoint else None,
    )


def measured_before(
    folder: Path, journal: Journal, plan: Plan, base: Base, model: Any, rows: Watched, tell: Tell
) -> Measured:
    """The base model's numbers: measured once, and kept for a run that goes on."""
    kept = folder / "before.json"
    if before := from_file(kept):
        return before
    before = measure(model, rows, base.encode, max_new_tokens=plan.max_new_tokens, tell=tell)
    tell_measured(journal, EventKind.BEFORE, rows, before)
    to_file(before, kept)
    return before


def tell_measured(journal: Journal, kind: EventKind, rows: Watched, measured: Measured) -> None:
    """What a model was measured at, in nats a response token."""

    def loss_of(side: str) -> float | None:
        return mean_loss(measured.losses.get(side, []), rows.sides.get(side, []))

    journal.write(
        kind,
        seen_loss=loss_of("train"),
        unseen_loss=loss_of("test"),
        validation_loss=measured.validation_loss,
    )


def as_stored(model: Any, dtype: torch.dtype) -> Any:
    """The tuned model with the weights that will be stored: an adapter merged into its base, rounded to `dtype`.

    It computes as before; only the weights are rounded, since no buffer of it is stored.
    """
    merged = model.merge_and_unload() if isinstance(model, PeftModel) else model
    with torch.no_grad():
        for weights in merged.parameters():
            weights.copy_(weights.to(dtype))
    return merged


def save_model(folder: Path, model: Any, base: Base) -> None:
    """The tuned model as a folder that any library loads, its weights stored as those of its base are."""
    part, whole = folder / "model.part", folder / "model"
    for old in (part, whole):
        shutil.rmtree(old, ignore_errors=True)
    model.generation_config.eos_token_id = base.encode.stop
    model.to(base.stored).save_pretrained(part)
    base.tokenizer.save_pretrained(part)
    part.rename(whole)


def write_report(path: Path, report: Report) -> None:
    """Whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(report, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
    part.replace(path)
