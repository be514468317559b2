"""Which texts belong together? An exact join of all that are alike, no pair compared in vain.

Prefix filtering (Chaudhuri, Ganti, Kaushik: "A Primitive Operator for Similarity Joins", 2006; Bayardo, Ma, Srikant:
"Scaling Up All Pairs Similarity Search", 2007), with weights, finds every such pair without looking at all pairs.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.core.near import RAREST, SPLIT_ALIKE, Grams, comparable, grams, is_alike, share, weight, weights

SKETCH_BITS = 2048
MEETING = 2 * RAREST


def near_pairs(texts: Sequence[Grams], groups: "Groups") -> Iterator[tuple[int, int]]:
    """Index pairs that are alike and not in one group yet. The caller joins each pair at once.

    Light texts come first, and only their rarest pieces are indexed: two that are alike share a weight of 16 among
    these (all that they share, where that is less). Of those that meet so, a glance at the sketches drops nearly all
    that are not alike.
    """
    order = Order(texts)
    weighs = [weight(held) for held in texts]
    indexed: dict[int, Posting] = defaultdict(Posting)
    sketches = [0] * len(texts)
    for index in sorted(range(len(texts)), key=weighs.__getitem__):
        mine, rarest = weighs[index], order.rarest(texts[index])
        bits = sketches[index] = order.sketch(rarest)
        least = share(SPLIT_ALIKE, mine)
        met: Counter[int] = Counter()
        for rank in order.prefix(rarest, mine - least + MEETING):
            if rank in indexed:
                for other in indexed[rank].from_weight(least):
                    met[other] += order.weighs[rank]
        enough = min(MEETING, least)
        apart = 2 * mine * (100 - SPLIT_ALIKE) // (100 + SPLIT_ALIKE)
        close = [other for other, shared in met.items() if shared >= enough]
        for other in [other for other in close if (sketches[other] ^ bits).bit_count() <= apart]:
            if groups.of(other) != groups.of(index):
                shared = weight(texts[index] & texts[other])
                if is_alike(shared, mine + weighs[other], SPLIT_ALIKE):
                    yield other, index
        needed = -(-2 * SPLIT_ALIKE * mine // (100 + SPLIT_ALIKE))
        for rank in order.prefix(rarest, mine - needed + MEETING):
            indexed[rank].add(index, mine)


class Order:
    """The pieces of all texts, the rarest first, and what each weighs."""

    def __init__(self, texts: Sequence[Grams]) -> None:
        frequency = Counter(gram for held in texts for gram in held)
        table = weights()
        ordered = sorted(frequency, key=lambda gram: (frequency[gram], gram))
        self.rank = {gram: at for at, gram in enumerate(ordered)}
        self.weighs = [table.get(gram, RAREST) for gram in ordered]

    def rarest(self, held: Grams) -> list[int]:
        """The ranks of a text's pieces, the rarest first."""
        return sorted(map(self.rank.__getitem__, held))

    def prefix(self, ranks: Sequence[int], above: int) -> Iterator[int]:
        """The first of these, until those that are left weigh too little to make two texts alike."""
        for rank in ranks:
            if above <= 0:
                return
            above -= self.weighs[rank]
            yield rank

    def sketch(self, ranks: Iterable[int]) -> int:
        """Bits, as many flipped by a piece as it weighs: two texts differ by at least the weight of these bits."""
        bits = 0
        for rank in ranks:
            bits ^= ((1 << self.weighs[rank]) - 1) << rank * RAREST % SKETCH_BITS
        return bits


class Posting:
    """The texts that hold one piece, the light ones first."""

    def __init__(self) -> None:
        self.indexes: list[int] = []
        self.weighs: list[int] = []

    def add(self, index: int, weighs: int) -> None:
        """Remember a text that is no lighter than those before it."""
        self.indexes.append(index)
        self.weighs.append(weighs)

    def from_weight(self, least: int) -> list[int]:
        """The texts of this weight and above."""
        return self.indexes[bisect_left(self.weighs, least) :]


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
    for one, other in near_pairs([grams(text) for text in distinct], alike):
        alike.join(one, other)
    together = Groups(len(ids))
    for index, text in enumerate(distinct):
        first = ids_of[distinct[alike.of(index)]][0]
        for identity in ids_of[text]:
            together.join(place[first], place[identity])
    return {identity: ids[together.of(place[identity])] for identity in ids}
