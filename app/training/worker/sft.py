"""Supervised fine-tuning, top to bottom. Reads a run's folder, writes that folder, knows nothing else."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from trl.data_utils import pack_dataset
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from app.training.worker.as_read import answered
from app.training.worker.base import Base, facts_of_first, first_model, load_base
from app.training.worker.batches import Tell
from app.training.worker.by_size import measure_sizes
from app.training.worker.callbacks import MeasureEachEpoch, TellTheJournal
from app.training.worker.compose import compose
from app.training.worker.contamination import near_duplicates
from app.training.worker.epochs import keep_epoch, read_epochs
from app.training.worker.events import EventKind, Journal
from app.training.worker.extras import as_memory_allows
from app.training.worker.four_bits import learn_in_float32
from app.training.worker.handing import as_stored, cost, hand_over, save_model, trained_weights
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
from app.training.worker.meeting import meet
from app.training.worker.open_prompts import first_of, read_open
from app.training.worker.plan import Plan
from app.training.worker.prompts import Taught, asked_before
from app.training.worker.ranks import how_many, is_first, rank
from app.training.worker.report import NearDuplicate, Report
from app.training.worker.rows import Row, Rows, read_rows
from app.training.worker.running import (
    adapter_of,
    begin,
    call_back,
    curve_told,
    follow_the_first,
    learn,
    require_not_stopped,
    require_validation,
    settings_of,
    steps_of,
    tell_left_out,
    tell_start,
    tell_tokens,
    teller,
    where_it_was,
)
from app.training.worker.says import SAYS, Says
from app.training.worker.trackers import guarded
from app.training.worker.watched import Watched, fixed, seen_alone, watched
from app.training.worker.words import refusal


def run(folder: Path, journal: Journal, models: Path | None = None, track: str | None = None) -> Report | None:
    """Fine-tune as `plan.json` says. Leaves `model/` and `report.json` whole or not at all.

    `models`: where the base models lie on this machine, if not where the plan says. `track`: a tracker for the numbers.

    Started again in the same folder, it goes on where it was. RunFailed says why it cannot, RunStopped that somebody
    asked it to stop. Where several processes share the run, each calls this: the first measures, writes and has the
    report, the others learn with it.
    """
    begun = time.monotonic()
    plan = begin(folder)
    base = load_base(plan, models, folder)
    data = read_rows(folder, base.encode, max_length=plan.max_length, draw=plan.train_rows, seed=plan.seed)
    taught = asked_before(folder)
    contaminated = checked(journal, plan, data, taught)
    rows = seen_alone(watched(data, plan)) if contaminated else watched(data, plan)
    by_loss = ByLoss(folder, plan, journal)
    meet(rank(), how_many(), cpu=base.use.cpu)
    trainer = make_trainer(folder, plan, base, data, journal, by_loss, track)
    model: Any = trainer.model  # with the adapter, where the plan wants one
    tell = teller(folder, journal, trainer)
    says = Says(journal, fixed(data.validation, SAYS), base.encode, plan.max_new_tokens)
    look_at_each_epoch(trainer, folder, rows, plan.began_at, says)

    checkpoint = where_it_was(folder, journal)
    tell_start(journal, plan, base, trainer, data.files, data.left_out, checkpoint)
    tell_tokens(journal, answered(data.train), base, checkpoint)
    before = measured_before(folder, journal, plan, base, models, model, rows, says, tell) if is_first() else None

    learn(trainer, plan, checkpoint, by_loss.is_over)
    if before is None:
        return None
    require_not_stopped(folder, trainer)
    curve = curve_told(journal)
    kept = by_loss.choose(model, curve)

    trained = trained_weights(model)
    model = as_stored(model, base.stored)  # what is measured is what is stored
    after = measure(model, rows, base.encode, max_new_tokens=plan.max_new_tokens, tell=tell)
    tell_measured(journal, EventKind.AFTER, rows, after)
    end = kept or curve[-1]
    says(model, tell, end["step"], plan.began_at + end["epoch"])
    waiting = read_open(folder, base.encode, plan.max_length, journal)
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
        facts_of_first(base, plan, models),
        data,
        rows,
        taught,
        before=before,
        after=after,
        epochs=read_epochs(folder, before_step=kept["step"] if kept else curve[-1]["step"]),
        contaminated=contaminated,
        curve=curve,
        kept=kept,
        first=first,
        by_size=by_size,
        machine=cost(part, trained, begun),
    )
    hand_over(folder, part, report, journal)
    return report


def checked(journal: Journal, plan: Plan, data: Rows, taught: Sequence[Taught]) -> list[NearDuplicate]:
    """What is wrong with the rows, said before hours of training: those left out, and those that are not unseen.

    `taught`: prompts that the runs before this one were trained on.
    """
    require_validation(plan, data.validation)
    tell_left_out(journal, data.left_out)
    contaminated = near_duplicates([*data.train, *taught], data.unseen)
    if contaminated:
        journal.write(EventKind.WARNING, message=refusal(contaminated))
    return contaminated


def make_trainer(
    folder: Path, plan: Plan, base: Base, data: Rows, journal: Journal, by_loss: ByLoss, track: str | None
) -> SFTTrainer:
    """TRL's trainer around our rows: encoded by us, so that it neither renders, cuts nor masks anything."""
    settings = SFTConfig(
        **settings_of(folder, plan, base.use, track),
        max_length=None,
        packing=plan.packing,
        dataset_kwargs={"skip_prepare_dataset": True},
        include_num_input_tokens_seen="non_padding",
    )
    trainer = SFTTrainer(
        model=base.model,
        args=settings,
        train_dataset=sequences(data.train, plan),
        processing_class=base.tokenizer,
        peft_config=adapter_of(plan, "CAUSAL_LM"),
    )
    if plan.adapter == "qlora":
        learn_in_float32(trainer.model)
    tells = TellTheJournal(
        journal,
        lambda: validation_loss(trainer.model, data.validation),
        every=plan.evaluate_steps,
        judge=lambda now: by_loss.judge(trainer.model, now),
        trackers=guarded(trainer, journal),
    )
    call_back(trainer, folder, journal, tells)
    return trainer


