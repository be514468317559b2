"""Which prompts need not be compared with one another again? Those whose cluster is as a version found it. Pure.

Whether two texts are alike follows from them alone. Where no prompt of a cluster has gone or changed its words since,
the prompts of all such clusters were compared with one another already: only new ones are compared with everybody.
"""

import hashlib
import json
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from app.core.by_number import ByNumber
from app.core.near import comparison

MARK_BYTES = 16
DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Joined:
    """The cluster of a prompt as an earlier version found it, and the digest of all that is in it. None: not known."""

    cluster: int
    digest: bytes | None


def joined_of(rows: Iterable[tuple[int, int, bytes | None]]) -> ByNumber[Joined]:
    """Prompts with their cluster and its digest, by the ids of the prompts in their order: 48 bytes for each."""
    numbers, clusters, digests = array("q"), array("q"), bytearray()
    for prompt_id, cluster, digest in rows:
        numbers.append(prompt_id)
        clusters.append(cluster)
        digests += digest or bytes(DIGEST_BYTES)

    def joined(at: int) -> Joined:
        digest = bytes(digests[at * DIGEST_BYTES : (at + 1) * DIGEST_BYTES])
        return Joined(clusters[at], digest if any(digest) else None)

    return ByNumber(numbers, range(len(numbers)), joined)


def still_joined(before: Mapping[int, Joined], asked: Iterable[tuple[int, str]]) -> Mapping[int, int]:
    """The cluster of each prompt whose cluster holds the same prompts in the same words as then."""
    clusters = ((prompt_id, one.cluster) for prompt_id, one in before.items())
    now = digests(ByNumber.of(clusters, "q", int), asked)
    still = ((prompt_id, one.cluster) for prompt_id, one in before.items() if one.digest == now[one.cluster])
    return ByNumber.of(still, "q", int)


def digests(cluster_of: Mapping[int, int], asked: Iterable[tuple[int, str]]) -> ByNumber[bytes]:
    """For each cluster SHA-256 of its prompts, of what each asks in whatever words, and of how texts are compared."""
    marks = Marks(cluster_of, asked)
    order = sorted(range(len(marks.ids)), key=marks.clusters.__getitem__)  # within a cluster by the prompts' ids
    method = json.dumps(dict(comparison())).encode()
    names, found = array("q"), bytearray()
    for cluster, members in groupby(order, key=marks.clusters.__getitem__):
        digest = hashlib.sha256(method)
        for at in members:
            mark = marks.of(at)
            digest.update(f"\n{marks.ids[at]}:{len(mark)}:".encode() + mark)
        names.append(cluster)
        found += digest.digest()
    return ByNumber(names, range(len(names)), lambda at: bytes(found[at * DIGEST_BYTES : (at + 1) * DIGEST_BYTES]))


class Marks:
    """What prompts ask, each in sixteen bytes; further words for the same prompt, of which there are few, beside it."""

    def __init__(self, cluster_of: Mapping[int, int], asked: Iterable[tuple[int, str]]) -> None:
        places = ByNumber.of(((one, at) for at, one in enumerate(sorted(cluster_of))), "I", int)
        self.ids = array("q", places)
        self.clusters = array("q", (cluster_of[one] for one in self.ids))
        self._first = bytearray(MARK_BYTES * len(self.ids))
        self._further: dict[int, set[bytes]] = defaultdict(set)
        for prompt_id, text in asked:
            if (at := places.get(prompt_id)) is not None:
                self._add(at, hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:MARK_BYTES])

    def _add(self, at: int, mark: bytes) -> None:
        span = slice(at * MARK_BYTES, (at + 1) * MARK_BYTES)
        if not any(self._first[span]):
            self._first[span] = mark
        elif self._first[span] != mark:
            self._further[at].add(mark)

    def of(self, at: int) -> bytes:
        """What one prompt asks, in whatever order its words came."""
        first = bytes(self._first[at * MARK_BYTES : (at + 1) * MARK_BYTES])
        return b"".join(sorted({first, *self._further.get(at, ())}))
