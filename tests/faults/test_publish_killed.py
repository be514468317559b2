"""The worker is killed at each step of publishing, and the next one ends with one version: its number, its bytes."""

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from app.core.database import make_engine, make_sessions
from app.core.settings import Settings
from app.core.storage_local import LocalStorage
from app.datasets.models import VersionStatus
from tests.databases import clone, drop
from tests.faults.doomed_publisher import POINTS
from tests.faults.site_of_versions import Site, do_waiting, expected_hash, is_readable, lay_out, only_version, row_count
from tests.forked import run
from tests.rounds import rounds

CALLS = [f"call {number}" for number in random.Random(11).sample(range(2, 28), min(rounds(2), 26))]
LISTED = {"after the commit", "while tidying up"}


@pytest.fixture(scope="module")
def waiting(cluster: str, _template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    """A site in which a version waits, and the content hash that it must get."""
    url, folder = clone(cluster, template=_template, name=f"waiting_{os.getpid()}"), tmp_path_factory.mktemp("waiting")
    engine = make_engine(url, Settings(data=folder))
    site = lay_out(url, folder, make_sessions(engine))
    expected = expected_hash(site, LocalStorage(folder / "elsewhere"))
    engine.dispose()
    yield site, expected
    drop(cluster, url)


@pytest.fixture
def site(cluster: str, waiting: tuple[Site, str], tmp_path: Path) -> Iterator[Site]:
    """The same for this test alone."""
    template = str(make_url(waiting[0].url).database)
    url = clone(cluster, template=template, name=f"killed_{os.getpid()}")
    engine = make_engine(url, Settings(data=tmp_path))
    yield Site(url, tmp_path, make_sessions(engine), waiting[0].version_id)
    engine.dispose()
    drop(cluster, url)


@pytest.mark.parametrize("point", [*POINTS, *CALLS])
def test_after_a_kill_the_retry_ends_with_one_version_of_the_same_number_and_bytes(
    waiting: tuple[Site, str], site: Site, point: str
) -> None:
    # R7, R11
    killed = run("tests.faults.doomed_publisher", site.url, str(site.folder), point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    left = only_version(site)
    assert (left.status is VersionStatus.PUBLISHED) is (point in LISTED)
    assert (left.manifest is not None, row_count(site)) == ((True, 30) if point in LISTED else (False, 0))

    storage = LocalStorage(site.settings.files_folder)
    do_waiting(site, storage)
    version = only_version(site)
    assert (version.number, version.status, version.content_hash) == (1, VersionStatus.PUBLISHED, waiting[1])
    assert (sum(version.counts.values()), row_count(site)) == (30, 30)
    assert is_readable(storage, version)
