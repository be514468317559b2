"""One row of a version as a line of JSONL: keys in a fixed order, one line whatever the text holds."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

# json escapes control characters below U+0020; these three also end a line for some readers.
LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def row_of(found: Mapping[str, Any], criteria: Sequence[str]) -> dict[str, Any]:
    """A row from a row of `approved_revisions`. Every key stands in every row; `criteria` are the ratings' keys."""
    ratings = found["ratings"] or {}
    return {
        "messages": [message(one) for one in (*found["prompt_messages"], *found["messages"])],
        "id": f"s{found['submission_id']}-r{found['revision']}",
        "metadata": {
            "prompt_id": str(found["prompt_id"]),
            "submission_id": str(found["submission_id"]),
            "revision": found["revision"],
            "category": found["category"] or "",
            "language": found["language"],
            "annotator": found["annotator"] or "",
            "guidelines": found["guidelines"],
            "ratings": {key: rating(ratings.get(key)) for key in criteria},
            "licence": found["licence"],
            "source": found["source"],
        },
    }


def message(one: Mapping[str, Any]) -> dict[str, str]:
    """A turn with its keys in their order."""
    return {"role": one["role"], "content": one["content"]}


def rating(value: int | None) -> float | None:
    """A rating as a float: one type for every reader."""
    return None if value is None else float(value)


def line_of(row: Mapping[str, Any]) -> bytes:
    """UTF-8, one line, the same bytes everywhere."""
    text = json.dumps(row, ensure_ascii=False, separators=(", ", ": "), allow_nan=False)
    return text.translate(LINE_ENDS).encode("utf-8") + b"\n"
