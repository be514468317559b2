"""The same state gives the same bytes: whatever machine, locale, time zone, hash seed and order on the disk."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from app.core.storage_local import LocalStorage
from tests.conftest import raw
from tests.faults.site_of_versions import Site, expected_hash, lay_out

MAKE = """
import json, locale, sys, time
from pathlib import Path
from app.core.database import make_engine, make_sessions
from app.core.settings import Settings
from app.core.storage_local import LocalStorage
from tests.faults.site_of_versions import Site, expected_hash
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass  # this machine does not know it: nor do its libraries then
url, folder, version = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
site = Site(url, folder, make_sessions(make_engine(url, Settings(data=folder))), version)
storage = LocalStorage(folder / "files")
name = expected_hash(site, storage)
surroundings = [locale.localeconv()["decimal_point"], sys.getfilesystemencoding(), time.tzname[0]]
print(json.dumps([surroundings, [name, sorted(storage.list())]]))
"""
PLAIN = {"PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}  # else Python takes UTF-8 for what a machine says
MACHINES = (
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC", **PLAIN},
    {"PYTHONHASHSEED": "1", "LC_ALL": "", "LANG": "C.UTF-8", "TZ": "Pacific/Kiritimati", **PLAIN},
    {"PYTHONHASHSEED": "1234", "LC_ALL": "tr_TR.UTF-8", "LANG": "C", "TZ": "Asia/Kathmandu", **PLAIN},
    {"PYTHONHASHSEED": "4321", "LC_ALL": "de_DE.ISO-8859-1", "LANG": "tr_TR.UTF-8", "TZ": "America/St_Johns", **PLAIN},
)
COLLATIONS = ("C", "tr-x-icu", "de-x-icu", "und-x-icu")
NAMES = ("Zoo", "zoo", "Ätzend", "apple", "Izmir", "izmir", "İzmir", "ızmir")
TOLD_APART = "Das kostet 1.234,5 €, İ ı I i, ß ẞ ss, e\u0301 é, \u2028 𝔘"
# Of every table that a version is made of a column that a row can be given anew, so that it changes its place.
MOVABLE = {
    "submissions": "decided_at", "prompts": "language", "revisions": "created_at", "reviews": "created_at",
    "memberships": "role", "categories": "target", "guidelines": "made_at", "users": "name",
}  # fmt: skip


def more_telling(url: str) -> None:
    """Categories, sources, licences and tags that languages put in different orders."""
    with raw(url) as connection:
        connection.execute(
            "INSERT INTO categories (project_id, name, description, target, approved) "
            "SELECT p.id, n, '', 0, 0 FROM projects p, unnest(%s::text[]) n",
            [list(NAMES)],
        )
        connection.execute(
            "UPDATE prompts SET source = (%s::text[])[1 + id %% 8], licence = (%s::text[])[1 + id %% 3], category_id = "
            "(SELECT id FROM categories c WHERE c.project_id = prompts.project_id "
            "AND name = (%s::text[])[1 + prompts.id %% 8])",
            [list(NAMES), ["MIT", "mit", "İTÜ"], list(NAMES)],
        )
        connection.execute(
            "UPDATE submissions s SET category_id = p.category_id FROM prompts p WHERE p.id = s.prompt_id"
        )


def move_rows(url: str, nth: int) -> None:
    """Let the rows of every table change their places on the disk, and names be compared as another language does."""
    with raw(url) as connection:
        for table, column in MOVABLE.items():
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")  # history, too: it stays what it is
            key = "user_id" if table == "memberships" else "id"
            for rest in ((nth + 1) % 3, nth % 3):
                connection.execute(f"UPDATE {table} SET {column} = {column} WHERE {key} % 3 = {rest}")
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        connection.execute(
            "CLUSTER submissions USING ix_submissions_prompt_id" if nth % 2 else "VACUUM FULL submissions, prompts"
        )
        found = "SELECT 1 FROM pg_collation WHERE collname = %s"
        if connection.execute(found, [COLLATIONS[nth]]).fetchone():
            for table, column in (("categories", "name"), ("memberships", "pseudonym")):
                connection.execute(f'ALTER TABLE {table} ALTER COLUMN {column} TYPE text COLLATE "{COLLATIONS[nth]}"')


def locales(folder: Path) -> dict[str, str]:
    """Where the machines find their locales: made here, where the system can make them."""
    if shutil.which("localedef"):
        for name in ("tr_TR.UTF-8", "de_DE.ISO-8859-1"):
            language, charset = name.split(".")
            command = ["localedef", "-c", "-i", language, "-f", charset, str(folder / name)]
            subprocess.run(command, capture_output=True, timeout=60, check=False)
    return {"LOCPATH": str(folder)} if any(folder.iterdir()) else {}


def test_every_machine_makes_the_same_files(
    own_database: str, own_sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    # R14
    site = lay_out(own_database, tmp_path, own_sessions, count=24, words=TOLD_APART)
    more_telling(own_database)
    here, made_here = LocalStorage(tmp_path / "here"), tmp_path / "locales"
    made_here.mkdir()
    first = [expected_hash(site, here), sorted(here.list())]
    known, told = locales(made_here), []
    for number, machine in enumerate(MACHINES):
        move_rows(own_database, number)
        surroundings, made = made_by(site, tmp_path / str(number), machine | known)
        told.append(surroundings)
        assert made == first, machine
    assert [zone for _, _, zone in told] == ["UTC", "+14", "+0545", "NST"]
    if len(list(made_here.iterdir())) == 2:
        assert [point for point, _, _ in told] == [".", ".", ",", ","], "each machine lives in its own locale"
    assert told[0][1] != "utf-8"


def made_by(site: Site, folder: Path, machine: dict[str, str]) -> tuple[list[str], list[object]]:
    """In what a process of this machine lives, and which files it makes."""
    folder.mkdir()
    command = [sys.executable, "-c", MAKE, site.url, str(folder), str(site.version_id)]
    root = Path(__file__).parents[3]
    made = subprocess.run(
        command, env=os.environ | machine, cwd=root, capture_output=True, encoding="utf-8", timeout=60
    )
    assert made.returncode == 0, made.stderr
    surroundings, files = json.loads(made.stdout.splitlines()[-1])
    return surroundings, files
