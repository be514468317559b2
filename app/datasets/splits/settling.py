"""Which split a prompt belongs to: by cluster, even over the categories, and once test always test. Pure."""

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import compress
from struct import pack
from typing import Any

from app.core.by_number import ByNumber, Many, ascending
from app.core.near import comparison
from app.datasets.models import Split

# Shares are counted in ten-thousandths: whole numbers agree on every machine.
WHOLE = 10_000
TENTH, FIFTH = 1_000, 2_000
FEW_ROWS = 5
SPLITS = tuple(Split)
WEAKEST_FIRST = (Split.TRAIN, Split.VALIDATION, Split.TEST)
LARGEST = (1 << 64) - 1
METHOD = (
    "by cluster of near-duplicate prompts, 80 : 10 : 10 (up to 60 : 20 : 20 below 50 rows), even over the categories, "
    "in the order of a hash; once test, always test"
)


def parameters(salt: str) -> dict[str, Any]:
    """All by which prompts were compared and clusters placed: with it the same rows are split in the same way again.

    Sizes of rows and shares in ten-thousandths; `table_sha256` is that of the shipped `app/core/gram_weights.txt`.
    """
    return {
        "near_duplicates": comparison(),
        "clusters": "connected pairs, named by the smallest prompt id",
        "order": "SHA-256 of '<salt>:<cluster>'",
        "salt": salt,
        "share_of_each_held_out_split": {"least": TENTH, "most": FIFTH, "whole": WHOLE, "rows": FEW_ROWS},
    }


def settled_digest(kept: Mapping[int, Split]) -> str:
    """SHA-256 of what earlier versions settled, as lines `<prompt id> <split>`, the smallest id first."""
    digest = hashlib.sha256()
    for prompt_id in sorted(kept):
        digest.update(f"{prompt_id} {kept[prompt_id]}\n".encode())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Placed:
    """A prompt with its cluster, its category and how many rows of this version answer it (none: an earlier one's).

    `held_out`: one of these rows is by a writer, or in a category, that no model of the project learns from.
    """

    prompt_id: int
    cluster: int
    category: str = ""
    rows: int = 1
    held_out: bool = False


def settle(prompts: Many[Placed], kept: Mapping[int, Split], salt: str) -> ByNumber[Split]:
    """The split of each prompt. `kept` is what earlier versions settled, of these prompts or others.

    A cluster that holds a test prompt is test as a whole; else one that holds a validation prompt is validation: what
    is held out wins, and nothing ever leaves the test split. So does a cluster with a row of a held-out writer or
    category, beside the shares: the plain test split keeps its own. A new cluster goes where most rows are owed,
    category by category, the large ones first and then in the order of a hash, so that neither a person nor the clock
    decides.
    """
    held = Clusters(prompts, kept)
    outside_rows = sum(compress(held.rows, held.outside))
    share = held_out(sum(held.rows) - outside_rows)
    shares = {Split.TRAIN: WHOLE - 2 * share, Split.TEST: share, Split.VALIDATION: share}
    owed = dict.fromkeys(shares, 0)
    for at in held.in_order(salt):
        for split in owed:
            owed[split] += shares[split] * held.rows[at]
        chosen = held.known(at) or max(owed, key=lambda split: owed[split])
        held.settled[at] = SPLITS.index(chosen)
        owed[chosen] -= WHOLE * held.rows[at]
    return splits_of((one.prompt_id, SPLITS[held.settled[held.at(one.cluster)]]) for one in prompts)


class Clusters:
    """What settling asks of each cluster, in some forty bytes; they stand in the order of their names.

    `rows`: how many answer it. `first` and `category`: its smallest prompt, and that one's category. `strongest`: what
    it is already. `outside`: whether one of its rows is held out. `settled`: its split, test for these.
    """

    def __init__(self, prompts: Many[Placed], kept: Mapping[int, Split]) -> None:
        self.names = ascending(one.cluster for one in prompts)
        self.categories = sorted({one.category for one in prompts})
        code = {name: at for at, name in enumerate(self.categories)}
        many = len(self.names)
        self.rows, self.first = array("q", bytes(8 * many)), array("q", bytes(8 * many))
        self.category = array("I", bytes(4 * many))
        self.strongest, self.outside, self.settled = bytearray(many), bytearray(many), bytearray(many)
        for one in prompts:
            at = self.at(one.cluster)
            self.rows[at] += one.rows
            if not self.first[at] or one.prompt_id < self.first[at]:
                self.first[at], self.category[at] = one.prompt_id, code[one.category]
            if (split := kept.get(one.prompt_id)) is not None:
                self.strongest[at] = max(self.strongest[at], 1 + WEAKEST_FIRST.index(split))
            self.outside[at] |= one.held_out
            if one.held_out:
                self.settled[at] = SPLITS.index(Split.TEST)

    def at(self, cluster: int) -> int:
        """The place of a cluster."""
        return bisect_left(self.names, cluster)

    def known(self, at: int) -> Split | None:
        """What a cluster already is, None for a new one."""
        return WEAKEST_FIRST[self.strongest[at] - 1] if self.strongest[at] else None

    def in_order(self, salt: str) -> list[int]:
        """The clusters that are to be settled: by category, known ones first, then the large ones, then by a hash."""

        def place(at: int) -> bytes:
            numbers = pack(">IBQ", self.category[at], not self.strongest[at], LARGEST - self.rows[at])
            return numbers + rank(self.names[at], salt)

        return sorted((at for at in range(len(self.names)) if not self.outside[at]), key=place)


def splits_of(pairs: Iterable[tuple[int, Split]]) -> ByNumber[Split]:
    """The splits of prompts, in whatever order they come."""
    return ByNumber.of(((prompt_id, SPLITS.index(split)) for prompt_id, split in pairs), "B", SPLITS.__getitem__)


def held_out(rows: int) -> int:
    """The share of each of test and validation: a tenth, more in a small version so that it has a few rows of each."""
    return min(FIFTH, max(TENTH, FEW_ROWS * WHOLE // max(rows, 1)))


def rank(cluster: int, salt: str) -> bytes:
    """A place in an order that nobody chose and every machine agrees on."""
    return hashlib.sha256(f"{salt}:{cluster}".encode()).digest()
