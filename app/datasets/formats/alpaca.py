"""Alpaca, with the columns for a system message and earlier rounds that LLaMA-Factory documents.

https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md
"""

from collections.abc import Mapping, Sequence
from typing import Any

from app.datasets.formats.form import Form, Row, columns

ROUND = ("user", "assistant")


def shape(row: Row) -> dict[str, Any] | None:
    """System, earlier rounds, the last question and its answer. None where turns do not alternate in rounds."""
    turns = row["messages"]
    has_system = turns[0]["role"] == "system"
    told = rounds(turns[1:] if has_system else turns)
    if not told:
        return None
    *history, (instruction, output) = told
    return {
        "instruction": instruction,
        "input": "",
        "output": output,
        "system": turns[0]["content"] if has_system else "",
        "history": [list(earlier) for earlier in history],
    }


def rounds(turns: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """What the user said and what the assistant answered, round by round; none where the turns are no rounds."""
    if len(turns) % 2 or any(turn["role"] != ROUND[place % 2] for place, turn in enumerate(turns)):
        return []
    texts = [turn["content"] for turn in turns]
    return list(zip(texts[::2], texts[1::2], strict=True))


ALPACA = Form(
    name="alpaca",
    title="Alpaca",
    columns=[
        *columns("string", "instruction", "input", "output", "system"),
        {"name": "history", "list": {"list": "string"}},
    ],
    shape=shape,
    rows="One JSON object a line: `instruction` (the last question), `input` (always empty), `output` (its answer), "
    "`system` (empty where there is none), `history` (earlier rounds, each a question and its answer); `id`, "
    "`metadata`. A reader that knows only the first three columns loses the system message and the history.",
    cannot_say="rows whose turns are not the user's and the assistant's by turns",
    llama_factory={
        "columns": {
            "prompt": "instruction",
            "query": "input",
            "response": "output",
            "system": "system",
            "history": "history",
        }
    },
)
