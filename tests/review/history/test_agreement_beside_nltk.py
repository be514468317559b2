"""Agreement figures against those of a library that others keep, on tables drawn at random; no database, no request."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from random import Random
from typing import Any

import pytest

from app.review.history.agreement import coincidences, kappa, nominal_alpha, ordinal_alpha, together

TABLES = 60
Units = Sequence[Sequence[int]]


def drawn(chance: Random, most: int) -> list[list[int]]:
    """Units that two up to `most` people judged, of up to five values; more often alike than not."""
    values = range(1, chance.randint(3, 6))
    units = []
    for _ in range(chance.randint(12, 60)):
        usual = chance.choice(values)
        people = chance.randint(2, most)
        units.append([usual if chance.random() < 0.6 else chance.choice(values) for _ in range(people)])
    return units


def asked(units: Units, distance: Callable[[int, int], float] | None = None) -> Any:
    """The same for the library, as its `AnnotationTask`: who said what of which unit."""
    from nltk.metrics.agreement import AnnotationTask  # takes a second, which nobody waits for who only collects

    said = [(f"person {at}", f"unit {of}", value) for of, unit in enumerate(units) for at, value in enumerate(unit)]
    return AnnotationTask(said, distance) if distance else AnnotationTask(said)


def order_apart(counted: Counter[int], one: int, other: int) -> float:
    """How far two values differ by Krippendorff (2011), from how often each was said: all from one to the other, those
    at the ends half, squared."""
    low, high = sorted((one, other))
    between = sum(many for value, many in counted.items() if low <= value <= high)
    return float((between - (counted[low] + counted[high]) / 2) ** 2)


def tables(most: int) -> Iterable[list[list[int]]]:
    """The same ones each time."""
    chance = Random(11)
    return (drawn(chance, most) for _ in range(TABLES))


def test_kappa_is_the_librarys() -> None:
    for units in tables(most=2):
        cells = Counter((first, second) for first, second in units)
        assert kappa(cells) == pytest.approx(asked(units).kappa(), abs=1e-12)


def test_alpha_is_the_librarys_however_many_judged_each_text() -> None:
    for units in tables(most=5):
        assert nominal_alpha(together(map(coincidences, units))) == pytest.approx(asked(units).alpha(), abs=1e-12)


def test_alpha_of_ratings_is_the_librarys() -> None:
    for units in tables(most=5):
        apart = partial(order_apart, Counter(value for unit in units for value in unit))
        assert ordinal_alpha(together(map(coincidences, units))) == pytest.approx(asked(units, apart).alpha(), abs=1e-9)
