"""Which prompts ask nearly the same? Character trigrams, an exact join, no pair compared in vain.

Two prompts are near duplicates when the Jaccard similarity of their character trigrams is at least 0.7. The join is
exact: prefix filtering (Chaudhuri, Ganti, Kaushik: "A Primitive Operator for Similarity Joins", 2006; Bayardo, Ma,
Srikant: "Scaling Up All Pairs Similarity Search", 2007) finds every such pair without looking at all pairs.
"""

import math
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

THRESHOLD = 0.7
SKETCH_BITS = 2048
MEETINGS = 2


def comparable(text: str) -> str:
    """The text as it is compared, and never as it is kept: NFKC, case folded, no punctuation, single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(character for character in folded if unicodedata.category(character)[0] != "P")
    return " ".join(kept.split())


def trigrams(compared: str) -> frozenset[str]:
    """The character trigrams of a comparable text; a text of fewer than three characters is its own."""
    return frozenset(compared[at : at + 3] for at in range(max(len(compared) - 2, 1)))


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard similarity, 0 to 1."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def near_pairs(grams: Sequence[frozenset[str]], groups: "Groups") -> Iterator[tuple[int, int]]:
    """Index pairs at or above the threshold that are not in one group yet. The caller joins each pair at once.

    Small sets come first, and only their rarest trigrams are indexed: two sets that are alike share two of them (all
    that they share, where that is less). Of those that meet so often, a glance at the sketches drops nearly all that
    are not alike.
    """
    frequency = Counter(gram for held in grams for gram in held)
    rank = {gram: at for at, gram in enumerate(sorted(frequency, key=lambda gram: (frequency[gram], gram)))}
    indexed: dict[int, Posting] = defaultdict(Posting)
    sketches = [0] * len(grams)
    for index in sorted(range(len(grams)), key=lambda i: len(grams[i])):
        held = grams[index]
        rarest = sorted(map(rank.__getitem__, held))
        mine = sketches[index] = sketch(rarest)
        smallest = at_least(THRESHOLD, len(held))
        probed = rarest[: len(held) - smallest + MEETINGS]
        met = Counter(chain.from_iterable(indexed[gram].from_size(smallest) for gram in probed if gram in indexed))
        often = min(MEETINGS, smallest)
        apart = math.floor(2 * len(held) * (1 - THRESHOLD) / (1 + THRESHOLD) + 1e-9)
        close = (other for other, times in met.items() if times >= often)
        for other in [other for other in close if (sketches[other] ^ mine).bit_count() <= apart]:
            if groups.of(other) != groups.of(index) and similarity(held, grams[other]) >= THRESHOLD:
                yield other, index
        for gram in rarest[: len(held) - at_least(2 * THRESHOLD / (1 + THRESHOLD), len(held)) + MEETINGS]:
            indexed[gram].add(index, len(held))


class Posting:
    """The sets that hold one trigram, the small ones first."""

    def __init__(self) -> None:
        self.indexes: list[int] = []
        self.sizes: list[int] = []

    def add(self, index: int, size: int) -> None:
        """Remember a set that is no smaller than those before it."""
        self.indexes.append(index)
        self.sizes.append(size)

    def from_size(self, size: int) -> list[int]:
        """The sets of this size and above."""
        return self.indexes[bisect_left(self.sizes, size) :]


def sketch(ranks: Iterable[int]) -> int:
    """Bits, one flipped by each trigram: two sets differ in at least as many trigrams as their sketches in bits."""
    bits = 0
    for rank in ranks:
        bits ^= 1 << rank % SKETCH_BITS
    return bits


def at_least(part: float, count: int) -> int:
    """The smallest whole number that is this part of a count; a hair of rounding error never asks for one more."""
    return math.ceil(part * count - 1e-9)


class Groups:
    """Which indexes belong together: joined pair by pair, named by the smallest of each group."""

    def __init__(self, count: int) -> None:
        self.parent = list(range(count))

    def of(self, index: int) -> int:
        """The smallest index of this one's group."""
        while self.parent[index] != index:
            self.parent[index] = self.parent[self.parent[index]]
            index = self.parent[index]
        return index

    def join(self, one: int, other: int) -> None:
        """Make one group of two."""
        low, high = sorted((self.of(one), self.of(other)))
        self.parent[high] = low


def clusters(texts: Iterable[tuple[int, str]]) -> Mapping[int, int]:
    """For each id the smallest id of its cluster. An id may come with several texts: they belong together.

    Whatever the order of the texts, the clusters are the same.
    """
    ids_of: dict[str, list[int]] = defaultdict(list)
    for identity, text in texts:
        ids_of[comparable(text)].append(identity)
    ids = sorted({identity for held in ids_of.values() for identity in held})
    place = {identity: index for index, identity in enumerate(ids)}
    distinct = sorted(ids_of)
    alike = Groups(len(distinct))
    for one, other in near_pairs([trigrams(text) for text in distinct], alike):
        alike.join(one, other)
    together = Groups(len(ids))
    for index, text in enumerate(distinct):
        first = ids_of[distinct[alike.of(index)]][0]
        for identity in ids_of[text]:
            together.join(place[first], place[identity])
    return {identity: ids[together.of(place[identity])] for identity in ids}
