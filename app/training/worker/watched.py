"""Which rows does a run watch: those measured before, after and at each epoch's end, and those it answers."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.training.worker.plan import Plan
from app.training.worker.report import SEEN, SIDES, UNSEEN
from app.training.worker.rows import Row, Rows, drawn


@dataclass(frozen=True)
class Watched:
    """`sides` holds the measured rows by side, and no side without rows; `asked` those whose prompts are answered."""

    sides: dict[str, list[Row]]
    validation: list[Row]
    asked: list[Row]


def watched(data: Rows, plan: Plan) -> Watched:
    """The plan's choice. Losses: rows drawn by its seed, of those trained on as many as are tested or validate, and of
    the same categories, as far as there are any, so that what was seen and what was not ask for the same.

    Answers: one row a prompt, in the order of a hash of the prompt, so that every run on the same test rows answers the
    same prompts and their answers can be laid side by side.
    """
    unseen = {side: drawn(data.of(side), plan.measure_rows, plan.seed) for side in UNSEEN}
    others = [*unseen["test"], *data.validation]
    most = min(len(others) or plan.measure_rows, plan.measure_rows or len(others))
    seen = like(data.train, others, most, plan.seed)
    every = {SEEN: seen, **unseen}
    return Watched(
        sides={side: every[side] for side in SIDES if every[side]},
        validation=data.validation,
        asked=[*fixed(data.unseen, plan.test_samples), *fixed(data.train, plan.train_samples)],
    )


def seen_alone(rows: Watched) -> Watched:
    """What is left to measure where rows that were to be unseen were not."""
    return replace(rows, sides={side: held for side, held in rows.sides.items() if side == SEEN})


def like(rows: Sequence[Row], others: Iterable[Row], count: int, seed: int) -> list[Row]:
    """`count` of these rows by chance, in their own order, first as many of each category as `others` have; all of them
    when `count` is 0."""
    wanted = Counter(row.category for row in others)
    places = random.Random(seed).sample(range(len(rows)), len(rows))
    first: list[int] = []
    for place in places:
        if wanted[rows[place].category] > 0:
            wanted[rows[place].category] -= 1
            first.append(place)
    chosen = set(first)
    taken = [*first, *(place for place in places if place not in chosen)]
    return [rows[place] for place in sorted(taken[: count or None])]


def fixed(rows: Iterable[Row], count: int) -> list[Row]:
    """So many of these rows, one a prompt, whatever the seed of a run is."""
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row.prompt_id, row)
    return sorted(first.values(), key=lambda row: hashlib.sha256(row.prompt_id.encode()).digest())[:count]
