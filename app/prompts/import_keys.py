"""Reading JSON lines whose keys have names of their own: which key says what, then each as an import line. Pure."""

from collections.abc import Mapping
from itertools import islice
from typing import IO, Any

from app.core.errors import DomainError
from app.core.strict_json import loads
from app.prompts.import_lines import ImportRow, checked, lines_of, loaded
from app.prompts.import_shapes import SHAPES, plain
from app.prompts.import_tables import COLUMNS_LIMIT, TAGS_APART, suggest

LOOKED = 200  # lines whose keys are offered
KEY_LIMIT = 200  # characters of a key that can be chosen
KNOWN = {*ImportRow.model_fields, "metadata"}
TURNS = "messages"


def keys_of(file: IO[bytes]) -> list[str] | None:
    """The keys of the first lines, as they come. None where each line says by itself what is which.

    What is no object has no keys: the import tells what is wrong with it.
    """
    file.seek(0)
    found: dict[str, None] = {}
    understood = True
    for _, line in islice(lines_of(file), LOOKED):
        try:
            values = loads(line)
        except DomainError:
            continue
        if not isinstance(values, dict):
            continue
        found |= dict.fromkeys(key for key in values if len(key) <= KEY_LIMIT)
        understood = understood and (not SHAPES.keys().isdisjoint(values) or values.keys() <= KNOWN)
    return None if understood else list(found)[:COLUMNS_LIMIT]


def suggest_keys(names: list[str]) -> dict[str, str]:
    """For each field the key that is called like it; turns stand for a prompt."""
    turns = {"prompt": TURNS} if TURNS in names else {}
    return turns | suggest(names)


def parsed_by_keys(mapping: Mapping[str, str], at: str, line: bytes) -> ImportRow:
    """A line by the key of each field. What is null or empty says nothing; a list under the prompt's key is turns.

    Invalid with the places in it.
    """
    values = loaded(at, line)
    if not isinstance(values, dict):
        return checked(at, values)
    filled: dict[str, Any] = {
        field: values[key] for field, key in mapping.items() if values.get(key) not in (None, "", [])
    }
    if isinstance(filled.get("id"), int):
        filled["id"] = str(filled["id"])
    if isinstance(filled.get("tags"), str):
        filled["tags"] = filled["tags"].split(TAGS_APART)
    if isinstance(turns := filled.get("prompt"), list):
        del filled["prompt"]
        of_sharegpt = isinstance(turns[0], dict) and "from" in turns[0]
        filled = plain(at, filled | {"conversations" if of_sharegpt else TURNS: turns})
    return checked(at, filled)
