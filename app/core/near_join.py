"""Which texts belong together? An exact join of all that are alike, no pair compared in vain.

Prefix filtering (Chaudhuri, Ganti, Kaushik: "A Primitive Operator for Similarity Joins", 2006; Bayardo, Ma, Srikant:
"Scaling Up All Pairs Similarity Search", 2007), with weights, finds every such pair without looking at all pairs.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from itertools import chain
from types import MappingProxyType

from app.core.near import RAREST, SPLIT_ALIKE, Grams, comparable, grams, is_alike, share, weights

SKETCH_BITS = 2048
MEETING = 2 * RAREST
WHOLE = 100 + SPLIT_ALIKE


def near_pairs(texts: Iterable[Grams], groups: "Groups", known: Set[int] = frozenset()) -> Iterator[tuple[int, int]]:
    """Index pairs that are alike and not in one group yet. The caller joins each pair at once.

    Light texts come first, and only their rarest pieces are indexed: two that are alike share a weight of MEETING
    among these (all that they share, where that is less). Of those that meet so, a glance at the sketches drops nearly
    all that are not alike. `known`: indexes whose pairs among one another are not asked for.
    """
    held = Ordered(texts)
    old, new = Index(held), Index(held)
    sketches: list[int] = []
    for at, mine in enumerate(held.weighs):
        bits = held.sketch(at)
        sketches.append(bits)
        pieces = frozenset(held.ranks[at])
        enough = -(-min(MEETING, share(SPLIT_ALIKE, mine)) // RAREST)  # no piece weighs more than RAREST
        apart = 2 * mine * (100 - SPLIT_ALIKE) // WHOLE
        is_known = held.places[at] in known
        met = Counter(chain.from_iterable(chain(new.meeting(at), () if is_known else old.meeting(at))))
        close = [other for other, times in met.items() if times >= enough]
        for other in [other for other in close if (sketches[other] ^ bits).bit_count() <= apart]:
            one, two = held.places[other], held.places[at]
            if groups.of(one) != groups.of(two):
                shared = held.weight(pieces.intersection(held.ranks[other]))
                if is_alike(shared, mine + held.weighs[other], SPLIT_ALIKE):
                    yield one, two
        (old if is_known else new).add(at)


class Ordered:
    """Texts from light to heavy, each the ranks of its pieces from rare to common, in a few bytes a piece.

    `places`: where each text stood in what was given. `weighs`: what each weighs.
    """

    def __init__(self, texts: Iterable[Grams]) -> None:
        numbers: dict[str, int] = {}
        numbered = [array("I", [numbers.setdefault(gram, len(numbers)) for gram in held]) for held in texts]
        frequency = Counter(chain.from_iterable(numbered))
        ordered = sorted(numbers, key=lambda gram: (frequency[numbers[gram]], gram))
        rank = {numbers[gram]: at for at, gram in enumerate(ordered)}
        table = weights()
        self.weight_of = bytes(table.get(gram, RAREST) for gram in ordered)
        ranks = [array("I", sorted(map(rank.__getitem__, held))) for held in numbered]
        weighs = [self.weight(held) for held in ranks]
        self.places = sorted(range(len(ranks)), key=weighs.__getitem__)
        self.ranks = [ranks[place] for place in self.places]
        self.weighs = [weighs[place] for place in self.places]

    def weight(self, ranks: Iterable[int]) -> int:
        """What pieces weigh together."""
        return sum(map(self.weight_of.__getitem__, ranks))

    def sketch(self, at: int) -> int:
        """Bits, as many flipped by a piece as it weighs: two texts differ by at least the weight of these bits."""
        bits = 0
        for rank in self.ranks[at]:
            bits ^= ((1 << self.weight_of[rank]) - 1) << rank * RAREST % SKETCH_BITS
        return bits

    def prefix(self, at: int, above: int) -> Iterator[tuple[int, int]]:
        """The first pieces of a text, until they weigh this much, each with what is left of it."""
        for rank in self.ranks[at]:
            if above <= 0:
                return
            yield rank, above
            above -= self.weight_of[rank]


class Index:
    """By which of its rarest pieces each text is found by those that are no lighter."""

    def __init__(self, held: Ordered) -> None:
        self.held = held
        self.found: dict[int, array[int]] = defaultdict(partial(array, "I"))

    def add(self, at: int) -> None:
        """Index a text; those that are lighter stand there already."""
        mine = self.held.weighs[at]
        least_shared = -(-2 * SPLIT_ALIKE * mine // WHOLE)
        for rank, _ in self.held.prefix(at, mine - least_shared + MEETING):
            self.found[rank].append(at)

    def meeting(self, at: int) -> Iterator[Sequence[int]]:
        """For each of a text's rarest pieces those that hold it too and are neither too light nor too heavy.

        A heavy one has to share more, so that fewer of the first pieces can be where they meet first.
        """
        weighs, mine = self.held.weighs, self.held.weighs[at]
        least = share(SPLIT_ALIKE, mine)
        lightest = bisect_left(weighs, least, 0, at)
        for rank, left in self.held.prefix(at, mine - least + MEETING):
            if (others := self.found.get(rank)) is not None:
                heaviest = WHOLE * (least + left - 1) // SPLIT_ALIKE - mine
                beyond = at if heaviest >= mine else bisect_right(weighs, heaviest, lightest, at)
                yield others[bisect_left(others, lightest) : bisect_left(others, beyond)]


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


def clusters(texts: Iterable[tuple[int, str]], known: Mapping[int, int] = MappingProxyType({})) -> Mapping[int, int]:
    """For each id the smallest id of its cluster. An id may come with several texts: they belong together.

    Whatever the order of the texts, the clusters are the same. `known`: ids that were compared with one another
    before, each with the cluster in which it was; these clusters are taken as they are, whole.
    """
    ids_of: dict[str, list[int]] = defaultdict(list)
    for identity, text in texts:
        ids_of[comparable(text)].append(identity)
    ids = sorted({identity for held in ids_of.values() for identity in held})
    place = {identity: index for index, identity in enumerate(ids)}
    distinct = sorted(ids_of)
    alike = Groups(len(distinct))
    joined = join_known(distinct, ids_of, known, alike)
    for one, other in near_pairs(map(grams, distinct), alike, joined):
        alike.join(one, other)
    together = Groups(len(ids))
    for index, text in enumerate(distinct):
        first = ids_of[distinct[alike.of(index)]][0]
        for identity in ids_of[text]:
            together.join(place[first], place[identity])
    return {identity: ids[together.of(place[identity])] for identity in ids}


def join_known(
    distinct: Sequence[str], ids_of: Mapping[str, Sequence[int]], known: Mapping[int, int], alike: Groups
) -> set[int]:
    """Make groups of the texts whose clusters are known. The indexes of these texts."""
    first: dict[int, int] = {}
    joined: set[int] = set()
    for index, text in enumerate(distinct):
        for identity in ids_of[text]:
            if identity in known:
                alike.join(first.setdefault(known[identity], index), index)
                joined.add(index)
    return joined
