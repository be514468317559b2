"""The run again on a quarter, a half and all of its rows, with several seeds: its unseen loss at each size.

Nested: a seed's half holds its quarter. Every size is given the steps of the whole, since equal epochs would give less
data fewer steps, and leaves the model of its lowest validation loss, since so many steps on few rows memorise. Without
a validation row it leaves the last.
"""

import json
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from transformers import set_seed

from app.training.worker.base import Base, load_base
from app.training.worker.batches import Tell
from app.training.worker.estimate import LEAST_ROWS
from app.training.worker.events import Journal, loss_curve, read_events
from app.training.worker.growth import Sizes, growth
from app.training.worker.lowest import ByLoss
from app.training.worker.measure import at_rest, summed_losses
from app.training.worker.plan import Plan
from app.training.worker.report import BySize
from app.training.worker.rows import Row, Rows

Make = Callable[[Path, Plan, Base, Rows, Journal, ByLoss, None], Any]  # a trainer, as the run's own is made
SHARES = (0.25, 0.5, 1.0)
FOLDER = "sizes"
Losses = dict[int, list[list[float]]]  # by rows trained on: of each seed the summed loss of every test row


@dataclass(frozen=True)
class Repeat:
    """One training on a part of the rows, in a folder of its own; what it measured stands beside that folder."""

    run: Path
    plan: Plan
    models: Path | None
    make: Make
    rows: int

    @property
    def kept(self) -> Path:
        """Where its losses stand once it is done."""
        return self.run / FOLDER / f"{self.rows}-rows-seed-{self.plan.seed}.json"

    def carry_out(self, data: Rows, test: Sequence[Row]) -> list[float]:
        """The summed loss of every test row, measured anew only where it was not before."""
        if not self.kept.exists():
            losses = self._measured(data, test)
            part = self.kept.with_suffix(".part")
            part.write_text(json.dumps(losses), "utf-8")
            part.replace(self.kept)
        found: list[float] = json.loads(self.kept.read_text("utf-8"))
        return found

    def _measured(self, data: Rows, test: Sequence[Row]) -> list[float]:
        folder = self.kept.with_suffix("")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            journal = Journal(folder / "events.jsonl")
            by_loss = ByLoss(folder, self.plan, journal)
            set_seed(self.plan.seed)
            base = load_base(self.plan, self.models, self.run)
            trainer = self.make(folder, self.plan, base, data, journal, by_loss, None)
            trainer.train()
            by_loss.choose(trainer.model, loss_curve(read_events(journal.path).events))
            with at_rest(trainer.model):
                return summed_losses(trainer.model, test, lambda *_: None)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def measure_sizes(
    run: Path,
    plan: Plan,
    models: Path | None,
    make: Make,
    data: Rows,
    test: Sequence[Row],
    steps: int,
    tell: Tell,
) -> Sizes | None:
    """The curves, of `curve_seeds` repeats at each size; None where the plan wants none, or the rows are too few.

    `test`: rows never seen, `steps`: how many the whole run takes.
    """
    if not plan.curve_seeds or len(data.train) < LEAST_ROWS or not test:
        return None
    every = max(1, round(steps / max(plan.epochs, 1)))
    chosen = bool(data.validation)
    repeated = replace(
        plan, max_steps=steps, checkpoint_steps=steps, evaluate_steps=every, patience=0,
        keep="lowest_validation_loss" if chosen else "last",
    )  # fmt: skip
    losses: Losses = {}
    total = plan.curve_seeds * len(SHARES)
    for seed in range(plan.seed, plan.seed + plan.curve_seeds):
        order = random.Random(seed).sample(data.train, len(data.train))
        for share in SHARES:
            part = order[: round(share * len(order))]
            tell("Training again on parts of the rows", sum(map(len, losses.values())), total)
            again = Repeat(run, replace(repeated, seed=seed), models, make, len(part))
            found = again.carry_out(replace(data, train=part), test)
            losses.setdefault(len(part), []).append(found)
    return curves(losses, test, chosen=chosen)


def curves(losses: Losses, test: Sequence[Row], *, chosen: bool) -> Sizes | None:
    """Of all test rows, and of each category of which enough prompts were measured. `chosen`: as in `BySize`."""

    def of(places: Sequence[int]) -> BySize | None:
        rows = [test[at] for at in places]
        sums = {
            size: [by_prompt(rows, [found[at] for at in places]) for found in seeds] for size, seeds in losses.items()
        }
        return growth(sums, by_prompt(rows, [row.encoded.learned for row in rows]), chosen=chosen)

    by_kind: dict[str, list[int]] = {}
    for at, row in enumerate(test):
        by_kind.setdefault(row.category, []).append(at)
    whole = of(range(len(test)))
    return whole and Sizes(whole, {kind: one for kind, places in by_kind.items() if (one := of(places))})


def by_prompt(rows: Sequence[Row], numbers: Sequence[float]) -> list[float]:
    """Sums of what rows of one prompt have, in the order of the prompts: they are not independent."""
    sums: dict[str, float] = {}
    for row, value in zip(rows, numbers, strict=True):
        sums[row.prompt_id] = sums.get(row.prompt_id, 0.0) + value
    return list(sums.values())
