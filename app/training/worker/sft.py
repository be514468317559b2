"""Supervised fine-tuning, top to bottom. Reads a run's folder, writes that folder, knows nothing else."""

import json
import math
import shutil
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig, PeftModel
from transformers import PrinterCallback, set_seed
from trl.data_utils import pack_dataset
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from app.training.worker.base import Base, load_base
from app.training.worker.base_folder import weights_sha256
from app.training.worker.batches import Tell
from app.training.worker.by_size import measure_sizes
from app.training.worker.callbacks import MeasureEachEpoch, SealCheckpoints, StopWhenAsked, TellTheJournal, peak_memory
from app.training.worker.checkpoints import discard_newer, newest_whole, step_of
from app.training.worker.compose import compose
from app.training.worker.contamination import near_duplicates
from app.training.worker.epochs import read_epochs
from app.training.worker.events import EventKind, Journal, loss_curve, read_events
from app.training.worker.extras import as_memory_allows
from app.training.worker.failures import RunFailed, RunStopped
from app.training.worker.folder import write_card, write_sums
from app.training.worker.inputs import require_same_inputs
from app.training.worker.lowest import ByLoss
from app.training.worker.measure import (
    Measured,
    from_file,
    losses_by_side,
    mean_loss,
    measure,
    to_file,
    validation_loss,
)
from app.training.worker.meeting import PATIENCE, meet
from app.training.worker.open_prompts import first_of, read_open
from app.training.worker.plan import Plan
from app.training.worker.ranks import Agree, agreed, how_many, is_first, rank
from app.training.worker.report import NearDuplicate, Report
from app.training.worker.rows import Row, Rows, read_rows
from app.training.worker.watched import Watched, watched
from app.training.worker.words import missing, refusal

LIBRARIES = ("torch", "transformers", "trl", "peft", "tokenizers", "safetensors")


def run(folder: Path, journal: Journal, models: Path | None = None, track: str | None = None) -> Report | None:
    """Fine-tune as `plan.json` says. Leaves `model/` and `report.json` whole or not at all.

    `models`: where the base models lie on this machine, if not where the plan says. `track`: a tracker for the numbers.

    Started again in the same folder, it goes on where it was. RunFailed says why it cannot, RunStopped that somebody
    asked it to stop. Where several processes share the run, each calls this: the first measures, writes and has the
    report, the others learn with it.
    """
    begun = time.monotonic()
    plan = Plan.read(folder / "plan.json")
    if plan.threads:
        torch.set_num_threads(plan.threads)
    if is_first():
        require_same_inputs(folder)
    set_seed(plan.seed)
    base = load_base(plan, models)
    data = read_rows(folder, base.encode, max_length=plan.max_length, draw=plan.train_rows, seed=plan.seed)
    contaminated = checked(journal, plan, data)
    rows = watched(data, plan)
    by_loss = ByLoss(folder, plan, journal)
    meet(rank(), how_many(), cpu=base.use.cpu)
    trainer = make_trainer(folder, plan, base, data, journal, by_loss, track)
    model: Any = trainer.model  # with the adapter, where the plan wants one
    tell = teller(folder, journal, trainer)
    look_at_each_epoch(trainer, folder, rows)

    checkpoint = agreed(where_it_was(folder, journal) if is_first() else None)
    tell_start(journal, plan, base, trainer, data, checkpoint)
    before = measured_before(folder, journal, plan, base, model, rows, tell) if is_first() else None

    learn(trainer, plan, by_loss, checkpoint)
    if before is None:
        return None
    if (folder / "stop").exists():
        raise RunStopped(trainer.state.global_step)
    curve = loss_curve(read_events(journal.path).events)
    kept = by_loss.choose(model, curve)

    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    model = as_stored(model, base.stored)  # what is measured is what is stored
    after = measure(model, rows, base.encode, max_new_tokens=plan.max_new_tokens, tell=tell)
    tell_measured(journal, EventKind.AFTER, rows, after)
    waiting = read_open(folder, base.encode, plan.max_length)
    first = as_memory_allows(
        journal,
        "the order of the open prompts",
        lambda: first_of(model, waiting, data.train, base.encode, plan.seed, tell),
    )
    part = save_model(folder, model, base)
    unseen = [] if contaminated else rows.sides.get("test", [])
    by_size = as_memory_allows(
        journal,
        "the curve over the size of the data",
        lambda: measure_sizes(folder, plan, models, make_trainer, data, unseen, steps_of(plan, trainer), tell),
    )

    report = compose(
        plan,
        base.facts,
        data,
        rows,
        before=before,
        after=after,
        epochs=read_epochs(folder, before_step=kept["step"] if kept else curve[-1]["step"]),
        contaminated=contaminated,
        curve=curve,
        kept=kept,
        first=first,
        by_size=by_size,
        machine={
            "model_sha256": weights_sha256(part),
            "trained_parameters": trained,
            "seconds": round(time.monotonic() - begun, 1),
            "peak_memory_bytes": peak_memory(),
            "versions": {name: version(name) for name in LIBRARIES},
        },
    )
    hand_over(folder, part, report, journal)
    return report


