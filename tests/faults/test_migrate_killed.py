"""What ends `penset migrate`, or keeps it from its tables, leaves the database as it was, and the next one goes on."""

import os
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest

from app.core.migrate import downgrade, head, upgrade
from app.core.worker import connection_info
from tests.databases import clone, drop
from tests.forked import Forked
from tests.stages import Stage
from tests.walked import contents

BEFORE = "0026"  # from here several steps change tables, and the last one `projects`
IN_THE_MIDST = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'projects'::regclass"


@pytest.fixture
def older(cluster: str, published: Stage) -> Iterator[str]:
    """The database of an older Penset, with rows."""
    published.engine.dispose()  # who is connected to a database keeps others from copying it
    url = clone(cluster, template=str(published.engine.url.database), name=f"older_{os.getpid()}")
    downgrade(url, to=BEFORE)
    yield url
    drop(cluster, url)


def migrate(url: str, folder: Path) -> Forked:
    """`penset migrate`, in a process of its own."""
    variables = os.environ | {"PENSET_DATABASE_URL": url, "PENSET_DATA": str(folder / "data")}
    return Forked("app.cli", "migrate", out=folder / "said", variables=variables)


def wait_until_in_the_midst(url: str) -> None:
    """Wait until the migration stands before its last step."""
    end = monotonic() + 60
    with psycopg.connect(connection_info(url), autocommit=True) as looking:
        while (row := looking.execute(IN_THE_MIDST).fetchone()) and not row[0]:
            assert monotonic() < end, "the migration never came to its last step"
            sleep(0.02)


def revision_of(url: str) -> str:
    """The revision that the database is at."""
    with psycopg.connect(connection_info(url)) as connection:
        (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
    return str(found)


def test_a_migration_that_is_killed_halfway_is_made_whole_by_the_next(older: str, tmp_path: Path) -> None:  # R28
    rows = contents(older)
    with psycopg.connect(connection_info(older)) as reader:
        reader.execute("LOCK TABLE projects IN ACCESS SHARE MODE")
        doomed = migrate(older, tmp_path)
        wait_until_in_the_midst(older)
        doomed.kill()
        doomed.wait(60)

    assert revision_of(older) == BEFORE
    assert contents(older) == rows
    assert upgrade(older) == head()


def test_a_migration_gives_way_to_a_penset_that_still_works(older: str, tmp_path: Path) -> None:  # R28
    rows = contents(older)
    with psycopg.connect(connection_info(older), application_name="penset") as web:
        web.execute("LOCK TABLE projects IN ACCESS SHARE MODE")
        assert migrate(older, tmp_path).wait(60) != 0
        web.execute("UPDATE projects SET name = name || ' still written'")

    said = (tmp_path / "said").read_text()
    assert "A Penset still runs on this database (connections: 1)" in said
    assert "somebody keeps a table that must change. Stop every Penset" in said
    assert "Traceback" not in said
    assert revision_of(older) == BEFORE
    assert {**contents(older), "projects": None} == {**rows, "projects": None}


def test_a_migration_waits_for_who_is_done_in_a_moment(older: str, tmp_path: Path) -> None:  # R28
    with psycopg.connect(connection_info(older)) as web:
        web.execute("UPDATE projects SET name = 'written meanwhile'")
        migrating = migrate(older, tmp_path)
        wait_until_in_the_midst(older)
        web.commit()
    assert migrating.wait(60) == 0

    assert revision_of(older) == head()
    with psycopg.connect(connection_info(older)) as connection:
        assert connection.execute("SELECT DISTINCT name FROM projects").fetchall() == [("written meanwhile",)]
