"""Prompts for a large project: the demo's human-written ones, with half of the words exchanged for others of theirs."""

import json
import random
from collections.abc import Iterator
from typing import Any

from app.demo.texts import load


def prompts(count: int) -> Iterator[list[dict[str, Any]]]:
    """So many prompts, each a list of one user turn; the same on every machine."""
    written = [str(row["prompt"]) for name in ("prompts.jsonl", "sft.jsonl") for row in load(name)]
    words = sorted({word for text in written for word in text.split()})
    dice = random.Random(0)
    for number in range(count):
        text = written[number % len(written)]
        mixed = (dice.choice(words) if dice.random() < 0.5 else word for word in text.split())
        yield [{"role": "user", "content": " ".join(mixed)}]


def as_json(count: int) -> Iterator[str]:
    """The same as JSON texts."""
    return (json.dumps(messages, ensure_ascii=False) for messages in prompts(count))
