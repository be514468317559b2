"""A statement that all requests share is the same for all, also when several threads are the first to want it."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, cast

import pytest
from sqlalchemy import Select, select, update
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ClauseElement

from app.core.database import DIALECT, built_once, rows_of
from app.prompts.models import Slot


@pytest.fixture
def often() -> Iterator[None]:
    """Threads change as often as can be."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("often")
def test_threads_that_want_a_statement_at_once_get_the_same_sql() -> None:
    for _ in range(20):
        meet = Barrier(6)

        @built_once
        def claimed() -> Select[Any]:
            first = update(Slot).values(number=1).returning(rows_of(Slot))
            held = aliased(Slot, first.cte("held"))
            return select(held).join(held.prompt)

        def sql(_: int, meet: Barrier = meet, claimed: Any = claimed) -> str:
            meet.wait()
            return str(cast(ClauseElement, claimed()).compile(dialect=DIALECT))

        with ThreadPoolExecutor(6) as threads:
            said = set(threads.map(sql, range(6)))
        assert len(said) == 1
        assert "ON prompts.id = held.prompt_id" in said.pop()
