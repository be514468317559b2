"""In which file does each row of a version lie? Clusters first, then who and what is held out, then the splits."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from types import MappingProxyType
from typing import Generic

from app.core.by_number import Many, ascending, stands_in
from app.core.near_join import clusters
from app.datasets.models import Part, Split
from app.datasets.publish.facts import AnyRow, Chosen, R
from app.datasets.publish.gather import Gathered
from app.datasets.publish.progress import Tell, counted, now_and_then, quiet
from app.datasets.splits.held_out import Answer, Outside, choose_writers
from app.datasets.splits.joined import Joined, digests, still_joined
from app.datasets.splits.preparation import Preparation
from app.datasets.splits.settling import Placed, settle


@dataclass(frozen=True)
class Placing(Generic[R]):
    """The file of each row, in the order of the files, and what is to be remembered for later versions.

    `split_of` and `cluster_of` know every prompt of these rows and every one that was settled before; `newly` is what
    this version begins to hold out; `taken_along` counts the rows of the plain test file that answer what a held-out
    row answers; `joined` says by cluster what is in it.
    """

    parts: Mapping[Part, Many[R]]
    split_of: Mapping[int, Split]
    cluster_of: Mapping[int, int]
    outside: Outside
    newly: Outside
    taken_along: int
    joined: Mapping[int, bytes] = field(default_factory=dict)

    def part_of(self, fact: R) -> Part:
        """The file of one row."""
        return self.outside.part(fact.author_id, fact.category_id, self.split_of[fact.prompt_id])


def place(
    gathered: Gathered[R],
    rows: Many[R],
    preparation: Preparation,
    salt: str,
    before: Mapping[int, Joined] = MappingProxyType({}),
    tell: Tell = quiet,
) -> Placing[R]:
    """Place the rows that a rule has taken. Files of held-out rows exist where the project holds something out.

    `before`: the clusters that an earlier version found; without them the same comes out, later.
    """
    at_stake = ascending(chain((fact.prompt_id for fact in rows), gathered.kept))
    wanted = bytes(stands_in(at_stake, prompt_id) for prompt_id, _ in gathered.asked)
    asked = Chosen(gathered.asked, wanted, True)
    told = now_and_then(tell, "Comparing prompts: {done} of {of}")
    read = counted(asked, tell, "Reading what prompts ask: {done} of {of}", len(asked))
    cluster_of = clusters(read, still_joined(before, asked), told)
    outside = hold_out(gathered, rows, cluster_of, preparation, salt)
    answered = Answered(at_stake, rows, cluster_of, outside)
    split_of = settle(answered, gathered.kept, salt)
    order = list(Part)
    marks = bytes(
        order.index(outside.part(fact.author_id, fact.category_id, split_of[fact.prompt_id])) for fact in rows
    )
    parts = {part: Chosen(rows, marks, order.index(part)) for part in parts_with(outside)}
    with_unfamiliar = {one.cluster for one in answered if one.held_out}
    return Placing(
        parts=parts,
        split_of=split_of,
        cluster_of=cluster_of,
        outside=outside,
        newly=Outside(outside.writers - gathered.outside.writers, outside.categories - gathered.outside.categories),
        taken_along=sum(cluster_of[fact.prompt_id] in with_unfamiliar for fact in parts[Part.TEST]),
        joined=digests(cluster_of, asked),
    )


class Answered:
    """Prompts by their ids, as settling asks of them, in nine bytes each beside the id: how many rows answer it, the
    category of the first of them, and whether one of them is held out."""

    def __init__(self, ids: "array[int]", rows: Many[AnyRow], cluster_of: Mapping[int, int], outside: Outside) -> None:
        self._ids, self._cluster_of, self._codes = ids, cluster_of, {"": 0}
        self._rows, self._category = (array("I", bytes(4 * len(ids))) for _ in range(2))
        self._unfamiliar = bytearray(len(ids))
        for fact in rows:
            at = bisect_left(ids, fact.prompt_id)
            if not self._rows[at]:
                self._category[at] = self._codes.setdefault(fact.category, len(self._codes))
            self._rows[at] += 1
            self._unfamiliar[at] |= fact.only_tested or outside.why(fact.author_id, fact.category_id) is not None

    def __iter__(self) -> Iterator[Placed]:
        names = list(self._codes)
        for prompt_id, rows, category, unfamiliar in zip(
            self._ids, self._rows, self._category, self._unfamiliar, strict=True
        ):
            yield Placed(prompt_id, self._cluster_of[prompt_id], names[category], rows, bool(unfamiliar))

    def __len__(self) -> int:
        return len(self._ids)


def hold_out(
    gathered: Gathered[R], rows: Many[AnyRow], cluster_of: Mapping[int, int], preparation: Preparation, salt: str
) -> Outside:
    """What earlier versions of the project held out, and what this one adds."""
    before = gathered.outside
    outside = Outside(before.writers, before.categories | set(preparation.held_out_categories))
    if preparation.held_out_writers is None:
        return outside
    answers = [Answer(fact.author_id, fact.category_id, cluster_of[fact.prompt_id]) for fact in rows]
    trained_on = {cluster_of[prompt_id] for prompt_id, split in gathered.kept.items() if split is not Split.TEST}
    writers = choose_writers(answers, outside, preparation.held_out_writers, trained_on, salt)
    return Outside(writers, outside.categories)


def parts_with(outside: Outside) -> list[Part]:
    """The files of a version: three, and one more for each kind of holding out that the project does."""
    asked = {"writers": outside.writers, "categories": outside.categories}
    return [part for part in Part if part.held_out is None or asked[part.held_out]]
