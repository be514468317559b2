"""The model of the lowest validation loss, where a plan asks for it: kept, put back, and never without saying so."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from app.training.worker.events import EventKind, Journal, Point, loss_curve, read_events
from app.training.worker.plan import Plan
from app.training.worker.report import Kept
from app.training.worker.words import choice

FILE = "lowest.safetensors"


class Lowest(NamedTuple):
    """A measurement of the validation loss, in nats a response token."""

    step: int
    epoch: float
    loss: float


@dataclass(frozen=True)
class ByLoss:
    """What a run decides by validation loss; nothing, unless its plan says so."""

    run: Path
    plan: Plan
    journal: Journal

    def judge(self, model: Any, now: Lowest) -> bool:
        """Keep a model of lower loss than any before. Whether the run is to end here, by its patience."""
        if self.plan.keep == "last":
            return False
        kept = lowest_of(self.run)
        if kept is None or now.loss < kept.loss:
            keep(self.run, model, now)
        return self.is_over(now.step)

    def is_over(self, step: int) -> bool:
        """Whether no measurement was lower for as long as the plan has patience. Asked again where a run goes on."""
        lowest = lowest_of(self.run)
        if not self.plan.patience or lowest is None:
            return False
        curve = loss_curve(read_events(self.journal.path).events)
        return measured_between(curve, lowest.step, step) >= self.plan.patience

    def choose(self, model: Any, curve: Sequence[Point]) -> Kept | None:
        """Give the model back what it had learned at its lowest loss. The journal says what that does not mean."""
        lowest = lowest_of(self.run)
        if self.plan.keep == "last" or lowest is None:
            return None
        put_back(self.run, model)
        last = [point for point in curve if point["validation_loss"] is not None][-1]
        kept: Kept = {
            "step": lowest.step,
            "epoch": lowest.epoch,
            "validation_loss": lowest.loss,
            "last_step": last["step"],
            "last_validation_loss": last["validation_loss"] or 0.0,
        }
        self.journal.write(EventKind.WARNING, message=choice(kept))
        return kept


def keep(run: Path, model: Any, now: Lowest) -> None:
    """Write what the model has learned up to now, whole or not at all."""
    part = run / (FILE + ".part")
    learned = {name: weights.detach().cpu().contiguous() for name, weights in _learned(model).items()}
    save_file(learned, part, metadata={"step": str(now.step), "epoch": repr(now.epoch), "loss": repr(now.loss)})
    part.replace(run / FILE)


def lowest_of(run: Path) -> Lowest | None:
    """What is kept; None before the first measurement."""
    if not (run / FILE).exists():
        return None
    with safe_open(run / FILE, "pt") as file:
        about = file.metadata()
    return Lowest(int(about["step"]), float(about["epoch"]), float(about["loss"]))


def put_back(run: Path, model: Any) -> None:
    """Give a model the weights that were kept."""
    with safe_open(run / FILE, "pt") as file, torch.no_grad():
        for name, weights in _learned(model).items():
            weights.copy_(file.get_tensor(name))


def measured_between(curve: Sequence[Point], after: int, until: int) -> int:
    """How often validation was measured past one step, up to another."""
    return sum(point["validation_loss"] is not None for point in curve if after < point["step"] <= until)


def _learned(model: Any) -> dict[str, Any]:
    return {name: weights for name, weights in model.named_parameters() if weights.requires_grad}
