"""What does a model read of the rows that it learns from, and which tokens bear loss there? By method. Pure.

Each is a name and the tokens; where a token has a label, it bears loss:

- of a fine-tuning: the response and what ends it;
- of DPO: both responses, and what ends them;
- of a reward model: none but the last, at which the reward of all before it is read;
- of a policy: none of the prompt; what it writes does, up to the one that ends a response, which stands here for it.
"""

from collections.abc import Iterable, Iterator, Sequence

from app.training.worker.chat import IGNORED, ChatEncoder, Encoded
from app.training.worker.pairs import Pair
from app.training.worker.rows import Row

Named = Iterator[tuple[str, Encoded]]


def answered(rows: Iterable[Row]) -> Named:
    """Rows of a fine-tuning."""
    for row in rows:
        yield row.id, row.encoded


def compared(pairs: Iterable[Pair]) -> Named:
    """Pairs of DPO, both sides."""
    for pair in pairs:
        ids = ids_of(pair)
        for side in ("chosen", "rejected"):
            yield f"{pair.id}, {side}", learned_from(ids["prompt_ids"], ids[f"{side}_ids"])


def scored(pairs: Iterable[Pair]) -> Named:
    """Pairs of a reward model, both sides."""
    for pair in pairs:
        for side, row in (("chosen", pair.chosen), ("rejected", pair.rejected)):
            *read, last = row.encoded.input_ids
            yield f"{pair.id}, {side}", learned_from(read, [last])


def prompted(rows: Iterable[Row], encode: ChatEncoder) -> Named:
    """Prompts of a policy."""
    for row in rows:
        yield row.id, learned_from(asked_ids(row, encode), [encode.stop])


def asked_ids(row: Row, encode: ChatEncoder) -> list[int]:
    """The prompt up to where the assistant begins to speak."""
    return encode(row.prompt, add_generation_prompt=True).input_ids


def learned_from(read: Sequence[int], learned: Sequence[int]) -> Encoded:
    """Tokens that are only read, and those after them that bear loss."""
    return Encoded([*read, *learned], [IGNORED] * len(read) + list(learned))


def ids_of(pair: Pair) -> dict[str, list[int]]:
    """What both responses have in common, up to where the first of them is learned; and each from there to its end."""
    one, other = pair.chosen.encoded, pair.rejected.encoded
    most = min(begins(one), begins(other))
    at = next((i for i in range(most) if one.input_ids[i] != other.input_ids[i]), most)
    return {
        "prompt_ids": one.input_ids[:at],
        "chosen_ids": one.input_ids[at : ends(one)],
        "rejected_ids": other.input_ids[at : ends(other)],
    }


def begins(row: Encoded) -> int:
    """The place of the first token that is learned."""
    return next(i for i, label in enumerate(row.labels) if label != IGNORED)


def ends(row: Encoded) -> int:
    """The place past the last token that is learned, the one that ends the response."""
    return len(row.labels) - next(i for i, label in enumerate(reversed(row.labels)) if label != IGNORED)
