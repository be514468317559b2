"""`--show N`: which tokens of the first rows bear loss, on the screen, before anything is paid. Writes nothing."""

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from app.training.worker.as_read import Named, answered, compared, prompted, scored
from app.training.worker.base import load_encoder
from app.training.worker.chat import ChatEncoder
from app.training.worker.pairs import read_pairs
from app.training.worker.plan import Plan
from app.training.worker.prompts import read_prompts
from app.training.worker.report import LeftOut
from app.training.worker.rows import read_rows
from app.training.worker.tokens import RowTokens, row_tokens
from app.training.worker.words import missing

SIDES = 2  # of a pair
NEWLINE = "\N{RETURN SYMBOL}"


def print_rows(folder: Path, models: Path | None, count: int) -> None:
    """Print the first `count` rows, pairs or prompts that the run in this folder learns from, and what is left out.

    RunFailed and PlanError as where the run is carried out.
    """
    plan = Plan.read(folder / "plan.json")
    encode = load_encoder(plan, models, folder)
    named, left_out = _read(folder, plan, encode)
    most = count * (SIDES if plan.method in ("reward", "dpo") else 1)
    for row in row_tokens(islice(named, most), encode.tokenizer.decode, around=sys.maxsize):
        print(*_lines(row), sep="\n", end="\n\n")
    if left_out:
        print(missing(left_out))


def _read(folder: Path, plan: Plan, encode: ChatEncoder) -> tuple[Named, list[LeftOut]]:
    if plan.method in ("rloo", "grpo"):
        prompts = read_prompts(folder, encode, plan)
        return prompted(prompts.train, encode), prompts.left_out
    if plan.method == "sft":
        rows = read_rows(folder, encode, max_length=plan.max_length, draw=plan.train_rows, seed=plan.seed)
        return answered(rows.train), rows.left_out
    pairs = read_pairs(folder, encode, max_length=plan.max_length, draw=plan.train_rows, seed=plan.seed)
    return (scored if plan.method == "reward" else compared)(pairs.train), pairs.left_out


def _lines(row: RowTokens) -> Iterator[str]:
    """A row for a terminal: each token ends with a bar, those that bear loss stand in brackets."""
    yield f"{row['id']}: {row['learned']} of {row['count']} tokens bear loss"
    tokens = ((_printable(one["text"]), one["learned"]) for one in row["tokens"])
    yield "".join(f"[{text}]" if learned else f"{text}|" for text, learned in tokens)


def _printable(text: str) -> str:
    """What moves no cursor and rings no bell, whatever was typed."""
    shown = text.replace("\n", NEWLINE)
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in shown)
