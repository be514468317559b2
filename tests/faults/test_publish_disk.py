"""The disk is full or breaks at the n-th write of a version: nothing is listed, the page says why, a next try works."""

import errno
import itertools
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.core.jobs import surround
from app.core.storage_local import PARTS, Disk, LocalStorage
from app.datasets import jobs
from app.datasets.models import VersionStatus
from app.datasets.service import try_again
from tests.faults.site_of_versions import Site, expected_hash, is_readable, lay_out, only_version, row_count
from tests.faults.test_storage import FailingDisk
from tests.faults.trying import admin_of


class NthDisk(FailingDisk):
    """Fails for good from its n-th call on; what it writes, it writes whole."""

    def write(self, file: int, data: memoryview) -> int:
        """See Disk."""
        self.count()
        return Disk.write(self, file, data)


@pytest.fixture
def site(own_database: str, own_sessions: sessionmaker[Session], tmp_path: Path) -> Site:
    return lay_out(own_database, tmp_path, own_sessions, count=3)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO], ids=errno.errorcode.get)
def test_whichever_write_fails_nothing_is_listed_and_the_next_try_works(site: Site, code: int) -> None:  # R12
    expected = expected_hash(site, LocalStorage(site.folder / "elsewhere"))
    for nth in itertools.count(1):
        folder = site.folder / str(nth)
        storage = LocalStorage(folder, NthDisk(nth, code, for_good=True))
        surround(site.settings, site.sessions, storage)
        jobs.publish(site.version_id)
        version = only_version(site)
        if version.status is VersionStatus.PUBLISHED:
            break
        assert (version.status, version.manifest, row_count(site)) == (VersionStatus.FAILED, None, 0)
        assert version.failure.startswith("The files could not be kept, so nothing was published.")
        with site.sessions.begin() as session:
            try_again(session, admin_of(session), version.id)
    assert nth > 20
    assert (version.number, version.content_hash) == (1, expected)
    whole = LocalStorage(folder)
    assert is_readable(whole, version)
    assert not list((whole.root / PARTS).iterdir())
