"""Which pairs a run learns from and measures: a preference version's files, encoded, with those left out named."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.training.worker.chat import ChatEncoder, Message
from app.training.worker.contamination import asks_as
from app.training.worker.estimate import LEAST_PAIRS
from app.training.worker.failures import RunFailed
from app.training.worker.report import FileNumbers, LeftOut
from app.training.worker.rows import HELD_OUT, SPLITS, Row, bad_row, drawn, lines_of, role_of, text_of, too_long

SAME = "Both responses are the same text."
SEVERAL = "A response has several turns, and what is learned from is one answer to the prompt."
ALIKE = "Both responses are the same tokens: this model cannot tell the two texts apart."


@dataclass(frozen=True)
class Pair:
    """Two responses to one prompt, each as a row; people chose the first. `strength`: by how much, in their words.
    `ranking`: the ranking of several responses from which it follows; empty where two were compared. `turns`: of the
    response that has more of them."""

    chosen: Row
    rejected: Row
    strength: str
    ranking: str = ""
    turns: int = 1

    @property
    def split(self) -> str:
        """Which file it stood in."""
        return self.chosen.split

    @property
    def id(self) -> str:
        """Its id in the version."""
        return self.chosen.id

    @property
    def prompt_id(self) -> str:
        """What its prompt is called."""
        return self.chosen.prompt_id

    @property
    def prompt(self) -> list[Message]:
        """All turns before the two responses."""
        return self.chosen.prompt

    @property
    def longest(self) -> int:
        """Tokens of the longer of both, prompt and all."""
        return max(len(side.encoded.input_ids) for side in (self.chosen, self.rejected))


@dataclass(frozen=True)
class Pairs:
    """What a run works with; `unseen`: those of the test files."""

    train: list[Pair]
    validation: list[Pair]
    unseen: list[Pair]
    files: dict[str, FileNumbers]
    left_out: list[LeftOut]


def read_pairs(folder: Path, encode: ChatEncoder, *, max_length: int, draw: int, seed: int) -> Pairs:
    """The files of `folder`. At most `draw` training pairs are taken, chosen by `seed` (0: all).

    A pair of texts that are equal, as they are or as tokens, or with a response too long or of several turns, is left
    out and named; likewise a test pair that asks nearly what a training pair asks. RunFailed for a line that is no
    pair, and where too few are left to learn from.
    """
    kept: dict[str, list[Pair]] = {}
    files: dict[str, FileNumbers] = {}
    left_out: list[LeftOut] = []
    names = (*SPLITS, *(name for name in HELD_OUT if (folder / f"{name}.jsonl").exists()))
    for name in names:
        read = [_pair(name, number, line, encode) for number, line in lines_of(folder / f"{name}.jsonl")]
        refused = [_left_out(pair, reason) for pair in read if (reason := _why_not(pair, max_length))]
        usable = [pair for pair in read if not _why_not(pair, max_length)]
        if name not in ("train", "validation"):
            alike = asks_as(kept["train"], usable)
            refused += [_left_out(pair, alike[pair.id]) for pair in usable if pair.id in alike]
            usable = [pair for pair in usable if pair.id not in alike]
        kept[name] = drawn(usable, draw, seed) if name == "train" else usable
        left_out += refused
        files[name] = {
            "rows": len(read),
            "used": len(kept[name]),
            "left_out": len(refused),
            "not_drawn": len(usable) - len(kept[name]),
        }
    _require_enough(kept["train"], left_out)
    unseen = [pair for name in names if name not in ("train", "validation") for pair in kept[name]]
    return Pairs(kept["train"], kept["validation"], unseen, files, left_out)


def _pair(split: str, number: int, line: str, encode: ChatEncoder) -> Pair:
    try:
        row = json.loads(line)
        prompt, chosen, rejected = (_turns(row[name]) for name in ("prompt", "chosen", "rejected"))
        about: dict[str, Any] = row.get("metadata") or {}
        row_id = str(row.get("id") or f"{split}:{number}")

        def side(response: list[Message]) -> Row:
            messages = [*prompt, *response]
            return Row(
                split=split,
                id=row_id,
                prompt_id=str(about.get("prompt_id") or row_id),
                category=str(about.get("category") or ""),
                messages=messages,
                encoded=encode(messages),
            )

        strength, ranking = (str(about.get(name) or "") for name in ("strength", "ranking_id"))
        most = max(len(chosen), len(rejected))
        return Pair(side(_answer(chosen)), side(_answer(rejected)), strength, ranking, most)
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise bad_row(split, number, "pair", problem) from problem


def _turns(turns: Sequence[dict[str, Any]]) -> list[Message]:
    return [{"role": role_of(turn["role"]), "content": text_of(turn["content"])} for turn in turns]


def _answer(response: list[Message]) -> list[Message]:
    if not response or response[-1]["role"] != "assistant":
        raise ValueError("a response ends with what the assistant says")
    return response


def _why_not(pair: Pair, max_length: int) -> str:
    if pair.turns > 1:
        return SEVERAL
    if pair.chosen.response == pair.rejected.response:
        return SAME
    if pair.chosen.encoded.input_ids == pair.rejected.encoded.input_ids:  # a tokenizer may lower letters, or know few
        return ALIKE
    return too_long(max_length) if pair.longest > max_length else ""


def _left_out(pair: Pair, reason: str) -> LeftOut:
    return {"split": pair.split, "id": pair.id, "reason": reason, "tokens": pair.longest}


def _require_enough(train: Sequence[Pair], left_out: Sequence[LeftOut]) -> None:
    if len(train) >= LEAST_PAIRS:
        return
    same = sum(one["reason"] in (SAME, ALIKE) for one in left_out)
    several = sum(one["reason"] == SEVERAL for one in left_out)
    long = sum("max_length" in one["reason"] for one in left_out)
    advice = "Let people compare more responses, and publish the version again."
    if same:
        advice = (
            f"In {same} pairs both responses are the same text to this model, which teaches nothing: "
            "let people compare others."
        )
    elif several:
        advice = f"In {several} pairs a response has several turns: let people compare single answers."
    elif long:
        advice = f"{long} pairs are longer than max_length: raise it."
    reason = f"There are {len(train)} pairs to learn from, and a preference takes {LEAST_PAIRS} at the very least."
    raise RunFailed("too_few_pairs", reason, advice)
