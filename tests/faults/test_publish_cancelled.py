"""Publishing is cancelled at each of its steps: nothing is listed, nothing lies about, and a next try works."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from app.core.jobs import surround
from app.core.storage_local import LocalStorage
from app.datasets import jobs
from app.datasets.models import VersionStatus
from app.datasets.service import cancel, try_again
from tests.faults.site_of_versions import Site, expected_hash, is_readable, lay_out, only_version, row_count
from tests.faults.trying import admin_of


@pytest.fixture
def site(own_database: str, own_sessions: sessionmaker[Session], tmp_path: Path) -> Site:
    return lay_out(own_database, tmp_path, own_sessions)


def press_cancel(site: Site) -> None:
    """An administrator presses the button."""
    with site.sessions.begin() as session:
        cancel(session, admin_of(session), site.version_id)


class Watched(LocalStorage):
    """A storage at whose n-th file somebody presses Cancel."""

    def __init__(self, site: Site, nth: int) -> None:
        self.site, self.left = site, nth
        super().__init__(site.settings.files_folder)

    def put_new(self, key: str, content: Path | Iterable[bytes]) -> int:
        """See Storage."""
        size = super().put_new(key, content)
        self.left -= 1
        if not self.left:
            press_cancel(self.site)
        return size


def assert_nothing_is_left(site: Site, storage: LocalStorage) -> None:
    """The version says that it was cancelled, and a next try publishes it under its number with its bytes."""
    version = only_version(site)
    assert (version.status, version.manifest, row_count(site)) == (VersionStatus.FAILED, None, 0)
    assert version.failure.startswith("Cancelled.")
    assert list(storage.list()) == []
    with site.sessions.begin() as session:
        try_again(session, admin_of(session), version.id)
    expected = expected_hash(site, LocalStorage(site.folder / "elsewhere"))
    jobs.publish(site.version_id)
    version = only_version(site)
    assert (version.number, version.content_hash) == (1, expected)
    assert is_readable(storage, version)


@pytest.mark.parametrize("nth", [1, 5])
def test_cancelled_while_files_are_written_nothing_is_listed(site: Site, nth: int) -> None:
    storage = Watched(site, nth)
    surround(site.settings, site.sessions, storage)
    jobs.publish(site.version_id)
    assert_nothing_is_left(site, storage)


def test_cancelled_while_the_rows_are_read_the_worker_stops_before_it_compares(site: Site) -> None:
    pressed: list[bool] = []

    @event.listens_for(site.sessions.kw["bind"], "after_cursor_execute")
    def meanwhile(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if "JOIN revisions" in statement and not pressed:
            pressed.append(True)
            press_cancel(site)

    storage = LocalStorage(site.settings.files_folder)
    surround(site.settings, site.sessions, storage)
    jobs.publish(site.version_id)
    assert pressed
    assert_nothing_is_left(site, storage)


def test_a_version_that_waits_is_cancelled_and_its_job_does_nothing(site: Site) -> None:
    press_cancel(site)
    storage = LocalStorage(site.settings.files_folder)
    surround(site.settings, site.sessions, storage)
    jobs.publish(site.version_id)
    assert_nothing_is_left(site, storage)
