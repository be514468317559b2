"""In which file does each row of a version lie? Clusters first, then who and what is held out, then the splits."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Generic

from app.core.near_join import clusters
from app.datasets.models import Part, Split
from app.datasets.publish.gather import AnyRow, Gathered, R
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

    parts: Mapping[Part, Sequence[R]]
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
    rows: Sequence[R],
    preparation: Preparation,
    salt: str,
    before: Mapping[int, Joined] = MappingProxyType({}),
) -> Placing[R]:
    """Place the rows that a rule has taken. Files of held-out rows exist where the project holds something out.

    `before`: the clusters that an earlier version found; without them the same comes out, later.
    """
    answers_to: dict[int, list[R]] = defaultdict(list)
    for fact in rows:
        answers_to[fact.prompt_id].append(fact)
    at_stake = answers_to.keys() | gathered.kept.keys()
    asked = [(prompt_id, text) for prompt_id, text in gathered.asked if prompt_id in at_stake]
    cluster_of = dict(clusters(asked, still_joined(before, asked)))
    outside = hold_out(gathered, rows, cluster_of, preparation, salt)
    unfamiliar = {fact.prompt_id for fact in rows if fact.only_tested or outside.why(fact.author_id, fact.category_id)}
    placed = [
        Placed(prompt_id, cluster_of[prompt_id], held[0].category if held else "", len(held), prompt_id in unfamiliar)
        for prompt_id in sorted(at_stake)
        for held in [answers_to.get(prompt_id, [])]
    ]
    split_of = settle(placed, gathered.kept, salt)
    parts: dict[Part, list[R]] = {part: [] for part in parts_with(outside)}
    for fact in rows:
        parts[outside.part(fact.author_id, fact.category_id, split_of[fact.prompt_id])].append(fact)
    with_unfamiliar = {cluster_of[prompt_id] for prompt_id in unfamiliar}
    return Placing(
        parts=parts,
        split_of=split_of,
        cluster_of=cluster_of,
        outside=outside,
        newly=Outside(outside.writers - gathered.outside.writers, outside.categories - gathered.outside.categories),
        taken_along=sum(cluster_of[fact.prompt_id] in with_unfamiliar for fact in parts[Part.TEST]),
        joined=digests(cluster_of, asked),
    )


def hold_out(
    gathered: Gathered[R], rows: Sequence[AnyRow], cluster_of: Mapping[int, int], preparation: Preparation, salt: str
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
