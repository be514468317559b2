"""Which open prompts should people answer first, by what this run's model makes of them?"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.training.worker.batches import Tell
from app.training.worker.chat import ChatEncoder
from app.training.worker.doubt import doubts, states
from app.training.worker.events import EventKind, Journal
from app.training.worker.inputs import OPEN
from app.training.worker.report import OpenPrompts
from app.training.worker.rows import Row, drawn
from app.training.worker.selection import by_coverage, likeness, surpassed

TOLD_EVERY = 10  # prompts chosen: of thousands each takes tenths of a second, and a stop must be heard in between
ANSWERED = 1000  # prompts trained on, at most, that an open one is compared with


def read_open(folder: Path, encode: ChatEncoder, max_length: int, journal: Journal) -> list[Row] | None:
    """The open prompts that lie in a run's folder; None where no such file does. Those longer than a row may be are
    left out, and their number is told."""
    if not (folder / OPEN).exists():
        return None
    lines = (folder / OPEN).read_text("utf-8").split("\n")
    rows = [_row(json.loads(line), encode) for line in lines if line]
    short = [row for row in rows if len(row.encoded.input_ids) <= max_length]
    if len(short) < len(rows):
        journal.write(EventKind.WARNING, message=too_long(len(rows) - len(short), len(rows), max_length))
    return short


def too_long(count: int, among: int, max_length: int) -> str:
    """That so many open prompts are not put in order, why, and what to do."""
    are = "is" if count == 1 else "are"
    return (
        f"{count} of {among} open prompts {are} longer than max_length, {max_length} tokens, and not put in the order "
        "to be answered in. Raise max_length where that matters."
    )


def first_of(
    model: Any, rows: Sequence[Row] | None, train: Sequence[Row], encode: ChatEncoder, seed: int, tell: Tell
) -> OpenPrompts | None:
    """These prompts in the order in which they should be answered: what covers most of what the model doubts first."""
    if not rows:
        return None
    doubt = doubts(model, rows, encode, tell)
    alike, covered = likeness(states(model, rows, encode), states(model, drawn(train, ANSWERED, seed), encode))
    above = surpassed(doubt)

    def each(chosen: int) -> None:
        if chosen % TOLD_EVERY == 0:
            tell("Choosing what to answer first", chosen, len(rows))

    return {
        "looked_at": len(rows),
        "order": [
            {
                "prompt_id": rows[place].prompt_id,
                "doubt": float(doubt[place]),
                "doubted_more_than": above[place],
                "stands_for": stands_for,
                "nearest": float(covered[place]),
            }
            for place, stands_for in by_coverage(alike, covered, doubt, len(rows), each)
        ],
    }


def _row(line: dict[str, Any], encode: ChatEncoder) -> Row:
    prompt = [{"role": str(turn["role"]), "content": str(turn["content"])} for turn in line["messages"]]
    silent = {"role": "assistant", "content": ""}  # a row ends with a response; this one has none
    asked = encode(prompt, add_generation_prompt=True)
    return Row("open", str(line["id"]), str(line["id"]), str(line["category"]), [*prompt, silent], asked)
