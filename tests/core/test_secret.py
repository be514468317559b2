"""The secret that signs is read once, and anew as soon as another one lies there."""

import time
from os import utime
from pathlib import Path

import pytest

from app.core.secret import OLD_SECRET_SECONDS, rotate_secret, stored_secrets


def test_a_process_that_has_read_the_secret_hears_of_its_rotation(tmp_path: Path) -> None:
    (first,) = stored_secrets(tmp_path)
    assert stored_secrets(tmp_path) == [first]
    rotate_secret(tmp_path)
    second, before = stored_secrets(tmp_path)
    assert (before, second != first) == (first, True)
    day_before = time.time() - OLD_SECRET_SECONDS - 1
    utime(tmp_path / "secret.old", (day_before, day_before))
    assert stored_secrets(tmp_path) == [second]


def test_what_is_read_once_is_not_opened_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = stored_secrets(tmp_path)
    monkeypatch.setattr(Path, "read_text", lambda self: pytest.fail("opened again"))
    assert stored_secrets(tmp_path) == kept
