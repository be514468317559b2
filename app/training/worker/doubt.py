"""What does a model make of prompts that nobody has answered: how sure is it of its own answers, and what is alike?"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from app.training.worker.answers import answers
from app.training.worker.batches import FILL, Tell, padded
from app.training.worker.chat import ChatEncoder
from app.training.worker.measure import BATCH, at_rest
from app.training.worker.rows import Row
from app.training.worker.selection import Numbers

LOOKS_AHEAD = 32  # tokens of the model's own answer by which its doubt is measured


def doubts(model: Any, rows: Sequence[Row], encode: ChatEncoder, tell: Tell) -> Numbers:
    """For each prompt the mean entropy of the next token along the model's own greedy answer, in nats."""
    with at_rest(model):
        said = answers(model, rows, encode, max_new_tokens=LOOKS_AHEAD, tell=tell)
        found = np.zeros(len(rows))
        asked = [encode(row.prompt, add_generation_prompt=True).input_ids for row in rows]
        whole = [
            [*prompt, *answer.tokens, *([encode.stop] if answer.ended else [])]
            for prompt, answer in zip(asked, said, strict=True)
        ]
        for places in _by_length(whole):
            ids, mask = _batch([whole[i] for i in places], model.device)
            logits = model(input_ids=ids, attention_mask=mask).logits  # (B, T, V)
            for at, i in enumerate(places):
                said_at = logits[at, len(asked[i]) - 1 : len(whole[i]) - 1]  # (A, V), a copy of these alone in float32
                logs = said_at.float().log_softmax(-1)
                found[i] = float(-(logs.exp() * logs).sum(-1).mean())
            tell("Reading what the model is unsure of", len(places), len(rows))
    return found


def states(model: Any, rows: Sequence[Row], encode: ChatEncoder) -> Numbers:
    """(N, H): each prompt as the mean of the model's last hidden states over its tokens."""
    found: list[Numbers] = [np.zeros(0)] * len(rows)
    asked = [encode(row.prompt, add_generation_prompt=True).input_ids for row in rows]
    with at_rest(model):
        for places in _by_length(asked):
            ids, mask = _batch([asked[i] for i in places], model.device)
            hidden = model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states[-1].float()
            means = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)  # (B, H)
            for i, mean in zip(places, means.double().cpu().numpy(), strict=True):
                found[i] = mean
    return np.stack(found) if found else np.zeros((0, model.config.hidden_size))


def _by_length(rows: Sequence[Sequence[int]]) -> list[list[int]]:
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    return [order[at : at + BATCH] for at in range(0, len(order), BATCH)]


def _batch(rows: Sequence[Sequence[int]], device: Any) -> tuple[torch.Tensor, torch.Tensor]:
    return padded(rows, FILL, device), padded([[1] * len(row) for row in rows], 0, device)
