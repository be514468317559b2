"""The same state gives the same bytes: whatever machine, locale, time zone, hash seed and order on the disk."""

import json
import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.core.storage_local import LocalStorage
from tests.conftest import raw
from tests.faults.site_of_versions import expected_hash, lay_out

MAKE = """
import json, sys
from pathlib import Path
from app.core.database import make_engine, make_sessions
from app.core.settings import Settings
from app.core.storage_local import LocalStorage
from tests.faults.site_of_versions import Site, expected_hash
url, folder, version = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
site = Site(url, folder, make_sessions(make_engine(url, Settings(data=folder))), version)
storage = LocalStorage(folder / "files")
name = expected_hash(site, storage)
print(json.dumps([name, sorted(storage.list())]))
"""
MACHINES = (
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"},
    {"PYTHONHASHSEED": "1234", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "PYTHONUTF8": "0"},
)


def test_every_machine_makes_the_same_files(
    own_database: str, own_sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    # R14
    site = lay_out(own_database, tmp_path, own_sessions, count=24)
    here = LocalStorage(tmp_path / "here")
    first = [expected_hash(site, here), sorted(here.list())]
    for number, machine in enumerate(MACHINES):
        with own_sessions.begin() as session:  # the rows change their places on the disk
            session.execute(
                text("UPDATE submissions SET decided_at = decided_at WHERE id % 3 = :rest"), {"rest": number}
            )
        with raw(own_database) as connection:
            connection.execute("CLUSTER submissions USING ix_submissions_prompt_id" if number else "VACUUM FULL")
        folder = tmp_path / str(number)
        folder.mkdir()
        command = [sys.executable, "-c", MAKE, own_database, str(folder), str(site.version_id)]
        root = Path(__file__).parents[3]
        made = subprocess.run(command, env=os.environ | machine, cwd=root, capture_output=True, text=True, timeout=60)
        assert made.returncode == 0, made.stderr
        assert json.loads(made.stdout.splitlines()[-1]) == first
