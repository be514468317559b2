"""What is the longest stretch that two sequences have in common, word for word? Pure."""

from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple


class Stretch(NamedTuple):
    """Where it stands in the first sequence, and how long it is."""

    start: int
    length: int


def longest_shared(one: Sequence[Hashable], other: Sequence[Hashable]) -> Stretch:
    """The longest run of items that stands in both, the first of equals."""
    matcher: SequenceMatcher[Any] = SequenceMatcher(None, one, other, autojunk=False)
    found = matcher.find_longest_match()
    return Stretch(found.a, found.size)
