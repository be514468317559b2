"""The worker is killed while it erases a person, and the next one ends it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Erasure, User
from app.core.storage_local import LocalStorage
from app.training.erasing import begin
from tests.faults.site_of_versions import do_waiting, lay_out


@pytest.mark.parametrize("point", ["after the select", "after a file is removed"])
def test_after_a_kill_the_next_try_removes_everything(
    own_database: str, own_sessions: sessionmaker[Session], tmp_path: Path, point: str
) -> None:  # R7 S102
    site = lay_out(own_database, tmp_path, own_sessions)
    storage = LocalStorage(site.settings.files_folder)
    do_waiting(site, storage)
    with own_sessions.begin() as session:
        person = session.scalars(select(User).where(User.name == "Ann Author")).one()
        begin(session, person, asked_by=None)
    doomed = [sys.executable, "-m", "tests.faults.doomed_publisher", site.url, str(site.folder), point]
    killed = subprocess.run(doomed, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with own_sessions() as session:
        assert session.scalars(select(Erasure.finished_at)).all() == [None]
    assert len(list(storage.list("versions"))) > 0
    do_waiting(site, storage)
    with own_sessions() as session:
        assert session.scalars(select(Erasure.finished_at)).one() is not None
    assert list(storage.list("versions")) == []
    assert len(list(storage.list("erasures"))) == 1
