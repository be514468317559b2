"""Who and what no model learns from: held-out writers and categories, chosen once and kept for ever. Pure."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from app.datasets.models import HeldOut, Part, Split
from app.datasets.splits.settling import FEW_ROWS


@dataclass(frozen=True, slots=True)
class Answer:
    """A row, as far as holding out asks: who wrote it (nobody here, where it was imported), in which category, in
    which cluster of prompts."""

    author_id: int | None
    category_id: int | None
    cluster: int


@dataclass(frozen=True)
class Outside:
    """The writers and the categories, by id, whose rows are only ever tested on."""

    writers: frozenset[int] = field(default_factory=frozenset)
    categories: frozenset[int] = field(default_factory=frozenset)

    def why(self, author_id: int | None, category_id: int | None) -> HeldOut | None:
        """Why a row is held out. A category comes first: an unfamiliar kind of prompt is unfamiliar by any writer."""
        if category_id in self.categories:
            return HeldOut.CATEGORIES
        return HeldOut.WRITERS if author_id in self.writers else None

    def part(self, author_id: int | None, category_id: int | None, split: Split) -> Part:
        """The file of a row whose prompt is in this split. What is held out lies in the test split, always."""
        why = self.why(author_id, category_id)
        if why is None:
            return Part(split.value)
        assert split is Split.TEST
        return Part(f"{split}_{why}")


def choose_writers(
    answers: Sequence[Answer], outside: Outside, percent: int, trained_on: Set[int], salt: str
) -> frozenset[int]:
    """The writers to hold out from now on, those of before among them.

    As many as it takes until `percent` of the rows of familiar categories, and no fewer than five rows, are theirs.
    First those on whose clusters no version has trained (`trained_on`), then in the order of a hash. Nobody is taken
    who would bring more than twice what is wanted, or without whom a category had nothing left to train on. What was
    imported has no writer: it is not counted, and nothing of it is held out as a person's.
    """
    familiar = [one for one in answers if one.category_id not in outside.categories]
    written = [(one.author_id, one.cluster) for one in familiar if one.author_id is not None]
    wanted = max(-(-len(written) * percent // 100), FEW_ROWS)
    rows_of = Counter(writer for writer, _ in written)
    clusters_of: dict[int, set[int]] = defaultdict(set)
    for writer, cluster in written:
        clusters_of[writer].add(cluster)
    chosen = set(outside.writers)
    held = sum(rows_of[writer] for writer in chosen)
    order = sorted(
        rows_of.keys() - chosen, key=lambda one: (bool(clusters_of[one] & trained_on), rank_of_writer(one, salt))
    )
    for writer in order:
        if held >= wanted:
            break
        if held + rows_of[writer] <= 2 * wanted and leaves_every_category(familiar, clusters_of, chosen | {writer}):
            chosen.add(writer)
            held += rows_of[writer]
    return frozenset(chosen)


def choice_of_writers(percent: int) -> dict[str, Any]:
    """By what `choose_writers` chose, for the manifest."""
    return {
        "percent": percent,
        "of": "rows of familiar categories by people",
        "least_rows": FEW_ROWS,
        "most": "twice as many",
        "order": "those on whose prompts nothing was trained, then SHA-256 of '<salt>:writer:<id>'",
    }


def leaves_every_category(answers: Iterable[Answer], clusters_of: Mapping[int, Set[int]], writers: Set[int]) -> bool:
    """Whether each category keeps a row to train on when these writers, and all that ask what they answered, go."""
    gone = set[int]().union(*(clusters_of.get(writer, set()) for writer in writers))
    held = [(one.category_id, one.cluster in gone) for one in answers]
    return {category for category, _ in held} == {category for category, lost in held if not lost}


def rank_of_writer(writer: int, salt: str) -> bytes:
    """A place in an order that nobody chose and every machine agrees on."""
    return hashlib.sha256(f"{salt}:writer:{writer}".encode()).digest()
