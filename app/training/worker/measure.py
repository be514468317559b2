"""What a model makes of rows: the loss of the human responses, and its own answers. The same before and after."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from app.training.worker.chat import IGNORED, ChatEncoder
from app.training.worker.plan import Plan
from app.training.worker.rows import Row, Rows, drawn

BATCH = 4  # rows at once: with a vocabulary of 50,000, their logits fill the memory
FILL = 0  # any id: the attention mask hides it, and an answer ends before it
Tell = Callable[[str, int, int], None]  # what, done, of how many


class Answer(NamedTuple):
    """What the model said, and whether it ended by itself."""

    text: str
    ended: bool


@dataclass(frozen=True)
class Watched:
    """The rows that are measured before and after. `seen` and `unseen` are alike in number."""

    seen: list[Row]
    unseen: list[Row]
    validation: list[Row]
    sampled: list[Row]


@dataclass(frozen=True)
class Measured:
    """One model's numbers on the rows that the run watches, in the order of those rows."""

    seen: list[float]  # summed losses
    unseen: list[float]
    validation_loss: float | None
    answers: list[Answer]


def watched(data: Rows, plan: Plan) -> Watched:
    """The plan's choice among the rows, by its seed: unseen ones first, then as many of those trained on."""
    unseen = drawn(data.test, plan.measure_rows, plan.seed)
    seen = drawn(data.train, len(unseen) or plan.measure_rows, plan.seed)
    sampled = [*unseen[: plan.test_samples], *seen[: plan.train_samples]]
    return Watched(seen, unseen, data.validation, sampled)


def measure(model: Any, rows: Watched, encode: ChatEncoder, *, max_new_tokens: int, tell: Tell) -> Measured:
    """All that is measured of a model."""
    with at_rest(model):
        return Measured(
            seen=summed_losses(model, rows.seen, tell),
            unseen=summed_losses(model, rows.unseen, tell),
            validation_loss=mean_loss(summed_losses(model, rows.validation, tell), rows.validation),
            answers=answers(model, rows.sampled, encode, max_new_tokens=max_new_tokens, tell=tell),
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


def summed_losses(model: Any, rows: Sequence[Row], tell: Tell) -> list[float]:
    """For each row the negative log-likelihood of its response and stop token, summed, in nats."""
    losses = [0.0] * len(rows)
    by_length = sorted(range(len(rows)), key=lambda i: len(rows[i].encoded.input_ids))
    for at in range(0, len(rows), BATCH):
        places = by_length[at : at + BATCH]
        batch = [rows[i].encoded for i in places]
        ids = _padded([row.input_ids for row in batch], FILL, model.device)  # (B, T)
        labels = _padded([row.labels for row in batch], IGNORED, model.device)  # (B, T)
        mask = _padded([[1] * len(row.input_ids) for row in batch], 0, model.device)
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


def answers(model: Any, rows: Sequence[Row], encode: ChatEncoder, *, max_new_tokens: int, tell: Tell) -> list[Answer]:
    """The model's greedy answer to each row's prompt."""
    said: list[Answer] = []
    for at in range(0, len(rows), BATCH):
        prompts = [encode(row.prompt, add_generation_prompt=True).input_ids for row in rows[at : at + BATCH]]
        ids = _padded(prompts, FILL, model.device, left=True)
        out = model.generate(
            input_ids=ids,
            attention_mask=_padded([[1] * len(p) for p in prompts], 0, model.device, left=True),
            max_new_tokens=max_new_tokens,
            do_sample=False,
            use_cache=True,
            eos_token_id=encode.stop,
            pad_token_id=FILL,
        )
        said += [_answer(tokens, encode) for tokens in out[:, ids.shape[1] :].tolist()]
        tell("Letting the model answer", len(said), len(rows))
    return said


def to_file(measured: Measured, path: Path) -> None:
    """Keep what was measured, whole or not at all: a resumed run does not measure the base model again."""
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(asdict(measured), ensure_ascii=False), "utf-8")
    part.replace(path)


def from_file(path: Path) -> Measured:
    """What `to_file` kept, number for number."""
    kept = json.loads(path.read_text("utf-8"))
    return Measured(**(kept | {"answers": [Answer(*answer) for answer in kept["answers"]]}))


def _answer(tokens: list[int], encode: ChatEncoder) -> Answer:
    ended = encode.stop in tokens
    own = tokens[: tokens.index(encode.stop)] if ended else tokens
    text = encode.tokenizer.decode(own, skip_special_tokens=False)
    return Answer(text.replace("\0", "\N{REPLACEMENT CHARACTER}"), ended)  # a byte that no database keeps in a text


def _padded(rows: Sequence[Sequence[int]], value: int, device: Any, *, left: bool = False) -> Tensor:
    longest = max(map(len, rows))
    fill = [[value] * (longest - len(row)) for row in rows]
    padded = [[*more, *row] if left else [*row, *more] for row, more in zip(rows, fill, strict=True)]
    return torch.tensor(padded, device=device)