def checked(journal: Journal, plan: Plan, data: Rows) -> list[NearDuplicate]:
    """What is wrong with the rows, said before hours of training: those left out, and those that are not unseen."""
    if plan.keep != "last" and not data.validation:
        raise RunFailed(
            "no_validation",
            "The model of the lowest validation loss is to be kept, and there is no validation row.",
            "Keep the last model, or choose a version with rows to validate.",
        )
    if data.left_out:
        journal.write(EventKind.WARNING, message=missing(data.left_out))
    contaminated = near_duplicates(data.train, data.unseen)
    if contaminated:
        journal.write(EventKind.WARNING, message=refusal(contaminated))
    return contaminated


def make_trainer(
    folder: Path, plan: Plan, base: Base, data: Rows, journal: Journal, by_loss: ByLoss, track: str | None
) -> SFTTrainer:
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
        per_device_train_batch_size=plan.batch_size // how_many(),
        max_length=None,
        packing=plan.packing,
        dataset_kwargs={"skip_prepare_dataset": True},
        bf16=base.use.bf16,
        use_cpu=base.use.cpu,
        activation_checkpointing=base.use.save_memory,
        save_strategy="steps" if plan.checkpoint_steps else "epoch",
        save_steps=plan.checkpoint_steps or 500,
        save_total_limit=2,
        logging_steps=1,
        logging_nan_inf_filter=False,
        include_num_input_tokens_seen="non_padding",
        report_to=track or "none",
        run_name=plan.name,
        disable_tqdm=True,
        ddp_find_unused_parameters=False,
        ddp_timeout=int(PATIENCE.total_seconds()),
    )
    lora = LoraConfig(r=plan.lora_rank, lora_alpha=plan.lora_alpha, target_modules="all-linear", task_type="CAUSAL_LM")
    trainer = SFTTrainer(
        model=base.model,
        args=settings,
        train_dataset=sequences(data.train, plan),
        processing_class=base.tokenizer,
        peft_config=lora if plan.adapter == "lora" else None,
    )
    trainer.remove_callback(PrinterCallback)  # the journal tells it
    if is_first():
        trainer.add_callback(
            TellTheJournal(
                journal,
                lambda: validation_loss(trainer.model, data.validation),
                every=plan.evaluate_steps,
                judge=lambda now: by_loss.judge(trainer.model, now),
            )
        )
        trainer.add_callback(StopWhenAsked(folder))
    trainer.add_callback(SealCheckpoints(folder, journal))
    return trainer


def look_at_each_epoch(trainer: SFTTrainer, folder: Path, rows: Watched) -> None:
    """By the first process; what its callbacks have decided holds for all, so this comes last."""
    if is_first():
        trainer.add_callback(MeasureEachEpoch(folder, lambda each: losses_by_side(trainer.model, rows, each)))
    if how_many() > 1:
        trainer.add_callback(Agree())


def learn(trainer: SFTTrainer, plan: Plan, by_loss: ByLoss, checkpoint: Path | None) -> None:
    """All the steps from a checkpoint, or from the first; none where the run has ended early before."""
    set_seed(plan.seed)
    if not agreed(by_loss.is_over(step_of(checkpoint) if checkpoint else 0)):
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)


def where_it_was(folder: Path, journal: Journal) -> Path | None:
    """The checkpoint to go on from; what came after it is removed."""
    checkpoint = newest_whole(folder, lambda message: journal.write(EventKind.WARNING, message=message))
    discard_newer(folder, checkpoint)
    return checkpoint


def sequences(rows: Sequence[Row], plan: Plan) -> Dataset:
    """What the trainer reads: a row each, or packed. No row is longer than `max_length`, so that packing cuts none."""
    one_by_one = Dataset.from_list([row.encoded._asdict() for row in rows])
    return pack_dataset(one_by_one, plan.max_length, "bfd") if plan.packing else one_by_one


def teller(folder: Path, journal: Journal, trainer: SFTTrainer) -> Tell:
    """What long work outside the steps reports to. It ends there when somebody asks."""

    def tell(stage: str, done: int, total: int) -> None:
        journal.write(EventKind.PROGRESS, stage=stage, done=done, total=total)
        if (folder / "stop").exists():
            raise RunStopped(trainer.state.global_step)

    return tell


def tell_start(
    journal: Journal, plan: Plan, base: Base, trainer: SFTTrainer, data: Rows, checkpoint: Path | None
) -> None:
    """The first event: how far it is to go, with what, and from where."""
    journal.write(
        EventKind.STARTED,
        total_steps=steps_of(plan, trainer),
        rows={name: numbers["used"] for name, numbers in data.files.items()},
        left_out=len(data.left_out),
        resumed_from=step_of(checkpoint) if checkpoint else None,
        machine=base.machine + (f", {how_many()} processes" if how_many() > 1 else ""),
    )


def steps_of(plan: Plan, trainer: SFTTrainer) -> int:
    """How many steps the whole run takes."""
    return plan.max_steps or math.ceil(len(trainer.get_train_dataloader()) * plan.epochs)


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


def save_model(folder: Path, model: Any, base: Base) -> Path:
    """The tuned model as a folder that any library loads, its weights stored as those of its base are.

    It is not whole before its card is written, so it still has another name.
    """
    part = folder / "model.part"
    for old in (part, folder / "model"):
        shutil.rmtree(old, ignore_errors=True)
    model.generation_config.eos_token_id = base.encode.stop
    model.to(base.stored).save_pretrained(part)
    base.tokenizer.save_pretrained(part)
    return part


def hand_over(folder: Path, part: Path, report: Report, journal: Journal) -> None:
    """Give the whole model its name, leave the report, and tell the end."""
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
    part.write_text(json.dumps(report, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
    part.replace(path)
