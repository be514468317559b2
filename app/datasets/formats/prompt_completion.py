"""TRL's prompt and completion: what was asked, and the answer that a loss belongs on."""

from typing import Any

from app.datasets.formats.form import TURNS, Form, Row


def shape(row: Row) -> dict[str, Any] | None:
    """The turns up to the last one of the user, then those of the assistant after it. None where either is missing."""
    turns = row["messages"]
    asked = max((place for place, turn in enumerate(turns) if turn["role"] == "user"), default=-1) + 1
    answer = turns[asked:]
    if not asked or not answer or any(turn["role"] != "assistant" for turn in answer):
        return None
    return {"prompt": turns[:asked], "completion": answer}


PROMPT_COMPLETION = Form(
    name="prompt-completion",
    title="Prompt and completion",
    columns=[{"name": "prompt", **TURNS}, {"name": "completion", **TURNS}],
    shape=shape,
    rows="One JSON object a line: `prompt` (the turns up to the last one of the user) and `completion` (what the "
    "assistant answers to it), both lists of `role` and `content`; `id`, `metadata`. TRL takes the loss on the "
    "completion alone: earlier turns of the assistant are read, not learned.",
    cannot_say="rows that do not end with a turn of the assistant after one of the user",
)
