"""What is known of millions of numbered things, in the few bytes that it takes: a dict needs a hundred for each."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Generic, Protocol, TypeVar

V = TypeVar("V")
T = TypeVar("T", covariant=True)


class Many(Protocol[T]):
    """Things that can be gone through as often as one likes, and counted; not all of them are in memory."""

    def __iter__(self) -> Iterator[T]: ...

    def __len__(self) -> int: ...


class ByNumber(Mapping[int, V], Generic[V]):
    """Values by number. `numbers` ascend; `kept` holds something small for each, of which `meant` makes the value."""

    def __init__(self, numbers: "array[int]", kept: Sequence[int], meant: Callable[[int], V]) -> None:
        self._numbers, self._kept, self._meant = numbers, kept, meant

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]], kind: str, meant: Callable[[int], V]) -> "ByNumber[V]":
        """From pairs of numbers and what is kept for them, in any order; `kind`: what an array keeps that in."""
        numbers, kept = array("q"), array(kind)
        for number, one in pairs:
            numbers.append(number)
            kept.append(one)
        if any(one >= next_one for one, next_one in pairwise(numbers)):
            order = sorted(range(len(numbers)), key=numbers.__getitem__)
            numbers, kept = (array(held.typecode, map(held.__getitem__, order)) for held in (numbers, kept))
        return cls(numbers, kept, meant)

    def __getitem__(self, number: int) -> V:
        at = bisect_left(self._numbers, number)
        if at == len(self._numbers) or self._numbers[at] != number:
            raise KeyError(number)
        return self._meant(self._kept[at])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ByNumber) and self._meant == other._meant:  # without a value made of each
            return self._numbers == other._numbers and self._kept == other._kept
        return super().__eq__(other)

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and stands_in(self._numbers, number)


def ascending(numbers: Iterable[int]) -> "array[int]":
    """Each of these numbers once, from the smallest to the largest."""
    return array("q", (number for number, _ in groupby(sorted(numbers))))


def stands_in(numbers: Sequence[int], number: int) -> bool:
    """Whether a number is one of these, which ascend."""
    at = bisect_left(numbers, number)
    return at < len(numbers) and numbers[at] == number
