"""In which order are pairs learned from, so that those of one ranking meet in one step? Pure."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

One = TypeVar("One")


def together(items: Sequence[One], ranking_of: Callable[[One], str], batch_size: int, seed: int) -> list[One]:
    """The same items in full batches of that size, those of one ranking in one of them as far as that allows; which
    batch comes when is drawn by chance. What has no ranking fills what is left of a batch; where only larger rankings
    remain, the smallest is divided over two.

    Spread over many steps, a response of a ranking would be learned from in each; L. Ouyang et al., *Training language
    models to follow instructions with human feedback* (2022, arXiv 2203.02155, section 3.5) saw that overfit in one
    epoch, and trained on all pairs of a ranking as one.
    """
    chance = random.Random(seed)
    groups: dict[str, list[One]] = {}
    for at, item in enumerate(items):
        groups.setdefault(ranking_of(item) or f"alone {at}", []).append(item)
    waiting: defaultdict[int, list[list[One]]] = defaultdict(list)
    for group in chance.sample(list(groups.values()), len(groups)):
        waiting[len(group)].append(group)
    order: list[One] = []
    while sizes := [size for size, left in waiting.items() if left]:
        room = batch_size - len(order) % batch_size
        order += waiting[max((size for size in sizes if size <= room), default=min(sizes))].pop()
    full = [order[at : at + batch_size] for at in range(0, len(order) - batch_size + 1, batch_size)]
    chance.shuffle(full)
    return [item for batch in full for item in batch] + order[len(full) * batch_size :]


class Together:
    """The places of all pairs in the order of an epoch, another in each; `rankings`: that of each pair, or none.

    A sampler for PyTorch's loader: the trainer tells it the epoch, also where a run goes on within one.
    """

    def __init__(self, rankings: Sequence[str], batch_size: int, seed: int) -> None:
        self.rankings, self.batch_size, self.seed, self.epoch = rankings, batch_size, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Which epoch comes, the first being 0."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        places = range(len(self.rankings))
        return iter(together(places, self.rankings.__getitem__, self.batch_size, self.seed + self.epoch))

    def __len__(self) -> int:
        return len(self.rankings)
