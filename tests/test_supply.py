"""What Penset is made of is pinned, and it says how to report a weakness."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = sorted(ROOT.glob("requirements*.txt"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_dependency_is_pinned_with_its_hash(lock: Path) -> None:  # S104
    pinned = re.split(r"\n(?=[a-z])", lock.read_text("utf-8").strip())
    assert pinned
    for requirement in pinned:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==", requirement), requirement[:60]
        assert "--hash=sha256:" in requirement, requirement[:60]


def test_a_changed_hash_is_not_installed(tmp_path: Path) -> None:  # S104
    package = tmp_path / "colours-1.0-py3-none-any.whl"
    package.write_bytes(b"not what was promised")
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"colours==1.0 --hash=sha256:{'0' * 64}\n", "utf-8")
    command = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--dry-run", "--require-hashes"]
    done = subprocess.run(
        [*command, "--find-links", str(tmp_path), "-r", str(lock)], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "HASHES" in done.stderr


def test_the_project_says_how_to_report_and_what_it_sends_nowhere() -> None:  # S106
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    assert all(title in text for title in ("## Reporting", "## Supported", "## Out of scope"))
    assert "No telemetry" in text