def look_at_each_epoch(trainer: SFTTrainer, folder: Path, rows: Watched, began_at: float, says: Says) -> None:
    """By the first process; what its callbacks have decided holds for all, so this comes last."""
    if is_first():
        trainer.add_callback(
            MeasureEachEpoch(
                folder,
                lambda each: losses_by_side(trainer.model, rows, each),
                lambda *place: says(trainer.model, *place),
                began_at,
            )
        )
    follow_the_first(trainer)


def sequences(rows: Sequence[Row], plan: Plan) -> Dataset:
    """What the trainer reads: a row each, or packed. No row is longer than `max_length`, so that packing cuts none."""
    one_by_one = Dataset.from_list([row.encoded._asdict() for row in rows])
    return pack_dataset(one_by_one, plan.max_length, "bfd") if plan.packing else one_by_one


def measured_before(
    folder: Path,
    journal: Journal,
    plan: Plan,
    base: Base,
    models: Path | None,
    model: Any,
    rows: Watched,
    says: Says,
    tell: Tell,
) -> Measured:
    """The base model's numbers: measured once, and kept for a run that goes on.

    Where the run goes on from another's model they are still those of the base model, which had seen nothing; what the
    other had reached is kept as the epoch at which this run begins.
    """
    kept = folder / "before.json"
    if before := from_file(kept):
        return before
    says(model, tell, 0, plan.began_at)
    if plan.begins_from:
        keep_epoch(folder, {"step": 0, "epoch": plan.began_at, "losses": losses_by_side(model, rows, tell)})
        with first_model(base, plan, models) as first:
            before = measure(first, rows, base.encode, max_new_tokens=plan.max_new_tokens, tell=tell)
    else:
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
