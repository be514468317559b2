"""Whether runs can be trained is asked of an interpreter that learns nothing of ours."""

import stat
from pathlib import Path

import pytest

from app.training.fit import of_interpreter

ANSWERS = """#!/bin/sh
env > "$(dirname "$0")/told"
echo '{"missing": [], "gpus": 0}'
"""


def test_the_interpreter_that_is_asked_is_told_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text(ANSWERS, "utf-8")
    python.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PENSET_DATABASE_URL", "postgresql://penset:of-the-database@db/penset")
    assert of_interpreter(str(python), 1) == []
    told = (tmp_path / "told").read_text("utf-8")
    assert "PATH=" in told
    assert "of-the-database" not in told
