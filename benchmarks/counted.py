"""How often does a request go to PostgreSQL, and how many functions does it call? No other work changes either."""

import cProfile
import pstats
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg.pq import Trace
from sqlalchemy import Engine, event

BACK = b"ReadyForQuery"  # with which PostgreSQL ends each of its answers


@dataclass
class Count:
    """What one request took: journeys there and back, calls of Python functions."""

    journeys: int = 0
    calls: int = 0


@contextmanager
def counted(engine: Engine) -> Iterator[Count]:
    """Count what is done inside, in this thread, by the connections of this engine. It slows them down."""
    found, profile = Count(), cProfile.Profile()
    with tempfile.TemporaryFile() as told:
        traced: dict[int, Any] = {}

        def trace(connection: Any, record: Any, proxy: Any) -> None:
            if id(connection) not in traced:
                traced[id(connection)] = connection.pgconn
                connection.pgconn.trace(told.fileno())
                connection.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)

        event.listen(engine, "checkout", trace)
        profile.enable()
        try:
            yield found
        finally:
            profile.disable()
            event.remove(engine, "checkout", trace)
            for connection in traced.values():
                connection.untrace()
            told.seek(0)
            found.journeys = told.read().count(BACK)
            found.calls = pstats.Stats(profile).total_calls  # type: ignore[attr-defined]
