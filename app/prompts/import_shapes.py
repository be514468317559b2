"""The shapes in which trainers keep rows, read as lines of an import: messages, completions, Alpaca, ShareGPT.

A row that Penset published comes back in whichever of these it was taken: its texts, its category, language, licence
and source. Its `id` names a row of that version, not of this project, so it is known again by its words. Pure.
"""

from collections.abc import Callable, Mapping
from typing import Any

from app.core.errors import Place
from app.prompts.refusing import refused

ROLES = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant", "system": "system"}
KEPT = ("category", "language", "licence", "source")
Values = dict[str, Any]


def plain(at: str, values: Values) -> Values:
    """The line with its conversation under `messages`, and what its metadata says at the top. Others as they are."""
    found = with_metadata(at, dict(values))
    for mark, read in SHAPES.items():
        if mark in found:
            return read(at, found)
    return found


def with_metadata(at: str, values: Values) -> Values:
    """What `metadata` says of the row, where the row does not say it itself."""
    if "metadata" not in values:
        return values
    metadata = values.pop("metadata")
    if not isinstance(metadata, Mapping):
        raise refused([Place(f"{at}/metadata", "is not an object")])
    for key in KEPT:
        if metadata.get(key):
            values.setdefault(key, metadata[key])
    if "submission_id" in metadata:
        values.pop("id", None)
    return values


def of_sharegpt(at: str, values: Values) -> Values:
    """`conversations` of `from` and `value`; a `system` beside them stands first."""
    turns = []
    for place, turn in enumerate(listed(f"{at}/conversations", values.pop("conversations"))):
        here = f"{at}/conversations/{place}"
        if not isinstance(turn, Mapping) or set(turn) != {"from", "value"}:
            raise refused([Place(here, "is not an object of from and value")])
        if not isinstance(turn["from"], str) or turn["from"] not in ROLES:
            raise refused([Place(f"{here}/from", "is none of human, gpt, system")])
        turns.append({"role": ROLES[turn["from"]], "content": turn["value"]})
    return values | {"messages": [*system_of(values), *turns]}


def of_alpaca(at: str, values: Values) -> Values:
    """`instruction`, `input` on the next line where there is one, `output`; `system` and `history` before them."""
    asked = values.pop("instruction")
    if more := values.pop("input", ""):
        asked = f"{asked}\n{more}"
    turns = system_of(values)
    for place, told in enumerate(listed(f"{at}/history", values.pop("history", None) or [])):
        if not isinstance(told, list) or len(told) != 2:
            raise refused([Place(f"{at}/history/{place}", "is not a question and its answer")])
        turns += [{"role": "user", "content": told[0]}, {"role": "assistant", "content": told[1]}]
    turns.append({"role": "user", "content": asked})
    if "output" in values:
        turns.append({"role": "assistant", "content": values.pop("output")})
    return values | {"messages": turns}


def of_completion(at: str, values: Values) -> Values:
    """`prompt` and `completion`, texts or lists of turns."""
    asked = turns_of(f"{at}/prompt", values.pop("prompt", None), "user")
    return values | {"messages": asked + turns_of(f"{at}/completion", values.pop("completion"), "assistant")}


def turns_of(at: str, said: Any, role: str) -> list[Any]:
    """Turns as they are, or a text as one turn of this role."""
    return [{"role": role, "content": said}] if isinstance(said, str) else listed(at, said)


def system_of(values: Values) -> list[Any]:
    """The system message that stands beside a conversation, if any."""
    said = values.pop("system", "")
    return [{"role": "system", "content": said}] if said else []


def listed(at: str, value: Any) -> list[Any]:
    """The value, if it is a list."""
    if not isinstance(value, list):
        raise refused([Place(at, "is not a list")])
    return list(value)


SHAPES: Mapping[str, Callable[[str, Values], Values]] = {
    "conversations": of_sharegpt,
    "instruction": of_alpaca,
    "completion": of_completion,
}
