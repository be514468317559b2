"""Which split a prompt belongs to: by cluster, even over the categories, and once test always test. Pure."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.near import comparison
from app.datasets.models import Split

# Shares are counted in ten-thousandths: whole numbers agree on every machine.
WHOLE = 10_000
TENTH, FIFTH = 1_000, 2_000
FEW_ROWS = 5
STRONGEST_FIRST = (Split.TEST, Split.VALIDATION, Split.TRAIN)
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
    lines = "".join(f"{prompt_id} {kept[prompt_id]}\n" for prompt_id in sorted(kept))
    return hashlib.sha256(lines.encode()).hexdigest()


@dataclass(frozen=True)
class Placed:
    """A prompt with its cluster, its category and how many rows of this version answer it (none: an earlier one's).

    `held_out`: one of these rows is by a writer, or in a category, that no model of the project learns from.
    """

    prompt_id: int
    cluster: int
    category: str = ""
    rows: int = 1
    held_out: bool = False


def settle(prompts: Sequence[Placed], kept: Mapping[int, Split], salt: str) -> dict[int, Split]:
    """The split of each prompt. `kept` is what earlier versions settled, of these prompts or others.

    A cluster that holds a test prompt is test as a whole; else one that holds a validation prompt is validation: what
    is held out wins, and nothing ever leaves the test split. So does a cluster with a row of a held-out writer or
    category, beside the shares: the plain test split keeps its own. A new cluster goes where most rows are owed,
    category by category, the large ones first and then in the order of a hash, so that neither a person nor the clock
    decides.
    """
    members: dict[int, list[Placed]] = defaultdict(list)
    for placed in prompts:
        members[placed.cluster].append(placed)
    known = {cluster: inherited(held, kept) for cluster, held in members.items()}
    rows_of = {cluster: sum(placed.rows for placed in held) for cluster, held in members.items()}
    outside = {cluster for cluster, held in members.items() if any(placed.held_out for placed in held)}
    share = held_out(sum(rows for cluster, rows in rows_of.items() if cluster not in outside))
    shares = {Split.TRAIN: WHOLE - 2 * share, Split.TEST: share, Split.VALIDATION: share}
    owed, settled = dict.fromkeys(shares, 0), dict.fromkeys(outside, Split.TEST)
    category_of = {cluster: min(held, key=lambda one: one.prompt_id).category for cluster, held in members.items()}
    for cluster in sorted(
        members.keys() - outside, key=lambda one: (category_of[one], known[one] is None, -rows_of[one], rank(one, salt))
    ):
        for split in owed:
            owed[split] += shares[split] * rows_of[cluster]
        chosen = known[cluster] or max(owed, key=lambda split: owed[split])
        settled[cluster] = chosen
        owed[chosen] -= WHOLE * rows_of[cluster]
    return {placed.prompt_id: settled[placed.cluster] for placed in prompts}


def inherited(members: Sequence[Placed], kept: Mapping[int, Split]) -> Split | None:
    """What a cluster already is, None for a new one."""
    known = {kept[placed.prompt_id] for placed in members if placed.prompt_id in kept}
    return next((split for split in STRONGEST_FIRST if split in known), None)


def held_out(rows: int) -> int:
    """The share of each of test and validation: a tenth, more in a small version so that it has a few rows of each."""
    return min(FIFTH, max(TENTH, FEW_ROWS * WHOLE // max(rows, 1)))


def rank(cluster: int, salt: str) -> bytes:
    """A place in an order that nobody chose and every machine agrees on."""
    return hashlib.sha256(f"{salt}:{cluster}".encode()).digest()
