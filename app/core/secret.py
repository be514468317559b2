"""The installation's own secret, which signs cursors: made at first start, kept in the data folder, rotated."""

import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

from app.core.errors import StartRefused

SECRET_CHARACTERS = 32
SECRET_VARIETY = 12
OLD_SECRET_SECONDS = 24 * 60 * 60


def is_a_real_secret(value: str) -> bool:
    """Whether a secret can be random: long enough, and not a word or a row of few characters."""
    return len(value) >= SECRET_CHARACTERS and len(set(value)) >= SECRET_VARIETY


def stored_secrets(folder: Path) -> list[bytes]:
    """The installation's secret, made at first start, and for a day the one that it replaced."""
    path, before = folder / "secret", folder / "secret.old"
    if not path.exists():
        _write_secret(path)
    keys = [_read_secret(path)]
    if before.exists() and time.time() - before.stat().st_mtime < OLD_SECRET_SECONDS:
        keys.append(_read_secret(before))
    return keys


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


def _read_secret(path: Path) -> bytes:
    value = path.read_text()
    if not is_a_real_secret(value):
        raise StartRefused(f"{path} is empty or damaged: put it back from a backup, or remove it and a new one is made")
    return value.encode()
