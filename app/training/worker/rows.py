"""Which rows a run trains on and measures: the version's files, encoded, with those left out named."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from app.training.worker.chat import IGNORED, ChatEncoder, Encoded, Message
from app.training.worker.failures import RunFailed
from app.training.worker.report import UNSEEN, FileNumbers, LeftOut

SPLITS = ("train", "validation", "test")
ROLES = ("system", "user", "assistant")
HELD_OUT = UNSEEN[1:]  # files that a version has where its project holds something out

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One row of a version, encoded. The last message is the response."""

    split: str
    id: str
    prompt_id: str
    category: str
    messages: list[Message]
    encoded: Encoded

    @property
    def prompt(self) -> list[Message]:
        """All turns before the response."""
        return self.messages[:-1]

    @property
    def response(self) -> str:
        """What a person wrote in answer."""
        return self.messages[-1]["content"]

    @property
    def spoken(self) -> list[int]:
        """The tokens of the response, without the one that ends it."""
        return [label for label in self.encoded.labels if label != IGNORED][:-1]


@dataclass(frozen=True)
class Rows:
    """What a run works with."""

    train: list[Row]
    validation: list[Row]
    test: list[Row]
    held_out: dict[str, list[Row]]  # by file: rows of held-out writers, and of held-out categories
    files: dict[str, FileNumbers]
    left_out: list[LeftOut]

    @property
    def unseen(self) -> list[Row]:
        """All rows that no training is to have seen."""
        return [row for side in UNSEEN for row in self.of(side)]

    def of(self, side: str) -> list[Row]:
        """The rows of one side of the report; none where the version has no such file."""
        return {"train": self.train, "test": self.test, **self.held_out}.get(side, [])


def read_rows(folder: Path, encode: ChatEncoder, *, max_length: int, draw: int, seed: int) -> Rows:
    """The three files of `folder`, and those of held-out rows where they are there.

    At most `draw` training rows are taken, chosen by `seed` (0: all). A row longer than `max_length` tokens, or without
    a response, is left out and named. RunFailed for a line that is no row, and when nothing is left to train on.
    """
    kept: dict[str, list[Row]] = {}
    files: dict[str, FileNumbers] = {}
    left_out: list[LeftOut] = []
    held_out = [name for name in HELD_OUT if (folder / f"{name}.jsonl").exists()]
    for split in (*SPLITS, *held_out):
        read = [row_of(split, number, line, encode) for number, line in lines_of(folder / f"{split}.jsonl")]
        refused = [_left_out(row, reason) for row in read if (reason := why_not(row, max_length))]
        usable = [row for row in read if not why_not(row, max_length)]
        kept[split] = drawn(usable, draw, seed) if split == "train" else usable
        left_out += refused
        files[split] = {
            "rows": len(read),
            "used": len(kept[split]),
            "left_out": len(refused),
            "not_drawn": len(usable) - len(kept[split]),
        }
    if not kept["train"]:
        raise RunFailed("no_rows", "There is no row to train on.", _advice(left_out))
    return Rows(
        kept["train"], kept["validation"], kept["test"], {name: kept[name] for name in held_out}, files, left_out
    )


def drawn(rows: Sequence[T], count: int, seed: int) -> list[T]:
    """`count` of these rows by chance, in their own order; all of them when `count` is 0 or too large."""
    if not 0 < count < len(rows):
        return list(rows)
    chosen = random.Random(seed).sample(range(len(rows)), count)
    return [rows[i] for i in sorted(chosen)]


def lines_of(path: Path) -> list[tuple[int, str]]:
    """The lines of a version's file with their numbers."""
    if not path.exists():
        raise RunFailed("no_file", f"There is no {path.name} in the run's folder.", "Start the run again.")
    lines = enumerate(path.read_bytes().split(b"\n"), 1)
    return [(number, _text(path, number, line)) for number, line in lines if line]


def _text(path: Path, number: int, line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise bad_row(path.stem, number, "UTF-8", problem) from problem


def row_of(split: str, number: int, line: str, encode: ChatEncoder) -> Row:
    """A line of a version of responses. RunFailed where it is none."""
    try:
        row = json.loads(line)
        messages = [{"role": role_of(m["role"]), "content": text_of(m["content"])} for m in row["messages"]]
        about: dict[str, Any] = row.get("metadata") or {}
        row_id = str(row.get("id") or f"{split}:{number}")
        return Row(
            split=split,
            id=row_id,
            prompt_id=str(about.get("prompt_id") or row_id),
            category=str(about.get("category") or ""),
            messages=messages,
            encoded=encode(messages),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise bad_row(split, number, "row", problem) from problem


def bad_row(split: str, number: int, what: str, problem: Exception) -> RunFailed:
    """A line of a version's file that is not what it should be."""
    where = f"Line {number} of {split}.jsonl is no {what}: {type(problem).__name__}: {str(problem).rstrip('.')}."
    return RunFailed("bad_row", where, "Publish the version again, or correct the file.")


def too_long(max_length: int) -> str:
    """Why a row takes no part."""
    return f"It is longer than max_length, {max_length} tokens."


def text_of(content: object) -> str:
    """The same, which must be text."""
    if not isinstance(content, str):
        raise TypeError("content is not text")
    return content


def role_of(role: object) -> str:
    """The same, which must be one that a chat template knows: it writes the word as it stands."""
    if role not in ROLES:
        raise ValueError(f"the role {role!r} is none of {', '.join(ROLES)}")
    return str(role)


def why_not(row: Row, max_length: int) -> str:
    """Why a row takes no part; empty where it does."""
    if len(row.messages) < 2 or row.messages[-1]["role"] != "assistant":
        return "It does not end with a response."
    if not row.encoded.learned:
        return "The chat template leaves nothing of it to learn."
    if len(row.encoded.input_ids) > max_length:
        return too_long(max_length)
    return ""


def _left_out(row: Row, reason: str) -> LeftOut:
    return {"split": row.split, "id": row.id, "reason": reason, "tokens": len(row.encoded.input_ids)}


def _advice(left_out: Sequence[LeftOut]) -> str:
    if any("max_length" in entry["reason"] for entry in left_out):
        return "All rows are longer than max_length: raise it."
    return "Choose a version whose train.jsonl has rows."
