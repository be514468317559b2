"""Prompts for a large project: the demo's human-written ones, with half of the words exchanged for others of theirs."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from app.demo.texts import load


def prompts(count: int) -> Iterator[list[dict[str, Any]]]:
    """So many prompts, each a list of one user turn; the same on every machine."""
    written = [str(row["prompt"]) for name in ("prompts.jsonl", "sft.jsonl") for row in load(name)]
    return ([{"role": "user", "content": text}] for text in mixed(written, count))


def written_responses() -> list[str]:
    """The demo's human-written responses, and long ones made of four of them."""
    short = [str(row["response"]) for row in load("sft.jsonl")]
    return [*short, *("\n\n".join(short[at : at + 4]) for at in range(0, len(short), 3))]


def mixed(written: Sequence[str], count: int, seed: int = 0) -> Iterator[str]:
    """So many texts: these, each with half of its words exchanged for others of all of them."""
    words = sorted({word for text in written for word in text.split()})
    dice = random.Random(seed)
    for number in range(count):
        text = written[number % len(written)]
        yield " ".join(dice.choice(words) if dice.random() < 0.5 else word for word in text.split())
