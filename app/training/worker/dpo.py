"""DPO, top to bottom: a policy that learns from pairs without a reward model. Reads a run's folder, writes that folder.

R. Rafailov et al., *Direct Preference Optimization* (2023, arXiv 2305.18290): the policy is its own reward model, by
beta times the log ratio to the reference. The reference is the model that the run began from.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from trl.trainer.dpo_config import DPOConfig

from app.training.worker.as_read import compared, ids_of
from app.training.worker.base import Base, load_base
from app.training.worker.batches import Tell
from app.training.worker.callbacks import TellTheJournal
from app.training.worker.events import Journal
from app.training.worker.kept_numbers import Numbers, measured_once
from app.training.worker.lowest import ByLoss
from app.training.worker.measure import at_rest, summed_losses
from app.training.worker.meeting import meet
from app.training.worker.on_ids import DPOOnIds
from app.training.worker.pairs import Pair, Pairs, read_pairs
from app.training.worker.plan import Plan
from app.training.worker.policy_report import Ground, Walked, finish, judges_of, measured_before, now
from app.training.worker.prompts import looked_at, never_taught, one_a_prompt, sft_rows, taught_before
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
from app.training.worker.trackers import guarded


def run(folder: Path, journal: Journal, models: Path | None = None, track: str | None = None) -> Report | None:
    """Learn from pairs as `plan.json` says; arguments, resuming, sharing and errors as those of `sft.run`."""
    begun = now()
    plan = begin(folder)
    base = load_base(plan, models, folder)
    data = read_pairs(folder, base.encode, max_length=plan.max_length, draw=plan.train_rows, seed=plan.seed)
    require_validation(plan, data.validation)
    sft = sft_rows(folder, base.encode, plan.max_length)
    unseen, asked_before = never_taught(one_a_prompt(pair.chosen for pair in data.unseen), taught_before(folder, sft))
    left_out = [*data.left_out, *asked_before]
    tell_left_out(journal, left_out)
    looked = looked_at(unseen, sft, plan)
    judges, by_loss = judges_of(folder, plan, base), ByLoss(folder, plan, journal)
    reference: Numbers = {}
    meet(rank(), how_many(), cpu=base.use.cpu)
    trainer = make_trainer(folder, plan, base, data, journal, by_loss, track, reference)
    follow_the_first(trainer)
    model: Any = trainer.model  # with the adapter, where the plan wants one
    ground = Ground(folder, models, plan, base, looked, judges, teller(folder, journal, trainer))
    never_seen = drawn(data.unseen, plan.measure_rows, plan.seed)
    held = {
        "unseen": never_seen,
        "seen": drawn(data.train, len(never_seen) or plan.measure_rows, plan.seed),
        "validation": data.validation,
    }

    checkpoint = where_it_was(folder, journal)
    tell_start(journal, plan, base, trainer, data.files, left_out, checkpoint)
    tell_tokens(journal, compared(data.train), base, checkpoint)
    if is_first():
        reference |= reference_of(folder, model, held, ground.tell)
    before = measured_before(ground, journal, model) if is_first() else None

    learn(trainer, plan, checkpoint, by_loss.is_over)
    if before is None:
        return None
    require_not_stopped(folder, trainer)
    curve = curve_told(journal)
    kept = by_loss.choose(model, curve)
    after = {name: margins(model, held[name], reference[name], plan.beta, ground.tell) for name in ("unseen", "seen")}
    at_first = [0.0] * len(held["unseen"])  # the reference to itself
    judged = [Judged(*one) for one in zip(held["seen"], after["seen"], strict=True)]
    found = ranking(held["unseen"], at_first, after["unseen"], data.train, judged)
    chosen = [pair.chosen for pair in data.train]
    walked = Walked(data.files, left_out, chosen, curve, kept, "", begun)
    return finish(ground, journal, model, before, walked, found)


def make_trainer(
    folder: Path,
    plan: Plan,
    base: Base,
    data: Pairs,
    journal: Journal,
    by_loss: ByLoss,
    track: str | None,
    reference: Numbers,
) -> DPOOnIds:
    """TRL's trainer around our pairs. `reference`: the log odds of validation pairs, once they are measured."""
    settings = DPOConfig(
        **settings_of(folder, plan, base.use, track),
        beta=plan.beta,
        max_length=None,
        disable_dropout=True,
        include_num_input_tokens_seen="non_padding",
    )
    trainer = DPOOnIds(
        model=base.model,
        args=settings,
        train_dataset=Dataset.from_list([ids_of(pair) for pair in data.train]),
        processing_class=base.tokenizer,
        peft_config=adapter_of(plan, "CAUSAL_LM"),
    )
    tells = TellTheJournal(
        journal,
        lambda: loss_of(margins(trainer.model, data.validation, reference["validation"], plan.beta)),
        every=plan.evaluate_steps,
        judge=lambda now: by_loss.judge(trainer.model, now),
        trackers=guarded(trainer, journal),
        live={"accuracy": "rewards/accuracies", "margin": "rewards/margins"},
    )
    call_back(trainer, folder, journal, tells)
    return trainer


def reference_of(folder: Path, model: Any, held: dict[str, list[Pair]], tell: Tell) -> Numbers:
    """The reference's log odds of every measured pair: taken once, and kept for a run that goes on."""

    def measure() -> Numbers:
        return {name: log_odds(model, pairs, tell) for name, pairs in held.items()}

    return measured_once(folder / "reference.json", measure)


def log_odds(model: Any, pairs: Sequence[Pair], tell: Tell = lambda *_: None) -> list[float]:
    """For each pair the log-likelihood of the chosen response less that of the rejected one, in nats."""
    with at_rest(model):
        losses = summed_losses(model, [side for pair in pairs for side in (pair.chosen, pair.rejected)], tell)
    return [rejected - chosen for chosen, rejected in zip(losses[::2], losses[1::2], strict=True)]


def margins(
    model: Any, pairs: Sequence[Pair], reference: Sequence[float], beta: float, tell: Tell = lambda *_: None
) -> list[float]:
    """By how much the policy as its own reward model prefers the chosen response."""
    return [beta * (now - then) for now, then in zip(log_odds(model, pairs, tell), reference, strict=True)]
