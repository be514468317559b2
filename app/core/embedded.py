"""A real Postgres of our own in a folder: who starts it, who shares it, who stops it (decision 0001)."""

import fcntl
import os
import pwd
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil

from app.core.embedded_programs import LONGEST_SOCKET_PATH, CannotStart, account_for, locate, major_version, own, run

WAIT_SECONDS = 120  # a recovery after a crash may take a while; a server that hangs must not take us with it
PLAIN_PATH = re.compile(r"[A-Za-z0-9/_.-]+")  # a comma or a quote would mean something to libpq or to the server

# The superuser exists, but pg_ident maps nobody to it: it works in single-user mode alone, before the first start.
# The application's role owns its database and no superuser right; in daily work it steps down to penset_app.
FIRST_STATEMENTS = """\
create role penset login createdb createrole
create role penset_app nologin
grant penset_app to penset
create extension if not exists pg_trgm
create extension if not exists unaccent
create database penset owner penset
"""
FAST_BUT_LOSSY = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


@dataclass(frozen=True)
class Server:
    """Where one server lives, whose it is, and until when we wait for it (monotonic seconds)."""

    folder: Path
    account: pwd.struct_passwd
    programs: Path
    sockets: Path
    durable: bool
    deadline: float

    @property
    def data(self) -> Path:
        """The cluster's data folder."""
        return self.folder / "cluster"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of Postgres's programs as the server's account, inside the folder."""
        left = max(1.0, self.deadline - time.monotonic())
        run(self.account, self.folder, [str(self.programs / program), *arguments], seconds=left)

    def wait_a_moment(self, what: str) -> None:
        """Sleep for a blink, or give up once the deadline has passed."""
        if time.monotonic() > self.deadline:
            raise CannotStart(f"Gave up after {WAIT_SECONDS} s while waiting for {what} in {self.folder}.")
        time.sleep(0.05)


@contextmanager
def running(folder: Path, *, durable: bool = True) -> Iterator[str]:
    """Yield the SQLAlchemy URL of the folder's server, started or adopted. Whoever leaves last stops it.

    The URL's role is `penset`, owner of the database `penset`, over a Unix socket with peer authentication.
    `durable=False` trades safety for speed and is for tests only. Raises CannotStart with what to do about it.
    """
    folder = folder.resolve()
    account = account_for(folder)
    own(folder, account)
    deadline = time.monotonic() + WAIT_SECONDS
    server = Server(folder, account, locate(folder, account), socket_folder(folder, account), durable, deadline)
    with lock_file(server, "start.lock") as gate, lock_file(server, "users.lock") as users:
        take(gate, server)
        fcntl.flock(users, fcntl.LOCK_SH)  # the kernel drops it when we end, come what may
        try:
            start(server)
            fcntl.flock(gate, fcntl.LOCK_UN)
            yield f"postgresql+psycopg://penset@/penset?host={quote(str(server.sockets))}"
        finally:
            fcntl.flock(gate, fcntl.LOCK_EX)
            with suppress(BlockingIOError):  # somebody still uses it
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                stop(server)


def lock_file(server: Server, name: str) -> IO[str]:
    """An open file to lock. It belongs to the server's account, so that root leaves nothing that only root can open."""
    opened = (server.folder / name).open("a")
    if os.geteuid() == 0:
        os.fchown(opened.fileno(), server.account.pw_uid, server.account.pw_gid)
    return opened


def take(gate: IO[str], server: Server) -> None:
    """Lock the gate, and wait no longer than the deadline for whoever holds it."""
    while True:
        try:
            fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            server.wait_a_moment("another Penset that starts or stops the server")
        else:
            return


def socket_folder(folder: Path, account: pwd.struct_passwd) -> Path:
    """The folder of the server's socket: `run` below ours, or a short one named by a hash where that is too long."""
    sockets = folder / "run"
    longest = len(os.fsencode(sockets / ".s.PGSQL.5432"))
    if longest > LONGEST_SOCKET_PATH or not PLAIN_PATH.fullmatch(str(sockets)):
        name = f"penset-{sha256(os.fsencode(folder)).hexdigest()[:16]}"
        sockets = Path("/tmp") / name  # noqa: S108 (own() checks whose it is)
    own(sockets, account)
    return sockets


