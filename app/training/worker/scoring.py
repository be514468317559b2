"""Which reward does a reward model give to a response? By the same tokens whoever asks: training, report or policy."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from app.training.worker.base import bare_tokenizer, load_scorer, with_room
from app.training.worker.base_folder import check_folder
from app.training.worker.batches import Tell, padded
from app.training.worker.chat import ChatEncoder, Message
from app.training.worker.failures import RunFailed
from app.training.worker.measure import at_rest

BATCH = 16  # responses at once: their logits are one number each
Said = tuple[list[Message], str]  # a prompt, and a response to it


@dataclass(frozen=True)
class Scorer:
    """A reward model, ready. A response is read as a row that a person wrote: text, ended as all responses end."""

    model: Any
    encode: ChatEncoder

    def __call__(self, said: Sequence[Said], tell: Tell = lambda *_: None) -> list[float]:
        """The reward of each response."""
        spoken = [[*prompt, {"role": "assistant", "content": text}] for prompt, text in said]
        return rewards(self.model, [self.encode(messages).input_ids for messages in spoken], tell)


def rewards(model: Any, rows: Sequence[Sequence[int]], tell: Tell = lambda *_: None) -> list[float]:
    """The number that the model reads at the end of each row of token ids."""
    pad, found = model.config.get_text_config().pad_token_id, [0.0] * len(rows)
    by_length = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    with at_rest(model):
        for at in range(0, len(rows), BATCH):
            places = by_length[at : at + BATCH]
            ids = padded([rows[i] for i in places], pad, model.device)  # (B, T)
            mask = padded([[1] * len(rows[i]) for i in places], 0, model.device)
            logits = model(input_ids=ids, attention_mask=mask).logits[:, 0]  # (B)
            for i, reward in zip(places, logits.double().tolist(), strict=True):
                found[i] = reward
            tell("Giving rewards", at + len(places), len(rows))
    return found


def load_reward_model(folder: Path, of: str, encode: ChatEncoder, dtype: torch.dtype, device: Any) -> Scorer:
    """The reward model in this folder, made by the run `of`. RunFailed where it is none, or reads other tokens."""
    if not folder.is_dir():
        raise RunFailed(
            "no_reward_model",
            f"The reward model of {of} is to be used, and there is no {folder.name}/ in the run's folder.",
            f"Lay that model there, as {folder.name}/, or start the run again.",
        )
    check_folder(folder)
    kinds = json.loads((folder / "config.json").read_text("utf-8")).get("architectures") or []
    if not any(kind.endswith("ForSequenceClassification") for kind in kinds):
        raise RunFailed(
            "no_reward_model",
            f"The model of {of} is no reward model: it gives no reward to a response.",
            "Choose a run of the method reward.",
        )
    if _reads(bare_tokenizer(folder)) != _reads(encode.tokenizer):
        raise RunFailed(
            "other_tokenizer",
            f"The reward model of {of} has another tokenizer than the model that follows it: each would read another "
            "text from the same tokens.",
            "Train a reward model that begins from the same base model, and choose that.",
        )
    model = with_room(load_scorer, folder, dtype).to(device)
    model.config.get_text_config().pad_token_id = encode.tokenizer.pad_token_id
    return Scorer(model.eval(), encode)


def _reads(tokenizer: Any) -> tuple[object, object]:
    whole = json.loads(tokenizer.backend_tokenizer.to_str())
    return whole["model"], sorted((token["id"], token["content"]) for token in whole["added_tokens"])
