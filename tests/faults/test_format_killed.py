"""The worker is killed while it makes a format, and the next one ends with the same files."""

import signal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.core.storage_local import LocalStorage
from app.datasets.formats.asked import ask_for_format
from app.datasets.formats.making import folder_of
from app.datasets.models import VersionFormat, WorkStatus
from tests.faults.site_of_versions import do_waiting, lay_out
from tests.faults.trying import admin_of
from tests.forked import run


@pytest.mark.parametrize("point", ["half a file", "before the commit"])
def test_after_a_kill_the_retry_ends_with_the_same_files(
    own_database: str, own_sessions: sessionmaker[Session], tmp_path: Path, point: str
) -> None:  # R7
    site = lay_out(own_database, tmp_path, own_sessions)
    storage = LocalStorage(site.settings.files_folder)
    do_waiting(site, storage)
    with own_sessions.begin() as session:
        ask_for_format(session, admin_of(session), site.version_id, "prompt-completion")
    killed = run("tests.faults.doomed_publisher", site.url, str(site.folder), point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    do_waiting(site, storage)
    with own_sessions() as session:
        found = session.scalars(select(VersionFormat)).one()
    assert (found.status, found.failure) == (WorkStatus.DONE, "")
    kept = {f"{folder_of(site.version_id)}/{one['sha256']}" for one in found.files.values()}
    assert set(storage.list(folder_of(site.version_id))) == kept
