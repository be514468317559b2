"""What does a model say to a prompt? Greedy, or by a chance that is seeded: twice measured, a model says the same."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from peft import PeftModel
from transformers import GenerationConfig

from app.training.worker.batches import FILL, Tell, padded
from app.training.worker.chat import ChatEncoder
from app.training.worker.reach import reads
from app.training.worker.rows import Row

TOKENS_AT_ONCE = 4096  # what a batch keeps in mind at most: an answer needs the logits of one token at a time


class Answer(NamedTuple):
    """What the model said, whether it ended by itself, and its tokens without the one that ends it."""

    text: str
    ended: bool
    tokens: list[int]


def sampled(
    model: Any, rows: Sequence[Row], encode: ChatEncoder, *, max_new_tokens: int, temperature: float, tell: Tell
) -> list[Answer]:
    """One answer a prompt as chance has it, the same chance for each model; what else is drawn is not disturbed.

    Over, as in the steps of a policy, with the token that ends a response alone.
    """
    with torch.random.fork_rng():
        torch.manual_seed(0)
        drawn = {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0}
        ends = [encode.stop]
        return answers(model, rows, encode, max_new_tokens=max_new_tokens, tell=tell, ends=ends, **drawn)


def answers(
    model: Any,
    rows: Sequence[Row],
    encode: ChatEncoder,
    *,
    max_new_tokens: int,
    tell: Tell,
    ends: Sequence[int] = (),
    **drawn: Any,
) -> list[Answer]:
    """The model's answer to each row's prompt, in the order of the rows; greedy, unless `drawn` says how.

    `ends`: the tokens with which it is over, all of `encode.ends` where none are named: a base model that ends its text
    has ended its answer, too.
    """
    ends = ends or encode.ends
    prompts = [encode(row.prompt, add_generation_prompt=True).input_ids for row in rows]
    said: dict[int, Answer] = {}
    for places in batches([len(prompt) + max_new_tokens for prompt in prompts]):
        batch = [prompts[i] for i in places]
        ids = padded(batch, FILL, model.device, left=True)
        with unadvised(model):
            out = model.generate(
                input_ids=ids,
                attention_mask=padded([[1] * len(prompt) for prompt in batch], 0, model.device, left=True),
                max_new_tokens=max(min(max_new_tokens, reads(model) - ids.shape[1]), 1),
                **(drawn or {"do_sample": False}),
                use_cache=True,
                eos_token_id=list(ends),
                pad_token_id=FILL,
            )
        for i, tokens in zip(places, out[:, ids.shape[1] :].tolist(), strict=True):
            said[i] = answer_of(tokens, encode, ends)
        tell("Letting the model answer", len(said), len(rows))
    return [said[i] for i in range(len(rows))]


@contextmanager
def unadvised(model: Any) -> Iterator[None]:
    """Without what the model's folder recommends to those who use it: a penalty for what was said before, say, would
    hide what it recites."""
    own = model.get_base_model() if isinstance(model, PeftModel) else model
    advice, own.generation_config = own.generation_config, GenerationConfig()
    try:
        yield
    finally:
        own.generation_config = advice


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of like lengths together, as many as TOKENS_AT_ONCE lets in, filled up to the longest; one at least."""
    held: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if held and (len(held) + 1) * lengths[place] > TOKENS_AT_ONCE:
            yield held
            held = []
        held.append(place)
    if held:
        yield held


def answer_of(tokens: list[int], encode: ChatEncoder, ends: Sequence[int]) -> Answer:
    """What these tokens say, up to the first of `ends`."""
    end = next((place for place, token in enumerate(tokens) if token in ends), None)
    own = tokens[:end]
    text = encode.tokenizer.decode(own, skip_special_tokens=False)
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")  # a byte that no database keeps
    return Answer(text, end is not None, own)
