"""Which rows does a run watch: those measured before, after and at each epoch's end, and those it answers."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

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
    """The plan's choice. Losses: rows drawn by its seed, of those trained on as many as of the plain test rows.

    Answers: one row a prompt, in the order of a hash of the prompt, so that every run on the same test rows answers the
    same prompts and their answers can be laid side by side.
    """
    unseen = {side: drawn(data.of(side), plan.measure_rows, plan.seed) for side in UNSEEN}
    seen = drawn(data.train, len(unseen["test"]) or plan.measure_rows, plan.seed)
    every = {SEEN: seen, **unseen}
    return Watched(
        sides={side: every[side] for side in SIDES if every[side]},
        validation=data.validation,
        asked=[*fixed(data.unseen, plan.test_samples), *fixed(data.train, plan.train_samples)],
    )


def fixed(rows: Iterable[Row], count: int) -> list[Row]:
    """So many of these rows, one a prompt, whatever the seed of a run is."""
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row.prompt_id, row)
    return sorted(first.values(), key=lambda row: hashlib.sha256(row.prompt_id.encode()).digest())[:count]
