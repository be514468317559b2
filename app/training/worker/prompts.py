"""On which prompts does a policy learn, and what is looked at of it? Rows of a version of either kind, encoded."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from app.training.worker.as_read import asked_ids
from app.training.worker.chat import ChatEncoder, Message
from app.training.worker.contamination import asks_as
from app.training.worker.failures import RunFailed
from app.training.worker.inputs import SEEN_PROMPTS, SFT_FILES, SFT_PLAN
from app.training.worker.plan import Plan
from app.training.worker.report import SEEN, FileNumbers, LeftOut
from app.training.worker.rows import HELD_OUT, SPLITS, Row, bad_row, drawn, lines_of, row_of, why_not
from app.training.worker.watched import fixed


@dataclass(frozen=True)
class Prompts:
    """What a policy's run works with: one row a prompt; its response is a person's, or the one that people chose.

    `unseen`: prompts of the test files. `sft`: rows answered by people, that supervised fine-tuning saw and did not.
    """

    train: list[Row]
    unseen: list[Row]
    sft: dict[str, list[Row]]
    files: dict[str, FileNumbers]
    left_out: list[LeftOut]


class Taught(NamedTuple):
    """A prompt that a run before this one was trained on."""

    split: str
    id: str
    prompt: list[Message]


@dataclass(frozen=True)
class Looked:
    """What is looked at before and after: `asked` never learned from by any step, `recited` and `sides` SFT rows."""

    asked: list[Row]
    recited: list[Row]
    sides: dict[str, list[Row]]


def read_prompts(folder: Path, encode: ChatEncoder, plan: Plan) -> Prompts:
    """The files of `folder`. A prompt that leaves no room for a response is left out and named, as is a test prompt
    that asks nearly what any step was trained on, of this run or of one before it. RunFailed for a line that is no row,
    and where too few are left for one step.
    """
    kept: dict[str, list[Row]] = {}
    files: dict[str, FileNumbers] = {}
    left_out: list[LeftOut] = []
    sft = sft_rows(folder, encode, plan.max_length)
    taught = taught_before(folder, sft)
    for name in (*SPLITS, *(name for name in HELD_OUT if (folder / f"{name}.jsonl").exists())):
        read = [prompt_of(name, number, line, encode) for number, line in lines_of(folder / f"{name}.jsonl")]
        reasons = {row.id: _no_room(row, encode, plan) for row in read}
        if name not in ("train", "validation"):
            reasons |= asks_as([*kept["train"], *taught], read)
        refused = [row for row in read if reasons[row.id]]
        usable = one_a_prompt(row for row in read if not reasons[row.id])
        kept[name] = drawn(usable, plan.train_rows, plan.seed) if name == "train" else usable
        left_out += [
            {"split": name, "id": row.id, "reason": reasons[row.id], "tokens": len(row.encoded.input_ids)}
            for row in refused
        ]
        files[name] = {
            "rows": len(read),
            "used": len(kept[name]),
            "left_out": len(refused),
            "not_drawn": len(read) - len(refused) - len(kept[name]),
        }
    _require_enough(kept["train"], plan)
    unseen = [row for name in kept if name not in ("train", "validation") for row in kept[name]]
    return Prompts(kept["train"], unseen, sft, files, left_out)


def prompt_of(split: str, number: int, line: str, encode: ChatEncoder) -> Row:
    """A line of a version of responses as it is; of one of preferences, the prompt with the chosen answer to it."""
    try:
        row = json.loads(line)
        if "messages" not in row:
            row = row | {"messages": [*row["prompt"], *row["chosen"][:1]]}
    except (ValueError, KeyError, TypeError) as problem:
        raise bad_row(split, number, "row", problem) from problem
    return row_of(split, number, json.dumps(row), encode)


def sft_rows(folder: Path, encode: ChatEncoder, max_length: int) -> dict[str, list[Row]]:
    """Rows answered by people, which the fine-tuning that this run comes from was taught, and those of its test file,
    as far as they are no longer than `max_length`; none where they do not lie there.
    """
    if not all((folder / name).exists() for name in SFT_FILES.values()):
        return {}
    found = {
        side: [row_of(side, number, line, encode) for number, line in lines_of(folder / name)]
        for side, name in SFT_FILES.items()
    }
    if (folder / SFT_PLAN).exists():
        found[SEEN] = drawn_by(Plan.read(folder / SFT_PLAN), found[SEEN])
    return {side: rows for side, held in found.items() if (rows := [r for r in held if not why_not(r, max_length)])}


def drawn_by(plan: Plan, rows: Sequence[Row]) -> list[Row]:
    """Those of a version's training rows that a fine-tuning with this plan learned from, as `read_rows` takes them."""
    return drawn([row for row in rows if not why_not(row, plan.max_length)], plan.train_rows, plan.seed)


def taught_before(folder: Path, sft: dict[str, list[Row]]) -> list[Row | Taught]:
    """What was trained on before this run: every prompt that is told of, and the rows of supervised fine-tuning."""
    return [*sft.get(SEEN, []), *asked_before(folder)]


def asked_before(folder: Path) -> list[Taught]:
    """Every prompt that runs before this one are told to have been trained on."""
    lines = lines_of(folder / SEEN_PROMPTS) if (folder / SEEN_PROMPTS).exists() else []
    told = [json.loads(line) for _, line in lines]
    return [Taught(SEEN, str(one["id"]), one["prompt"]) for one in told]


def looked_at(unseen: Sequence[Row], sft: dict[str, list[Row]], plan: Plan) -> Looked:
    """The plan's choice, the same prompts whatever its seed is, so that two runs answer the same."""
    return Looked(
        asked=fixed(unseen, plan.test_samples),
        recited=fixed(sft.get(SEEN, []), plan.train_samples),
        sides={side: drawn(rows, plan.measure_rows, plan.seed) for side, rows in sft.items()},
    )


def never_taught(rows: Sequence[Row], taught: Sequence[Row | Taught]) -> tuple[list[Row], list[LeftOut]]:
    """Those rows of which nothing that was trained on before asks nearly the same; and the others, named."""
    alike = asks_as(taught, rows)
    left_out: list[LeftOut] = [
        {"split": row.split, "id": row.id, "reason": alike[row.id], "tokens": len(row.encoded.input_ids)}
        for row in rows
        if row.id in alike
    ]
    return [row for row in rows if row.id not in alike], left_out


def one_a_prompt(rows: Iterable[Row]) -> list[Row]:
    """The first row of each prompt, in order."""
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row.prompt_id, row)
    return list(first.values())


def _no_room(row: Row, encode: ChatEncoder, plan: Plan) -> str:
    if len(asked_ids(row, encode)) + plan.max_new_tokens <= plan.max_length:
        return ""
    room = f"{plan.max_new_tokens} tokens of a response within max_length, {plan.max_length}"
    return f"Its prompt leaves no room for {room}."


def _require_enough(train: Sequence[Any], plan: Plan) -> None:
    needed = plan.batch_size // plan.generations
    if len(train) < needed:
        raise RunFailed(
            "too_few_prompts",
            f"There are {len(train)} prompts to learn on, and each step takes {needed}.",
            "Choose a version with more prompts, raise max_length where they were too long, or lower batch_size.",
        )
