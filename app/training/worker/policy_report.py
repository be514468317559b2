"""What DPO, RLOO and GRPO have in common: how their policy is measured, before and after, and what becomes of it."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.training.worker.base import Base, listed, load_model, with_room
from app.training.worker.batches import Tell
from app.training.worker.compose_preferences import report_of
from app.training.worker.events import EventKind, Journal, Point
from app.training.worker.handing import as_stored, cost, hand_over, save_model, trained_weights
from app.training.worker.judged import usual_lengths
from app.training.worker.kept_numbers import Kept as KeptNumbers
from app.training.worker.kept_numbers import measured_once
from app.training.worker.measure import mean_loss
from app.training.worker.numbers import gaps_of, of_split, rows_by_side
from app.training.worker.plan import Plan
from app.training.worker.policy_measure import Judges, Spoken, kl_along, listen
from app.training.worker.policy_numbers import policy_numbers, samples
from app.training.worker.prompts import Looked
from app.training.worker.recital import recital
from app.training.worker.report import FileNumbers, Kept, LeftOut, Report
from app.training.worker.report_preferences import Ranking
from app.training.worker.rows import Row
from app.training.worker.scoring import load_reward_model
from app.training.worker.words_preferences import policy_cautions, policy_sentences


@dataclass(frozen=True)
class Ground:
    """Where a policy's run takes place: its folder, what it began from, what is looked at, and who judges."""

    folder: Path
    models: Path | None
    plan: Plan
    base: Base
    looked: Looked
    judges: Judges
    tell: Tell


@dataclass(frozen=True)
class Before:
    """What was measured before a step was taken; `people`: the rewards of the rows' own responses."""

    base: Spoken | None
    reference: Spoken
    people: dict[str, list[float]]


@dataclass(frozen=True)
class Walked:
    """What the steps were, and on what."""

    files: dict[str, FileNumbers]
    left_out: list[LeftOut]
    train: list[Row]
    curve: list[Point]
    kept: Kept | None
    stopped: str
    begun: float  # on the monotonic clock


def judges_of(folder: Path, plan: Plan, base: Base) -> Judges:
    """The reward models that lie in the run's folder, as the plan names them."""
    named = {"reward": plan.reward_from, "second_reward": plan.second_reward_from}
    first, second = (
        load_reward_model(folder / name, of, base.encode, base.model.dtype, base.use.device) if of else None
        for name, of in named.items()
    )
    return Judges(first, second)


def measured_before(ground: Ground, journal: Journal, model: Any) -> Before:
    """The base model, where the run began from another, and the reference; kept for a run that goes on."""

    def measure() -> KeptNumbers:
        rows, judges = ground.looked.asked, ground.judges
        own = [(row.prompt, row.response) for row in rows]
        return {
            "base": _base_of(ground, model),
            "reference": _listen(ground, model).kept(),
            "people": {
                "rewards": judges.first(own) if judges.first else [],
                "second_rewards": judges.second(own) if judges.second else [],
            },
        }

    kept = measured_once(ground.folder / "before.json", measure)
    before = Before(Spoken.of(kept["base"]) if kept["base"] else None, Spoken.of(kept["reference"]), kept["people"])
    _tell_losses(ground, journal, EventKind.BEFORE, before.reference)
    return before


def finish(
    ground: Ground, journal: Journal, model: Any, before: Before, walked: Walked, ranking: Ranking | None
) -> Report:
    """Round the weights as they are stored, measure those, and hand model and report over."""
    plan, base, looked = ground.plan, ground.base, ground.looked
    trained = trained_weights(model)
    model = as_stored(model, base.stored)
    policy = _listen(ground, model)
    _tell_losses(ground, journal, EventKind.AFTER, policy)
    reference = with_room(load_model, base.folder, base.model.dtype).to(model.device)
    kl = kl_along(model, reference, looked.asked, policy.said, base.encode, ground.tell)
    numbers = policy_numbers(before.base, before.reference, policy, kl, walked.stopped)
    shown = samples(looked, before.base, before.reference, policy, before.people, usual_lengths(walked.train))
    sides = rows_by_side(looked.sides, before.reference.losses, policy.losses)
    splits, gaps = {side: of_split(rows) for side, rows in sides.items()}, gaps_of(sides)
    part = save_model(ground.folder, model, base)
    report = report_of(
        plan,
        base.facts,
        {"files": walked.files, "left_out": walked.left_out, "curve": walked.curve, "kept": walked.kept},
        cost(part, trained, walked.begun),
        sentences=policy_sentences(plan, numbers, ranking, splits),
        cautions=policy_cautions(plan, numbers, walked.left_out),
        ranking=ranking,
        policy=numbers,
        splits=splits,
        gap=gaps.get("test"),
        gaps=gaps,
        rows=[row for rows in sides.values() for row in rows],
        samples=shown,
        recital=recital(shown, plan.max_new_tokens),
    )
    hand_over(ground.folder, part, report, journal)
    return report


def now() -> float:
    """The clock of `Walked.begun`."""
    return time.monotonic()


def _listen(ground: Ground, model: Any) -> Spoken:
    return listen(model, ground.looked, ground.base.encode, ground.plan, ground.judges, ground.tell)


def _base_of(ground: Ground, model: Any) -> KeptNumbers | None:
    if not ground.plan.begins_from:
        return None
    base = with_room(load_model, listed(ground.plan, ground.models), model.dtype).to(model.device)
    return _listen(ground, base).kept()


def _tell_losses(ground: Ground, journal: Journal, kind: EventKind, spoken: Spoken) -> None:
    seen, unseen = (
        mean_loss(spoken.losses.get(side, []), ground.looked.sides.get(side, [])) for side in ("train", "test")
    )
    journal.write(kind, seen_loss=seen, unseen_loss=unseen, validation_loss=None)
