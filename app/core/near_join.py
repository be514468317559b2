"""Which texts belong together? An exact join of all that are alike, no pair compared in vain.

Prefix filtering (Chaudhuri, Ganti, Kaushik: "A Primitive Operator for Similarity Joins", 2006; Bayardo, Ma, Srikant:
"Scaling Up All Pairs Similarity Search", 2007), with weights, finds every such pair without looking at all pairs.
"""

import os
import tempfile
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b
from itertools import chain, compress
from types import MappingProxyType
from typing import IO, Self

from app.core.by_number import ByNumber, ascending
from app.core.near import RAREST, SPLIT_ALIKE, Grams, comparable, grams, is_alike, share, weights
from app.core.near_sketch import folded, sketch, width_of

MARK_BYTES = 16
MEETING = 2 * RAREST
MANY = 64  # that hold a piece, from which on a crowd among them is looked for
CROWDS, ASKED = 4, 2  # of so many crowds so many are asked first
WHOLE = 100 + SPLIT_ALIKE


Told = Callable[[int, int], None]  # hears how many of how many are compared; it may raise


def nobody(done: int, of: int) -> None:
    """Hears it and does nothing."""


def near_pairs(held: "Ordered", groups: "Groups", known: bytes = b"", told: Told = nobody) -> Iterator[tuple[int, int]]:
    """Index pairs that are alike and not in one group yet. The caller joins each pair at once.

    Light texts come first, and only their rarest pieces are indexed: two that are alike share a weight of MEETING
    among these (all that they share, where that is less). Of those that meet so, a glance at the sketches drops nearly
    all that are not alike. Of a crowd that is one group already, such as prompts made from one long form, one that is
    alike is enough: with it a text is of that group, and meets no more of it. `known`: by index, whether its pairs with
    others of these are not asked for.
    """
    old, new = Index(held, groups), Index(held, groups)
    sketches: list[int] = []
    width, first = 0, 0  # of the sketch of the text at hand, and which is the first that has one so wide
    for at, mine in enumerate(held.weighs):
        told(at, len(held.weighs))
        ranks = held.ranks(at)
        pieces, bits = frozenset(ranks), held.sketch(ranks, mine)
        sketches.append(bits)
        if width_of(mine) > width:
            width, first = width_of(mine), at
        narrow = folded(bits, width // 2)  # those before are less than twice as light, or do not meet it
        enough = -(-min(MEETING, share(SPLIT_ALIKE, mine)) // RAREST)  # no piece weighs more than RAREST
        apart = 2 * mine * (100 - SPLIT_ALIKE) // WHOLE
        is_known = bool(known) and known[held.places[at]]
        looked_in = (new,) if is_known else (new, old)
        for other in dict.fromkeys(chain.from_iterable(index.likely(ranks, at) for index in looked_in)):
            one, two = held.places[other], held.places[at]
            if groups.of(one) != groups.of(two):
                shared = held.weight(pieces.intersection(held.ranks(other)))
                if is_alike(shared, mine + held.weighs[other], SPLIT_ALIKE):
                    yield one, two
        met = Counter(chain.from_iterable(chain.from_iterable(index.meeting(ranks, at) for index in looked_in)))
        close = [other for other, times in met.items() if times >= enough]
        near = (((bits if other >= first else narrow) ^ sketches[other]).bit_count() <= apart for other in close)
        for other in compress(close, near):
            one, two = held.places[other], held.places[at]
            if groups.of(one) != groups.of(two):
                shared = held.weight(pieces.intersection(held.ranks(other)))
                if is_alike(shared, mine + held.weighs[other], SPLIT_ALIKE):
                    yield one, two
        (old if is_known else new).add(ranks, at)


class Ordered:
    """Texts from light to heavy, each the ranks of its pieces from rare to common; these wait in a file without a name.

    `places`: where each text stood among those that were added. `weighs`: what each weighs.
    """

    def __init__(self) -> None:
        self.places, self.weighs = array("I"), array("I")
        self._numbers: dict[str, int] = {}
        self._frequency = array("I")
        self._ends = array("Q", [0])
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the comparison
        self._weight_of = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, held: Grams) -> None:
        """One more text."""
        numbers = array("I")
        for gram in held:
            number = self._numbers.setdefault(gram, len(self._numbers))
            if number == len(self._frequency):
                self._frequency.append(0)
            self._frequency[number] += 1
            numbers.append(number)
        self._file.write(numbers)
        self._ends.append(self._ends[-1] + len(numbers))

    def order(self) -> None:
        """Rank the pieces, weigh the texts and put them into their order: after the last was added."""
        self._file.flush()
        table = weights()
        ordered = sorted(self._numbers, key=lambda gram: (self._frequency[self._numbers[gram]], gram))
        self._weight_of = bytes(table.get(gram, RAREST) for gram in ordered)
        rank = array("I", bytes(4 * len(ordered)))
        for at, gram in enumerate(ordered):
            rank[self._numbers[gram]] = at
        weighs = array("I")
        for place in range(len(self._ends) - 1):
            ranks = array("I", sorted(map(rank.__getitem__, self._read(place))))
            weighs.append(self.weight(ranks))
            self._file.seek(4 * self._ends[place])
            self._file.write(ranks)
        self._file.flush()
        self._numbers = {}
        self.places = array("I", sorted(range(len(weighs)), key=weighs.__getitem__))
        self.weighs = array("I", map(weighs.__getitem__, self.places))

    def ranks(self, at: int) -> "array[int]":
        """The ranks of a text's pieces."""
        return self._read(self.places[at])

    def _read(self, place: int) -> "array[int]":
        start, end = self._ends[place], self._ends[place + 1]
        return array("I", os.pread(self._file.fileno(), 4 * (end - start), 4 * start))

    def weight(self, ranks: Iterable[int]) -> int:
        """What pieces weigh together."""
        return sum(map(self._weight_of.__getitem__, ranks))

    def sketch(self, ranks: Iterable[int], weighs: int) -> int:
        """The sketch of a text of this weight."""
        return sketch(ranks, self._weight_of, width_of(weighs))

    def prefix(self, ranks: Iterable[int], above: int) -> Iterator[tuple[int, int]]:
        """The first pieces of a text, until they weigh this much, each with what is left of it."""
        for rank in ranks:
            if above <= 0:
                return
            yield rank, above
            above -= self._weight_of[rank]


@contextmanager
def ordered(texts: Iterable[Grams]) -> Iterator[Ordered]:
    """Texts in their order, as long as they are compared."""
    with Ordered() as held:
        for one in texts:
            held.add(one)
        held.order()
        yield held


class Index:
    """By which of its rarest pieces each text is found by those that are no lighter.

    Where many hold a piece, those of one group, the `crowd`, stand apart: who is of that group need not look at them.
    """

    def __init__(self, held: Ordered, groups: "Groups") -> None:
        self.held, self.groups = held, groups
        self.found: dict[int, array[int]] = defaultdict(partial(array, "I"))
        self.crowds: dict[int, array[int]] = {}

    def add(self, ranks: Iterable[int], at: int) -> None:
        """Index a text; those that are lighter stand there already, and it has joined its group."""
        mine = self.held.weighs[at]
        least_shared = -(-2 * SPLIT_ALIKE * mine // WHOLE)
        group = self._group_of(at)
        for rank, _ in self.held.prefix(ranks, mine - least_shared + MEETING):
            crowd = self.crowds.get(rank)
            if crowd is not None and self._group_of(crowd[0]) == group:
                crowd.append(at)
                continue
            others = self.found[rank]
            others.append(at)
            if crowd is None and len(others) >= MANY and len(others) % MANY == 0:
                self._part(rank, others)

    def likely(self, ranks: Iterable[int], at: int) -> Iterator[int]:
        """Of each crowd that a text's rarest pieces lead to the last, which weigh nearly what it does."""
        least = share(SPLIT_ALIKE, self.held.weighs[at])
        asked = set[int]()
        for rank, _ in self.held.prefix(ranks, self.held.weighs[at] - least + MEETING):
            crowd = self.crowds.get(rank)
            if crowd is None or len(asked) >= CROWDS or (group := self._group_of(crowd[0])) in asked:
                continue
            asked.add(group)
            yield from (other for other in crowd[-ASKED:] if self.held.weighs[other] >= least)

    def meeting(self, ranks: Iterable[int], at: int) -> Iterator[Sequence[int]]:
        """For each of a text's rarest pieces those that hold it too and are neither too light nor too heavy.

        A heavy one has to share more, so that fewer of the first pieces can be where they meet first. A crowd that is
        the text's own group is left out: nothing is to be found there.
        """
        weighs, mine, group = self.held.weighs, self.held.weighs[at], self._group_of(at)
        least = share(SPLIT_ALIKE, mine)
        lightest = bisect_left(weighs, least, 0, at)
        for rank, left in self.held.prefix(ranks, mine - least + MEETING):
            heaviest = WHOLE * (least + left - 1) // SPLIT_ALIKE - mine
            beyond = at if heaviest >= mine else bisect_right(weighs, heaviest, lightest, at)
            crowd = self.crowds.get(rank)
            for others in (self.found.get(rank), crowd if crowd and self._group_of(crowd[0]) != group else None):
                if others is not None:
                    yield others[bisect_left(others, lightest) : bisect_left(others, beyond)]

    def _group_of(self, at: int) -> int:
        return self.groups.of(self.held.places[at])

    def _part(self, rank: int, others: "array[int]") -> None:
        """Set the largest group of these apart, if it is half of them."""
        group_of = {other: self._group_of(other) for other in others}
        (largest, size), *_ = Counter(group_of.values()).most_common(1)
        if 2 * size >= len(others):
            self.crowds[rank] = array("I", (one for one in others if group_of[one] == largest))
            self.found[rank] = array("I", (one for one in others if group_of[one] != largest))


class Groups:
    """Which indexes belong together: joined pair by pair, named by the smallest of each group."""

    def __init__(self, count: int) -> None:
        self.parent = array("Q", range(count))

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


def clusters(
    texts: Iterable[tuple[int, str]], known: Mapping[int, int] = MappingProxyType({}), told: Told = nobody
) -> ByNumber[int]:
    """For each id the smallest id of its cluster. An id may come with several texts: they belong together.

    Whatever the order of the texts, the clusters are the same. `known`: ids that were compared with one another
    before, each with the cluster in which it was; these clusters are taken as they are, whole.
    """
    came, index = array("q"), array("I")  # each id that came, and which of the distinct texts came with it
    with ordered(map(grams, once(texts, came, index))) as distinct:
        alike = Groups(len(distinct.places))
        joined = join_known(zip(came, index, strict=True), known, alike)
        for one, other in near_pairs(distinct, alike, joined, told):
            alike.join(one, other)
    return named(came, index, alike)


def once(texts: Iterable[tuple[int, str]], came: "array[int]", index: "array[int]") -> Iterator[str]:
    """Each text once, as it is compared; which ids came, each with the index of its text."""
    place: dict[bytes, int] = {}
    for identity, text in texts:
        folded = comparable(text)
        mark = blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=MARK_BYTES).digest()
        is_new = mark not in place
        came.append(identity)
        index.append(place.setdefault(mark, len(place)))
        if is_new:
            yield folded


def named(came: "array[int]", index: "array[int]", alike: "Groups") -> ByNumber[int]:
    """The name of each id's cluster: ids with texts of one group belong together, and so do those of one id."""
    ids = ascending(came)
    together = Groups(len(ids))
    first: array[int] = array("q", [-1]) * len(alike.parent)  # by group, the place of an id that has a text of it
    for identity, text in zip(came, index, strict=True):
        group, at = alike.of(text), bisect_left(ids, identity)
        if first[group] < 0:
            first[group] = at
        together.join(first[group], at)
    return ByNumber(ids, array("q", (ids[together.of(at)] for at in range(len(ids)))), int)


def join_known(came: Iterable[tuple[int, int]], known: Mapping[int, int], alike: Groups) -> bytes:
    """Make groups of the texts whose clusters are known. For each text, whether it is one of these."""
    joined = bytearray(len(alike.parent))
    names = ascending(known.values())
    first: array[int] = array("q", [-1]) * len(names)  # by cluster, a text of it
    for identity, text in came if known else ():
        if (cluster := known.get(identity)) is not None:
            at = bisect_left(names, cluster)
            if first[at] < 0:
                first[at] = text
            alike.join(first[at], text)
            joined[text] = True
    return bytes(joined)
