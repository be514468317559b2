"""What stands in a database whose schema changes: whatever tables and columns it has now."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

OTHER_TABLES = Path(__file__).with_name("data") / "the_other_tables.sql"
TABLES = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
AND relname <> 'alembic_version' AND relname NOT LIKE 'procrastinate%' ORDER BY relname
"""
# Rows that an older schema cannot hold: there, its migration refuses to go down, and the walk does without them.
UNREADABLE = {
    "0032": "DELETE FROM consents_taken_back",
    "0029": "UPDATE comparisons SET ordering_id = NULL; UPDATE comparison_pairs SET ranking_id = NULL;"
    "DELETE FROM orderings; DELETE FROM rankings",
    "0025": "ALTER TABLE rule_revisions DISABLE TRIGGER USER;"
    "DELETE FROM rule_revisions WHERE dataset_id IN (SELECT id FROM datasets WHERE kind = 'preferences');"
    "ALTER TABLE rule_revisions ENABLE TRIGGER USER; DELETE FROM datasets WHERE kind = 'preferences'",
    "0020": "UPDATE prompts SET author_id = (SELECT min(id) FROM users) WHERE author_id IS NULL",
}
Contents = Mapping[str, list[str]]


def contents(url: str) -> Contents:
    """The rows of each table of ours, as JSON."""
    with connected(url) as connection:
        found: dict[str, list[str]] = {name: [] for name in connection.scalars(text(TABLES))}
        parts = [f"SELECT '{name}', to_jsonb(t)::text FROM {name} t" for name in found]
        for name, row in connection.execute(text(" UNION ALL ".join(parts))) if parts else ():
            found[name].append(row)
    return {name: sorted(rows) for name, rows in found.items()}


def changed(before: Contents, after: Contents) -> set[str]:
    """The columns whose values are others than before, as `table.column`; the table alone where all its rows went."""
    found = set()
    for table in (name for name, rows in before.items() if rows != after[name]):
        rows, now = ([json.loads(row) for row in one[table]] for one in (before, after))
        if not now:
            found.add(table)
        elif len(rows) != len(now):
            found.add(f"{table}: {len(rows)} rows became {len(now)}")
        else:
            found |= {f"{table}.{one}" for row in rows for one in row if values(rows, one) != values(now, one)}
    return found


def values(rows: list[dict[str, Any]], column: str) -> Counter[str]:
    """How often each value stands in a column."""
    return Counter(repr(row.get(column)) for row in rows)


def run_script(url: str, script: str) -> None:
    """Run these statements in one transaction."""
    with connected(url) as connection:
        connection.exec_driver_sql(script.replace("%", "%%"))


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A transaction, after which nothing is connected to that database."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        yield connection
