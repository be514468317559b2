"""Reading JSON lines whose keys have names of their own: which key says what, then each as an import line. Pure."""

from collections.abc import Collection, Mapping
from itertools import islice
from typing import IO, Any

from pydantic_core import PydanticCustomError

from app.core.errors import PLACES_LISTED, DomainError, Place
from app.core.problems import step
from app.core.strict_json import loads
from app.core.text import check_text
from app.prompts.import_lines import ImportRow, checked, lines_of, loaded
from app.prompts.import_shapes import SHAPES, plain, with_metadata
from app.prompts.import_tables import COLUMNS_LIMIT, TAGS_APART, suggest
from app.prompts.refusing import refused

LOOKED = 200  # lines whose keys are offered
KEY_LIMIT = 200  # characters of a key that can be chosen
METADATA = "metadata"
KNOWN = {*ImportRow.model_fields, METADATA}
TURNS = "messages"


def keys_of(file: IO[bytes]) -> list[str] | None:
    """The keys of the first lines, as they come. None where each line says by itself what is which.

    What is no object has no keys, and what cannot be chosen is not among them: the import tells what is wrong with it.
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
        _add(found, values)
        understood = understood and (not SHAPES.keys().isdisjoint(values) or values.keys() <= KNOWN)
    return None if understood else list(found)


def _add(found: dict[str, None], values: Mapping[str, Any]) -> None:
    """Keep the keys of a line that can be chosen, and no more than are offered."""
    for key in values:
        if len(found) == COLUMNS_LIMIT:
            return
        if not _fault_of(key):
            found[key] = None


def _fault_of(key: str) -> str:
    """Why a key cannot be chosen; nothing where it can."""
    try:
        check_text(key, KEY_LIMIT)
    except PydanticCustomError as error:
        return f"is a key that cannot be read: it {error.message()}"
    return ""


def suggest_keys(names: list[str]) -> dict[str, str]:
    """For each field the key that is called like it; turns stand for a prompt."""
    turns = {"prompt": TURNS} if TURNS in names else {}
    return turns | suggest(names)


def parsed_by_keys(columns: Collection[str], mapping: Mapping[str, str], at: str, line: bytes) -> ImportRow:
    """A line by the key of each field. What is null or empty says nothing; a list under the prompt's key is turns.

    What `metadata` says of the row stands where no key says it. Invalid with the places in it, also for a key that is
    not among the columns: nobody was shown it, so nobody knows that it would be left out.
    """
    values = loaded(at, line)
    if not isinstance(values, dict):
        return checked(at, values)
    _check_looked_at(columns, at, values)
    told = _of_metadata(at, values)
    filled: dict[str, Any] = told | {
        field: values[key] for field, key in mapping.items() if values.get(key) not in (None, "", [])
    }
    if type(filled.get("id")) is int:  # and no truth value, which is an int as well
        filled["id"] = str(filled["id"])
    if isinstance(filled.get("tags"), str):
        filled["tags"] = filled["tags"].split(TAGS_APART)
    if isinstance(turns := filled.get("prompt"), list):
        del filled["prompt"]
        of_sharegpt = isinstance(turns[0], dict) and "from" in turns[0]
        filled = plain(at, filled | {"conversations" if of_sharegpt else TURNS: turns})
    return checked(at, filled)


def _check_looked_at(columns: Collection[str], at: str, values: Mapping[str, Any]) -> None:
    """Invalid where a line has keys that nobody could say anything of."""
    unseen = [key for key in values if key not in columns][:PLACES_LISTED]
    if unseen:
        raise refused([Place(at + step(key), _fault_of(key) or _why_unseen(columns)) for key in unseen])


def _why_unseen(columns: Collection[str]) -> str:
    if len(columns) >= COLUMNS_LIMIT:
        return f"is past the {COLUMNS_LIMIT} keys that can be chosen among; take out those that nothing is read from"
    return (
        f"is a key that none of the first {LOOKED} lines has; move a line that has it to the beginning, or take it out"
    )


def _of_metadata(at: str, values: dict[str, Any]) -> dict[str, Any]:
    """What an object under `metadata` says of the row. The id goes from the line where it names a row elsewhere."""
    if not isinstance(values.get(METADATA), Mapping):
        return {}
    told = with_metadata(at, {key: values[key] for key in (METADATA, "id") if key in values})
    if told.pop("id", None) is None:
        values.pop("id", None)
    return told
