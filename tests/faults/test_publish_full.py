"""A really full file system: the version fails with words that say what to do, people write on, and room mends it."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.core.jobs import surround
from app.core.storage_local import PARTS, LocalStorage
from app.datasets import jobs
from app.datasets.models import VersionStatus
from app.datasets.service import try_again
from app.prompts.models import Prompt
from tests import factories
from tests.faults.site_of_versions import Site, expected_hash, is_readable, lay_out, only_version, row_count
from tests.faults.trying import admin_of
from tests.rounds import rounds


@pytest.fixture
def site(own_database: str, own_sessions: sessionmaker[Session], tmp_path: Path) -> Site:
    """Thirty answers of some 5 kB each."""
    return lay_out(own_database, tmp_path, own_sessions, words="and more " * 500)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB. Skips where nobody may mount one; tests/faults/test_publish_disk.py stands in there."""
    folder = tmp_path / "small"
    folder.mkdir()
    if not mounted("-t", "tmpfs", "-o", "size=64k,mode=0700", "penset-test", str(folder)):
        pytest.skip("this user or this container may not mount a tmpfs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True, capture_output=True)


def mounted(*arguments: str) -> bool:
    """Whether mount did it."""
    try:
        return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def make_room(folder: Path) -> None:
    """The operator gives the file system more."""
    assert mounted("-o", "remount,size=16m", str(folder))


def publish_once_more(site: Site) -> None:
    """An administrator presses Try again, and a worker comes."""
    with site.sessions.begin() as session:
        try_again(session, admin_of(session), site.version_id)
    jobs.publish(site.version_id)


def test_with_no_room_for_the_files_nothing_is_listed_and_room_mends_it(site: Site, small: Path) -> None:  # R12
    expected = expected_hash(site, LocalStorage(site.folder / "elsewhere"))
    storage = LocalStorage(small / "files")
    surround(site.settings, site.sessions, storage)
    for again in range(rounds(2)):
        jobs.publish(site.version_id)
        version = only_version(site)
        assert (version.status, version.manifest, row_count(site)) == (VersionStatus.FAILED, None, 0)
        assert "No space left on device. Make room or mend that, then try again." in version.failure
        assert (list(storage.list()), list((storage.root / PARTS).iterdir())) == ([], [])
        write_on(site, again)
        with site.sessions.begin() as session:
            try_again(session, admin_of(session), version.id)
    make_room(small)
    jobs.publish(site.version_id)
    assert only_version(site).content_hash == expected
    assert is_readable(storage, only_version(site))


def test_with_no_room_to_set_texts_aside_the_version_says_so(
    site: Site, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # R12
    monkeypatch.setattr(tempfile, "tempdir", str(small))
    storage = LocalStorage(site.settings.files_folder)
    surround(site.settings, site.sessions, storage)
    jobs.publish(site.version_id)
    failed = only_version(site)
    assert (failed.status, row_count(site), list(storage.list())) == (VersionStatus.FAILED, 0, [])
    assert failed.failure == (
        "The texts could not be set aside, so nothing was published: No space left on device. "
        "Make room or mend that, then try again."
    )
    assert list(small.iterdir()) == []
    make_room(small)
    publish_once_more(site)
    assert is_readable(storage, only_version(site))


def write_on(site: Site, number: int) -> None:
    """People write while the disk of the files is full: the database is elsewhere."""
    with site.sessions.begin() as session:
        prompt = session.scalars(select(Prompt).limit(1)).one()
        factories.submission(session, prompt, factories.user(session, f"Writer {number}"))
