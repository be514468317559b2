"""What the fields of a rule are called on its page, and what each of them takes: the words of a refused rule."""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic_core.core_schema import ErrorType

from app.core.errors import Place
from app.core.problems import pointer, sentence_of, words_of_pydantic

LABELS: Mapping[str, str] = {
    "categories": "Only these categories",
    "languages": "Only these languages",
    "tags": "Only with one of these tags",
    "licences": "Only under these licences",
    "sources": "Only from these sources",
    "state": "Approved",
    "imported": "Imported pairs",
    "min_rating": "Rated at least, on average",
    "min_ratings": "Rated at least, by criterion",
    "handed_in_from": "Handed in from",
    "handed_in_to": "Handed in until",
    "approved_from": "Approved from",
    "approved_to": "Approved until",
    "guidelines": "Versions of the guidelines",
    "guidelines_from": "And every version from",
    "of_prompt": "Of a prompt's responses",
    "per_writer": "At most so many of one writer",
    "max_share": "At most so many percent in one category",
}
NAMES = "takes at most 200 names"
TAKES: Mapping[str, str] = {
    "categories": NAMES,
    "languages": NAMES,
    "tags": NAMES,
    "licences": NAMES,
    "sources": NAMES,
    "state": "takes any, as_written or edited",
    "imported": "takes with, without or only",
    "min_rating": "takes a number from 1 to 5, such as 3.5",
    "min_ratings": "takes a number from 1 to 5 for each criterion, such as helpful 4",
    "guidelines": "takes the numbers of versions, such as 1, 3",
    "guidelines_from": "takes the number of a version, such as 3",
    "of_prompt": "takes all, newest or best",
    "per_writer": "takes a whole number from 1 on, such as 20",
    "max_share": "takes a whole number from 1 to 99, such as 40",
}


def place_of(error: Mapping[str, Any]) -> Place:
    """What is wrong with a rule at one place: what the field takes, where we would have no words but pydantic's."""
    location, said = tuple(error["loc"]), sentence_of(dict(error))
    is_pydantics = error["type"] in get_args(ErrorType) and said == words_of_pydantic(error)
    return Place("/rule" + pointer(location), TAKES.get(str(location[0]), said) if is_pydantics else said)
