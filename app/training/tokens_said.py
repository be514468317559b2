"""Which tokens bear loss, in words for a run's page: what is underlined there means another thing by each method."""

from collections.abc import Mapping
from typing import Any, NamedTuple

CAPTIONS = {
    "sft": "The first rows that it learns from, as the model reads them. What is underlined bears loss; the rest is "
    "read, and nothing is learned of it.",
    "dpo": "Both responses of the first pairs, as the model reads them. What is underlined bears loss: the chosen one "
    "is to become likelier than the other, held against the model that it began from. What both begin with alike "
    "cancels out.",
    "reward": "Both responses of the first pairs, as the model reads them. The reward of a response is read at its "
    "last token, which is underlined: the loss compares two such numbers, and no token before bears one of its own.",
    "rloo": "The first prompts, as the model reads them: nothing of a prompt bears loss. What it writes after it does, "
    "up to the token that ends a response, which is underlined here in its place.",
}
CAPTIONS["grpo"] = CAPTIONS["rloo"]
KINDS = {"sft": "Row", "reward": "Pair", "dpo": "Pair"}


class RowSaid(NamedTuple):
    """A row with its sentence; each token's `text`, and whether it is `learned`."""

    sentence: str
    tokens: list[Mapping[str, Any]]


def row_said(row: Mapping[str, Any], method: str) -> RowSaid:
    """A row that the worker told (worker/tokens.py)."""
    name = f"{KINDS.get(method, 'Prompt')} {row['id']}"
    hidden = row["before"] + row["after"]
    far = f"; {hidden:,} far from where what bears loss begins are not shown" if hidden else ""
    return RowSaid(f"{name}: {_counted(row, method)}{far}", row["tokens"])


def _counted(row: Mapping[str, Any], method: str) -> str:
    if method == "reward":
        return f"{row['count']:,} tokens, and one reward"
    if method in ("rloo", "grpo"):
        return f"{row['count'] - row['learned']:,} tokens, none of which bears loss"
    return f"{row['learned']:,} of {row['count']:,} tokens bear loss"