def start(server: Server) -> None:
    """Start the server, or adopt one that a killed process has left."""
    if not server.data.exists():
        create(server)
    check_version(server)
    while any(holds(process, server.data) for process in psutil.process_iter()):
        if answers(server):
            return
        server.wait_a_moment("a server that starts, recovers or ends")
    # No live postgres works in the folder: what is left of a killed one may name a stranger's process by now.
    (server.data / "postmaster.pid").unlink(missing_ok=True)
    (server.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
    write_access_rules(server)
    options = f"-c listen_addresses='' -c unix_socket_directories={server.sockets} -c unix_socket_permissions=0700"
    options += "" if server.durable else f" {FAST_BUT_LOSSY}"
    seconds = str(max(1, int(server.deadline - time.monotonic())))
    server.run("pg_ctl", "-D", "cluster", "start", "-w", "-t", seconds, "-l", "server.log", "-o", options)


def stop(server: Server) -> None:
    """Stop the server and wait for its last write. No error when it has already gone."""
    if any(holds(process, server.data) for process in psutil.process_iter()):
        command = ["-D", "cluster", "stop", "-w", "-t", str(WAIT_SECONDS), "-m", "fast"]
        run(server.account, server.folder, [str(server.programs / "pg_ctl"), *command], seconds=WAIT_SECONDS + 10)
    if server.sockets.parent != server.folder:
        with suppress(OSError):  # not empty: a killed server's socket, which the next start replaces
            server.sockets.rmdir()


def create(server: Server) -> None:
    """Make the cluster under another name and rename it when whole: a killed initdb leaves half of one."""
    for half in server.folder.glob("cluster.new.*"):
        shutil.rmtree(half, ignore_errors=True)  # a fresh name each time: the orphan of a killed parent may still write
    new = Path(tempfile.mkdtemp(prefix="cluster.new.", dir=server.folder))
    own(new, server.account)
    settings = ["-U", "penset_root", "-E", "UTF8", "--locale=C.UTF-8", "--auth=reject"]
    server.run("initdb", "-D", new.name, *settings, *([] if server.durable else ["--no-sync"]))
    with tempfile.TemporaryFile() as statements:
        statements.write(FIRST_STATEMENTS.encode())
        statements.seek(0)
        command = [str(server.programs / "postgres"), "--single", "-D", new.name, "-c", "exit_on_error=on", "template1"]
        run(server.account, server.folder, command, seconds=WAIT_SECONDS, stdin=statements)
    new.rename(server.data)
    sync_folder(server.folder)


def check_version(server: Server) -> None:
    """Refuse a cluster that another major version of Postgres has written."""
    found, ours = (server.data / "PG_VERSION").read_text().strip(), major_version(server.programs)
    if found != ours:
        raise CannotStart(
            f"{server.data} was written by PostgreSQL {found}, but this is PostgreSQL {ours}. Dump it with the programs"
            f" of {found} (PENSET_POSTGRES_BIN names their folder; pg_dump), move the folder away, and restore the dump"
            f" into a new one (pg_restore)."
        )


def write_access_rules(server: Server) -> None:
    """Let the server's account and root in through the socket, as the role `penset` and no other."""
    (server.data / "pg_hba.conf").write_text("local all penset peer map=penset\n")
    names = sorted({server.account.pw_name, "root"})
    (server.data / "pg_ident.conf").write_text("".join(f'penset "{name}" penset\n' for name in names))


def holds(process: psutil.Process, data: Path) -> bool:
    """Whether this is a live Postgres process that works in the data folder."""
    with suppress(psutil.Error):
        alive = process.status() != psutil.STATUS_ZOMBIE
        return alive and process.name() == "postgres" and process.cwd() == str(data)
    return False


def answers(server: Server) -> bool:
    """Whether the server accepts connections."""
    with suppress(CannotStart):
        server.run("pg_isready", "-q", "-t", "2", "-h", str(server.sockets))
        return True
    return False


def sync_folder(folder: Path) -> None:
    """Make a rename inside the folder last through a power cut."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
