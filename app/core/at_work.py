"""Which workers are there, and which jobs does each take? A worker tells it by the name of its connection.

The queue keeps a heartbeat for each worker and nothing else of it; a column of ours (migration 0039) keeps that name.
"""

import socket
from collections.abc import Sequence

LONGEST = 63  # bytes of a connection's name that PostgreSQL keeps
PENSET = "penset"
HEARD = "last_heartbeat > now() - interval '1 minute'"


def name_of(queues: Sequence[str] | None) -> str:
    """The name of a worker's connections: "penset training@gpu-1", and "penset@gpu-1" of one that takes every job."""
    taken = f" {','.join(queues)}" if queues else ""
    return f"{PENSET}{taken}@{socket.gethostname()}"[:LONGEST]


def takes(queue: str) -> str:
    """In SQL, whether a row of `procrastinate_workers` is of a worker that takes the jobs of a queue of ours."""
    return f"(named LIKE '{PENSET}@%' OR '{queue}' = ANY (string_to_array(split_part(substr(named, 8), '@', 1), ',')))"


def is_there(queue: str) -> str:
    """In SQL, whether one that takes the jobs of a queue has given word within a minute."""
    return f"EXISTS (SELECT FROM procrastinate_workers WHERE {HEARD} AND {takes(queue)})"
