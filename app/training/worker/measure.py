"""What a model makes of rows: the loss of the human responses, and its own answers. The same before and after."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from app.training.worker.answers import Answer, answers
from app.training.worker.batches import FILL, Tell, padded
from app.training.worker.chat import IGNORED, ChatEncoder
from app.training.worker.rows import Row
from app.training.worker.watched import Watched

BATCH = 4  # rows at once: with a vocabulary of 50,000, their logits fill the memory
Losses = dict[str, list[float]]  # by side, summed by row


@dataclass(frozen=True)
class Measured:
    """One model's numbers on the rows that the run watches, in the order of those rows."""

    losses: Losses
    validation: list[float]  # summed by row
    validation_loss: float | None
    answers: list[Answer]


def measure(model: Any, rows: Watched, encode: ChatEncoder, *, max_new_tokens: int, tell: Tell) -> Measured:
    """All that is measured of a model."""
    with at_rest(model):
        validation = summed_losses(model, rows.validation, tell)
        return Measured(
            losses=losses_by_side(model, rows, tell),
            validation=validation,
            validation_loss=mean_loss(validation, rows.validation),
            answers=answers(model, rows.asked, encode, max_new_tokens=max_new_tokens, tell=tell),
        )


@contextmanager
def at_rest(model: Any) -> Iterator[None]:
    """No dropout and no gradients inside; afterwards the mode that the model was in."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def validation_loss(model: Any, rows: Sequence[Row]) -> float | None:
    """Nats a response token, in the middle of a run."""
    with at_rest(model):
        return mean_loss(summed_losses(model, rows, lambda *_: None), rows)


def losses_by_side(model: Any, rows: Watched, tell: Tell) -> Losses:
    """The summed loss of every measured row."""
    with at_rest(model):
        return {side: summed_losses(model, held, tell) for side, held in rows.sides.items()}


def summed_losses(model: Any, rows: Sequence[Row], tell: Tell) -> list[float]:
    """For each row the negative log-likelihood of its response and stop token, summed, in nats."""
    losses = [0.0] * len(rows)
    by_length = sorted(range(len(rows)), key=lambda i: len(rows[i].encoded.input_ids))
    for at in range(0, len(rows), BATCH):
        places = by_length[at : at + BATCH]
        batch = [rows[i].encoded for i in places]
        ids = padded([row.input_ids for row in batch], FILL, model.device)  # (B, T)
        labels = padded([row.labels for row in batch], IGNORED, model.device)  # (B, T)
        mask = padded([[1] * len(row.input_ids) for row in batch], 0, model.device)
        logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1].float()  # (B, T-1, V)
        token_losses = cross_entropy(logits.transpose(1, 2), labels[:, 1:], ignore_index=IGNORED, reduction="none")
        for i, loss in zip(places, token_losses.double().sum(1).tolist(), strict=True):
            losses[i] = loss
        tell("Measuring the human responses", at + len(batch), len(rows))
    return losses


def mean_loss(losses: Sequence[float], rows: Sequence[Row]) -> float | None:
    """Nats a response token over these rows; None without rows."""
    tokens = sum(row.encoded.learned for row in rows)
    return sum(losses) / tokens if tokens else None


def to_file(measured: Measured, path: Path) -> None:
    """Keep what was measured, whole or not at all: a resumed run does not measure the base model again."""
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(asdict(measured), ensure_ascii=False), "utf-8")
    part.replace(path)


def from_file(path: Path) -> Measured | None:
    """What `to_file` kept, number for number. None where nothing was, or where an older Penset kept less."""
    if not path.exists():
        return None
    kept = json.loads(path.read_text("utf-8"))
    if "validation" not in kept:
        return None
    said = [Answer(*answer) for answer in kept["answers"]]
    return Measured(kept["losses"], kept["validation"], kept["validation_loss"], said)
