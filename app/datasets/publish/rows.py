"""One row of a version as a line of JSONL: keys in a fixed order, one line whatever the text holds."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

ROLES = ("system", "user", "assistant")
# json escapes control characters below U+0020; these three also end a line for some readers.
LINE_ENDS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(", ", ": "), allow_nan=False)


class DamagedRow(Exception):
    """A stored row that is not as our own doors write it, such as after a disk or a hand broke it."""

    def __init__(self, submission_id: int, revision: int) -> None:
        super().__init__(f"submission {submission_id}, revision {revision}")


def check_whole(found: Mapping[Any, Any]) -> None:
    """DamagedRow unless turns are turns and ratings are numbers: nobody else looks again before it is published."""
    turns, ratings = (found["prompt_messages"], found["messages"]), found["ratings"]
    if not all(map(is_conversation, turns)) or not (ratings is None or are_ratings(ratings)):
        raise DamagedRow(found["submission_id"], found["revision"])


def is_conversation(turns: Any) -> bool:
    """Whether these are turns, one at least, each of a role with a text."""
    return isinstance(turns, list) and bool(turns) and all(is_turn(one) for one in turns)


def is_turn(one: Any) -> bool:
    """Whether this is a turn."""
    return isinstance(one, dict) and one.get("role") in ROLES and isinstance(one.get("content"), str)


def are_ratings(ratings: Any) -> bool:
    """Whether these are numbers by the keys of criteria; the mean of two opinions may end in a half."""
    return isinstance(ratings, dict) and all(type(value) in (int, float) for value in ratings.values())


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
            "editor": found["editor"] or "",
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
    text = ENCODER.encode(row)
    for end, escape in LINE_ENDS.items():  # `translate` takes a hundred times as long where there is nothing to do
        text = text.replace(end, escape)
    return text.encode("utf-8") + b"\n"
