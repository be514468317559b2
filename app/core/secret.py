"""The installation's own secret, which signs cursors: made at first start, kept in the data folder, rotated."""

import os
import secrets
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from app.core.errors import StartRefused

SECRET_CHARACTERS = 32
SECRET_VARIETY = 12
OLD_SECRET_SECONDS = 24 * 60 * 60
Seen = tuple[int, int, int]  # inode, nanoseconds of the last change, size


def is_a_real_secret(value: str) -> bool:
    """Whether a secret can be random: long enough, and not a word or a row of few characters."""
    return len(value) >= SECRET_CHARACTERS and len(set(value)) >= SECRET_VARIETY


def stored_secrets(folder: Path) -> list[bytes]:
    """The installation's secret, made at first start, and for a day the one that it replaced."""
    path, before = folder / "secret", folder / "secret.old"
    found, old = _seen(path), _seen(before)
    if found is None:
        _write_secret(path)
        found = _seen(path)
    keys = [_read_secret(path, found)]
    if old is not None and time.time() - old[1] / 1e9 < OLD_SECRET_SECONDS:
        keys.append(_read_secret(before, old))
    return keys


def _seen(path: Path) -> Seen | None:
    """What tells a file from the one that takes its place, and from what it was; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def rotate_secret(folder: Path) -> None:
    """Replace the secret; the old one is accepted for a day. Killed at any line, there is a whole one."""
    now = stored_secrets(folder)[0].decode()
    _draft(folder, now).replace(folder / "secret.old")
    _draft(folder, secrets.token_urlsafe(32)).replace(folder / "secret")


def _write_secret(path: Path) -> None:
    """Make the secret, with mode 0600. Two starts at once agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path.parent, secrets.token_urlsafe(32))
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()


def _draft(folder: Path, value: str) -> Path:
    draft = folder / f".secret-{secrets.token_hex(4)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(value)
        file.flush()
        os.fsync(descriptor)
    return draft


@lru_cache(maxsize=8)
def _read_secret(path: Path, _seen: Seen | None) -> bytes:
    """Read once, since every page of a list signs a cursor; anew where there is another file."""
    value = path.read_text()
    if not is_a_real_secret(value):
        raise StartRefused(f"{path} is empty or damaged: put it back from a backup, or remove it and a new one is made")
    return value.encode()
