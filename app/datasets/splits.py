"""Which split a prompt belongs to: by cluster, stratified by category, and once test always test. Pure."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.datasets.models import Split

SHARES = {Split.TEST: 0.1, Split.VALIDATION: 0.1}
METHOD = "by cluster of near-duplicate prompts, 80/10/10 in each category, ordered by a hash; once test, always test"


@dataclass(frozen=True)
class Placed:
    """A prompt of a version: its cluster and the category that it counts for."""

    prompt_id: int
    cluster: int
    category: str


def settle(prompts: Sequence[Placed], kept: Mapping[int, Split], salt: str) -> dict[int, Split]:
    """The split of each prompt. `kept` is what earlier versions settled, for prompts of this version or not.

    A cluster with a test prompt is test as a whole; otherwise what it was stays: validation before train. New
    clusters fill each category's shares in the order of a hash, so neither order nor time decides.
    """
    members: dict[int, list[Placed]] = defaultdict(list)
    for placed in prompts:
        members[placed.cluster].append(placed)
    of_cluster = {cluster: inherited(held, kept) for cluster, held in members.items()}
    for category in sorted({placed.category for placed in prompts}):
        clusters = [cluster for cluster in members if category_of(members[cluster]) == category]
        fill(clusters, of_cluster, salt)
    spare(of_cluster, salt)
    return {placed.prompt_id: of_cluster[placed.cluster] or Split.TRAIN for placed in prompts}


def inherited(members: Sequence[Placed], kept: Mapping[int, Split]) -> Split | None:
    """What a cluster already is, None for a new one."""
    known = {kept[placed.prompt_id] for placed in members if placed.prompt_id in kept}
    return next((split for split in (Split.TEST, Split.VALIDATION, Split.TRAIN) if split in known), None)


def category_of(members: Sequence[Placed]) -> str:
    """The category that a cluster counts for: that of its smallest prompt."""
    return min(members, key=lambda placed: placed.prompt_id).category


def fill(clusters: Sequence[int], of_cluster: dict[int, Split | None], salt: str) -> None:
    """Give the new clusters of one category their splits, so that the category's shares come out."""
    new = sorted((c for c in clusters if of_cluster[c] is None), key=lambda cluster: rank(cluster, salt))
    for split, share in SHARES.items():
        have = sum(of_cluster[cluster] is split for cluster in clusters)
        wanted = max(round(share * len(clusters)) - have, 0)
        for cluster in new[:wanted]:
            of_cluster[cluster] = split
        new = new[wanted:]
    for cluster in new:
        of_cluster[cluster] = Split.TRAIN


def spare(of_cluster: dict[int, Split | None], salt: str) -> None:
    """Small categories give nothing by themselves: from five clusters on, each split has one in any case.

    Only train gives: what is test stays, and a cluster that was trained on may be tested on later, never the reverse.
    """
    if len(of_cluster) < 5:
        return
    for split in SHARES:
        if split not in of_cluster.values():
            train = [cluster for cluster, held in of_cluster.items() if held is Split.TRAIN]
            of_cluster[min(train, key=lambda cluster: rank(cluster, salt))] = split


def rank(cluster: int, salt: str) -> bytes:
    """A place in an order that nobody chose and every machine agrees on."""
    return hashlib.sha256(f"{salt}:{cluster}".encode()).digest()
