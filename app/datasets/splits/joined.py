"""Which prompts need not be compared with one another again? Those whose cluster is as a version found it. Pure.

Whether two texts are alike follows from them alone. Where no prompt of a cluster has gone or changed its words since,
the prompts of all such clusters were compared with one another already: only new ones are compared with everybody.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.core.near import comparison


@dataclass(frozen=True, slots=True)
class Joined:
    """The cluster of a prompt as an earlier version found it, and the digest of all that is in it. None: not known."""

    cluster: int
    digest: bytes | None


def still_joined(before: Mapping[int, Joined], asked: Iterable[tuple[int, str]]) -> dict[int, int]:
    """The cluster of each prompt whose cluster holds the same prompts in the same words as then."""
    now = digests({prompt_id: one.cluster for prompt_id, one in before.items()}, asked)
    return {prompt_id: one.cluster for prompt_id, one in before.items() if one.digest == now[one.cluster]}


def digests(cluster_of: Mapping[int, int], asked: Iterable[tuple[int, str]]) -> dict[int, bytes]:
    """For each cluster SHA-256 of its prompts, of what each asks in whatever words, and of how texts are compared."""
    texts: dict[int, set[str]] = defaultdict(set)
    for prompt_id, text in asked:
        texts[prompt_id].add(text)
    members: dict[int, list[int]] = defaultdict(list)
    for prompt_id in sorted(cluster_of):
        members[cluster_of[prompt_id]].append(prompt_id)
    method = dict(comparison())
    return {
        cluster: hashlib.sha256(
            json.dumps([method, [(prompt_id, sorted(texts[prompt_id])) for prompt_id in held]]).encode()
        ).digest()
        for cluster, held in members.items()
    }
