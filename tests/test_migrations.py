"""A database goes up, down and up again, and agrees with the models."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from app.core.errors import StartRefused
from app.core.migrate import alembic_config, check_schema, current, downgrade, head, upgrade
from tests.databases import clone, drop
from tests.stages import Stage

TABLES = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
AND relname <> 'alembic_version' AND relname NOT LIKE 'procrastinate%'
"""
ROWS = "SELECT count(*), md5(string_agg(row, '' ORDER BY row)) FROM (SELECT to_jsonb(t)::text AS row FROM {} t) AS rows"
PAIRS = """
ALTER TABLE datasets DROP CONSTRAINT fk_datasets_project_id, DROP CONSTRAINT fk_datasets_created_by;
ALTER TABLE datasets DISABLE TRIGGER USER;
INSERT INTO datasets (project_id, name, rule, created_by, kind) VALUES (1, 'Pairs', '{}', 1, 'preferences')
"""


@pytest.fixture
def empty_database(cluster: str) -> Iterator[str]:
    """A database without any table."""
    url = clone(cluster, template="template1", name=f"migrations_{os.getpid()}")
    yield url
    drop(cluster, url)


def test_there_is_a_single_head() -> None:  # R27
    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1


def test_every_revision_goes_down_up_and_down_and_loses_no_row_that_both_know(
    cluster: str, published: Stage
) -> None:  # R27
    published.engine.dispose()  # who is connected to a database keeps others from copying it
    url = clone(cluster, template=str(published.engine.url.database), name=f"walked_{os.getpid()}")
    revisions = [script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()]
    for revision, before in zip(revisions, [*revisions[1:], "base"], strict=True):
        assert downgrade(url, to=before) == ("" if before == "base" else before)
        rows = rows_in(url)
        assert upgrade(url, to=revision) == revision
        downgrade(url, to=before)
        assert rows_in(url) == rows, revision
    assert rows == {}
    drop(cluster, url)


def rows_in(url: str) -> dict[str, tuple[int, str]]:
    """How many rows each table of ours has, and the digest of all that stands in them."""
    engine = create_engine(url)
    with engine.begin() as connection:
        tables = connection.scalars(text(TABLES)).all()
        found = {name: connection.execute(text(ROWS.format(name))).one() for name in tables}
    engine.dispose()
    return {name: (count, digest) for name, (count, digest) in found.items()}


def test_datasets_of_pairs_are_not_left_to_an_older_schema(empty_database: str) -> None:
    upgrade(empty_database, to="0025")
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        connection.execute(text(PAIRS))
    engine.dispose()
    with pytest.raises(DBAPIError, match="restore a backup"):
        downgrade(empty_database, to="0024")


def test_models_and_migrations_agree(empty_database: str) -> None:  # R27
    upgrade(empty_database)
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        command.check(alembic_config(connection))
    engine.dispose()


def test_every_migration_sets_a_lock_timeout() -> None:  # R28
    for script in ScriptDirectory.from_config(alembic_config()).walk_revisions():
        source = Path(script.path).read_text("utf-8")
        assert source.count("SET LOCAL lock_timeout") == 2, script.path


def test_two_starts_at_once_migrate_once(empty_database: str) -> None:  # R28
    reached: list[str] = []
    threads = [threading.Thread(target=lambda: reached.append(upgrade(empty_database))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reached == [head()] * 3


def test_another_schema_is_refused_with_both_names(empty_database: str) -> None:  # R28
    upgrade(empty_database)
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        assert current(connection) == "9999"
        with pytest.raises(StartRefused, match=f"9999.*{head()}"):
            check_schema(connection)
    engine.dispose()
