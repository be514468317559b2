"""What a rubric may be: a few criteria with a key, a name and a description, each rated 1 to 5."""

import re
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from app.core.errors import Invalid, Place
from app.core.problems import pointer, sentence_of
from app.core.text import Name, check_text
from app.core.web import In

CRITERIA_LIMIT = 12
DESCRIPTION_LIMIT = 2_000
DEFAULT_RUBRIC: list[dict[str, Any]] = [
    {"key": "helpful", "name": "Helpful", "description": "Does it do what was asked?"},
    {"key": "correct", "name": "Correct", "description": "Is everything in it true?"},
    {"key": "clear", "name": "Clear", "description": "Is it easy to read, and no longer than it must be?"},
]


def _short_text(text: str) -> str:
    return check_text(text, DESCRIPTION_LIMIT)


def is_key(key: str) -> bool:
    """Whether a criterion can have this key."""
    return key.isascii() and key.replace("_", "").isalnum() and key == key.lower() and 0 < len(key) <= 40


def _key(key: str) -> str:
    if not is_key(key):
        raise PydanticCustomError("key", "is no key: up to 40 lower-case letters, digits and underscores")
    return key


class Criterion(In):
    """One thing that reviewers rate."""

    key: Annotated[str, AfterValidator(_key)]
    name: Name
    description: Annotated[str, AfterValidator(_short_text)] = ""


_criteria = TypeAdapter(Annotated[list[Criterion], Field(min_length=1, max_length=CRITERIA_LIMIT)])


def key_from(name: str) -> str:
    """A key made of a criterion's name: lower-case ASCII letters and digits, joined by underscores."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40] or "criterion"


def check_rubric(rubric: list[dict[str, Any]], at: str = "/rubric") -> list[dict[str, Any]]:
    """The criteria as they are stored. Invalid with the place of what is wrong, or of a key that stands twice."""
    try:
        criteria = _criteria.validate_python(rubric)
    except ValidationError as error:
        wrong = [Place(at + pointer(item["loc"]), sentence_of(dict(item))) for item in error.errors()]
        raise Invalid("projects.rubric", "The rubric was not accepted; nothing was stored.", *wrong) from None
    keys = [criterion.key for criterion in criteria]
    for number, key in enumerate(keys):
        if key in keys[:number]:
            raise Invalid(
                "projects.rubric",
                "Two criteria of the rubric have the same key.",
                Place(f"{at}/{number}/key", "stands twice"),
            )
    return [criterion.model_dump() for criterion in criteria]
