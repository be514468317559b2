"""A reward model, top to bottom: which of two responses would people choose? Reads a run's folder, writes that folder.

Its loss is that of L. Ouyang et al., *Training language models to follow instructions with human feedback* (2022, arXiv
2203.02155, section 3.5): -log sigmoid(reward of the chosen response - reward of the rejected one). As there, the pairs
of one ranking are learned from in one step, as far as steps of one size allow.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from trl.trainer.reward_config import RewardConfig
from trl.trainer.reward_trainer import RewardTrainer

from app.training.worker.as_read import scored
from app.training.worker.base import Base, load_base, load_scorer
from app.training.worker.batches import Tell
from app.training.worker.callbacks import TellTheJournal
from app.training.worker.compose_preferences import report_of
from app.training.worker.events import EventKind, Journal
from app.training.worker.handing import as_stored, cost, hand_over, save_model, trained_weights
from app.training.worker.kept_numbers import Numbers, measured_once
from app.training.worker.lowest import ByLoss
from app.training.worker.meeting import meet
from app.training.worker.pairs import Pair, Pairs, read_pairs
from app.training.worker.plan import Plan
from app.training.worker.ranking import Judged, loss_of, ranking
from app.training.worker.ranks import how_many, is_first, rank
from app.training.worker.report import Report
from app.training.worker.rows import drawn
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
    tell_left_out,
    tell_start,
    tell_tokens,
    teller,
    where_it_was,
)
from app.training.worker.scoring import rewards
from app.training.worker.together import Together
from app.training.worker.trackers import guarded
from app.training.worker.words_preferences import ranking_cautions, ranking_sentences


class ByRankings(RewardTrainer):  # type: ignore[misc]
    """In the order that it is given; without one as drawn by chance."""

    order: Together | None = None

    def _get_train_sampler(self, *args: Any) -> Any:
        return super()._get_train_sampler(*args) if self.order is None else self.order


def run(folder: Path, journal: Journal, models: Path | None = None, track: str | None = None) -> Report | None:
    """Train a reward model as `plan.json` says; arguments, resuming, sharing and errors as those of `sft.run`."""
    begun = time.monotonic()
    plan = begin(folder)
    base = load_base(plan, models, folder, load_scorer)
    base.model.config.get_text_config().pad_token_id = base.tokenizer.pad_token_id  # it finds a row's end by that
    data = read_pairs(folder, base.encode, max_length=plan.max_length, draw=plan.train_rows, seed=plan.seed)
    require_validation(plan, data.validation)
    tell_left_out(journal, data.left_out)
    by_loss = ByLoss(folder, plan, journal)
    meet(rank(), how_many(), cpu=base.use.cpu)
    trainer = make_trainer(folder, plan, base, data, journal, by_loss, track)
    follow_the_first(trainer)
    model: Any = trainer.model  # with the adapter, where the plan wants one
    tell = teller(folder, journal, trainer)
    never_seen = drawn(data.unseen, plan.measure_rows, plan.seed)
    held = {
        "unseen": never_seen,
        "seen": drawn(data.train, len(never_seen) or plan.measure_rows, plan.seed),
        "validation": data.validation,
    }

    checkpoint = where_it_was(folder, journal)
    tell_start(journal, plan, base, trainer, data.files, data.left_out, checkpoint)
    tell_tokens(journal, scored(data.train), base, checkpoint)
    before = measured_before(folder, journal, model, held, tell) if is_first() else None

    learn(trainer, plan, checkpoint, by_loss.is_over)
    if before is None:
        return None
    require_not_stopped(folder, trainer)
    curve = curve_told(journal)
    kept = by_loss.choose(model, curve)

    trained = trained_weights(model)
    model = as_stored(model, base.stored)  # what is measured is what is stored
    after = measured(model, held, tell)
    tell_measured(journal, EventKind.AFTER, after)
    part = save_model(folder, model, base)
    judged = [Judged(*one) for one in zip(held["seen"], after["seen"], strict=True)]
    found = ranking(held["unseen"], before["unseen"], after["unseen"], data.train, judged)
    report = report_of(
        plan,
        base.facts,
        {"files": data.files, "left_out": data.left_out, "curve": curve, "kept": kept},
        cost(part, trained, begun),
        sentences=ranking_sentences(found),
        cautions=ranking_cautions(found, data.left_out),
        ranking=found,
    )
    hand_over(folder, part, report, journal)
    return report


def make_trainer(
    folder: Path, plan: Plan, base: Base, data: Pairs, journal: Journal, by_loss: ByLoss, track: str | None
) -> ByRankings:
    """TRL's trainer around our pairs: encoded by us, so that it neither renders, cuts nor leaves out anything."""
    settings = RewardConfig(
        **settings_of(folder, plan, base.use, track),
        max_length=None,
        include_num_input_tokens_seen="non_padding",
    )
    ids = [
        {"chosen_ids": pair.chosen.encoded.input_ids, "rejected_ids": pair.rejected.encoded.input_ids}
        for pair in data.train
    ]
    trainer = ByRankings(
        model=base.model,
        args=settings,
        train_dataset=Dataset.from_list(ids),
        processing_class=base.tokenizer,
        peft_config=adapter_of(plan, "SEQ_CLS"),
    )
    if plan.rankings == "together" and any(pair.ranking for pair in data.train):
        trainer.order = Together([pair.ranking for pair in data.train], plan.batch_size, plan.seed)
    tells = TellTheJournal(
        journal,
        lambda: loss_of(margins(trainer.model, data.validation)),
        every=plan.evaluate_steps,
        judge=lambda now: by_loss.judge(trainer.model, now),
        trackers=guarded(trainer, journal),
        live={"accuracy": "accuracy"},
    )
    call_back(trainer, folder, journal, tells)
    return trainer


def measured_before(folder: Path, journal: Journal, model: Any, held: dict[str, list[Pair]], tell: Tell) -> Numbers:
    """The untrained model's margins: measured once, and kept for a run that goes on."""
    before = measured_once(folder / "before.json", lambda: measured(model, held, tell))
    tell_measured(journal, EventKind.BEFORE, before)
    return before


def measured(model: Any, held: dict[str, list[Pair]], tell: Tell) -> Numbers:
    """The margin of every measured pair."""
    return {name: margins(model, pairs, tell) for name, pairs in held.items()}


def margins(model: Any, pairs: Sequence[Pair], tell: Tell = lambda *_: None) -> list[float]:
    """For each pair the reward of the chosen response less that of the rejected one."""
    rows = [side.encoded.input_ids for pair in pairs for side in (pair.chosen, pair.rejected)]
    found = rewards(model, rows, tell)
    return [chosen - rejected for chosen, rejected in zip(found[::2], found[1::2], strict=True)]


def tell_measured(journal: Journal, kind: EventKind, found: Numbers) -> None:
    """What a model was measured at, in nats a pair."""
    losses = {f"{name}_loss": loss_of(numbers) for name, numbers in found.items()}
    journal.write(kind, **losses)
