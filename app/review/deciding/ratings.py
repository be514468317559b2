"""Which ratings does a rubric take? Those of its own criteria, whole numbers from 1 to 5."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import Invalid, Place

LOWEST, HIGHEST = 1, 5


def check_ratings(rubric: Sequence[Mapping[str, Any]], ratings: Mapping[str, Any], *, complete: bool) -> dict[str, int]:
    """The ratings themselves. Invalid, naming each place: another key than the rubric's, another value than 1 to 5,
    and with `complete` a criterion that is not rated."""
    keys = [criterion["key"] for criterion in rubric]
    places = [Place(pointer(key), "is no criterion of these guidelines") for key in ratings if key not in keys]
    places += [
        Place(pointer(key), f"is not a whole number from {LOWEST} to {HIGHEST}")
        for key in keys
        if key in ratings and not is_rating(ratings[key])
    ]
    if complete:
        places += [Place(pointer(key), "is not rated") for key in keys if key not in ratings]
    if places:
        raise Invalid("review.ratings", "The ratings do not fit the rubric; nothing was stored.", *places)
    return {key: ratings[key] for key in keys if key in ratings}


def is_rating(value: object) -> bool:
    """Whether a value is a whole number on the scale; true and 3.0 are not."""
    return type(value) is int and LOWEST <= value <= HIGHEST


def pointer(key: str) -> str:
    """Where a rating stands in what was sent, with a key's own slashes written as RFC 6901 says."""
    return "/ratings/" + str(key)[:80].replace("~", "~0").replace("/", "~1")
