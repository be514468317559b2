"""The worker is killed at each step of publishing, and the next one ends with one version: its number, its bytes."""

import random
import signal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.core.storage_local import LocalStorage
from app.datasets.models import VersionStatus
from tests.faults.doomed_publisher import POINTS
from tests.faults.site_of_versions import Site, do_waiting, expected_hash, is_readable, lay_out, only_version, row_count
from tests.forked import run
from tests.rounds import rounds

CALLS = [f"call {number}" for number in random.Random(11).sample(range(2, 28), min(rounds(2), 26))]
LISTED = {"after the commit", "while tidying up"}


@pytest.fixture
def site(own_database: str, own_sessions: sessionmaker[Session], tmp_path: Path) -> Site:
    return lay_out(own_database, tmp_path, own_sessions)


@pytest.mark.parametrize("point", [*POINTS, *CALLS])
def test_after_a_kill_the_retry_ends_with_one_version_of_the_same_number_and_bytes(site: Site, point: str) -> None:
    # R7, R11
    expected = expected_hash(site, LocalStorage(site.folder / "elsewhere"))
    killed = run("tests.faults.doomed_publisher", site.url, str(site.folder), point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    left = only_version(site)
    assert (left.status is VersionStatus.PUBLISHED) is (point in LISTED)
    assert (left.manifest is not None, row_count(site)) == ((True, 30) if point in LISTED else (False, 0))

    storage = LocalStorage(site.settings.files_folder)
    do_waiting(site, storage)
    version = only_version(site)
    assert (version.number, version.status, version.content_hash) == (1, VersionStatus.PUBLISHED, expected)
    assert (sum(version.counts.values()), row_count(site)) == (30, 30)
    assert is_readable(storage, version)
