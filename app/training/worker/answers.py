"""What does a model say to a prompt? Greedy, so that two measurements of one model are the same."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from app.training.worker.batches import FILL, Tell, padded
from app.training.worker.chat import ChatEncoder
from app.training.worker.rows import Row

AT_ONCE = 8  # answers; unlike a measured row, an answer needs the logits of one token at a time


class Answer(NamedTuple):
    """What the model said, whether it ended by itself, and its tokens without the one that ends it."""

    text: str
    ended: bool
    tokens: list[int]


def answers(model: Any, rows: Sequence[Row], encode: ChatEncoder, *, max_new_tokens: int, tell: Tell) -> list[Answer]:
    """The model's greedy answer to each row's prompt, in the order of the rows."""
    prompts = [encode(row.prompt, add_generation_prompt=True).input_ids for row in rows]
    by_length = sorted(range(len(rows)), key=lambda i: len(prompts[i]))
    said: dict[int, Answer] = {}
    for at in range(0, len(rows), AT_ONCE):
        places = by_length[at : at + AT_ONCE]
        batch = [prompts[i] for i in places]
        ids = padded(batch, FILL, model.device, left=True)
        out = model.generate(
            input_ids=ids,
            attention_mask=padded([[1] * len(prompt) for prompt in batch], 0, model.device, left=True),
            max_new_tokens=max_new_tokens,
            do_sample=False,
            use_cache=True,
            eos_token_id=encode.stop,
            pad_token_id=FILL,
        )
        for i, tokens in zip(places, out[:, ids.shape[1] :].tolist(), strict=True):
            said[i] = _answer(tokens, encode)
        tell("Letting the model answer", len(said), len(rows))
    return [said[i] for i in range(len(rows))]


def _answer(tokens: list[int], encode: ChatEncoder) -> Answer:
    ended = encode.stop in tokens
    own = tokens[: tokens.index(encode.stop)] if ended else tokens
    text = encode.tokenizer.decode(own, skip_special_tokens=False)
    return Answer(text.replace("\0", "\N{REPLACEMENT CHARACTER}"), ended, own)  # a byte that no database keeps
