"""What Penset is made of is pinned, and it says how to report a weakness."""

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scripts import audit

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


WEAK = {"id": "GHSA-aaaa-bbbb-cccc", "aliases": ["CVE-2026-1"], "fix_versions": ["1.1"]}
FOUND: list[dict[str, Any]] = [
    {"name": "sound", "version": "1.0", "vulns": []},
    {"name": "weak", "version": "1.0", "vulns": [WEAK]},
    {"name": "unknown", "version": "1.0", "skip_reason": "not found"},
]


def test_a_known_weakness_is_found_and_so_is_what_could_not_be_looked_up() -> None:  # S104
    unknown = "unknown was not looked up: not found"
    assert audit.weaknesses(FOUND, set()) == ["weak 1.0: GHSA-aaaa-bbbb-cccc, mended in 1.1", unknown]
    for name in ("GHSA-aaaa-bbbb-cccc", "CVE-2026-1"):
        assert audit.weaknesses(FOUND, {name}) == [unknown]


# Stands in for pip-audit, which needs a network. As that does, it refuses a package that it is given in two versions.
LOOKS_UP = """#!{python}
import json, pathlib, re, sys
found = {{}}
for before, file in zip(sys.argv, sys.argv[1:]):
    if before == "-r":
        for name, version in re.findall(r"^([a-z][^=\\[]*)\\S*==(\\S+)", pathlib.Path(file).read_text(), re.M):
            if found.setdefault(name, version) != version:
                sys.exit(f"package {{name}} has duplicate requirements")
print(json.dumps({{"dependencies": [{{"name": name, "version": found[name], "vulns": []}} for name in found]}}))
"""


def test_a_package_that_two_locks_hold_in_two_versions_is_looked_up_in_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # S104
    pip_audit = tmp_path / "pip-audit"
    pip_audit.write_text(LOOKS_UP.format(python=sys.executable), "utf-8")
    pip_audit.chmod(0o700)
    for name, pins in (("a.txt", "shared==1.0\nboth==2.0\n"), ("b.txt", "shared==1.1\nboth==2.0\n")):
        (tmp_path / name).write_text(pins, "utf-8")
    monkeypatch.setattr(audit, "PIP_AUDIT", pip_audit)
    monkeypatch.setattr(audit, "LOCKS", (str(tmp_path / "a.txt"), str(tmp_path / "b.txt")))
    found = [(package["name"], package["version"]) for package in audit.ask_of_everything()]
    assert found[:3] == [("shared", "1.0"), ("both", "2.0"), ("shared", "1.1")]
    assert [name for name, _ in found[3:]] == ["torch"]


def test_an_exception_has_a_last_day_and_a_reason() -> None:  # S104
    lines = [
        "# a remark",
        "",
        "CVE-2026-1 2026-12-31 Only its server is affected.",
        "CVE-2026-2 2026-01-31 Only its server was affected.",
        "CVE-2026-3 2026-12-31",
        "CVE-2026-4 soon Only its server is affected.",
        "CVE-2026-5",
    ]
    excepted, wrong = audit.read_exceptions(lines, date(2026, 12, 31))
    assert excepted == {"CVE-2026-1"}
    assert [one.split(":")[0] for one in wrong] == [f"CVE-2026-{number}" for number in (2, 3, 4, 5)]


def test_every_lock_is_audited_and_the_exceptions_can_be_read() -> None:  # S104
    assert {lock.name for lock in LOCKS} == {*audit.LOCKS, "requirements-audit.txt"}
    assert audit.read_exceptions(audit.EXCEPTIONS.read_text("utf-8").splitlines(), date(2000, 1, 1))[1] == []


def test_the_inventory_names_every_package_that_is_installed_or_shipped() -> None:  # S104
    made = [
        subprocess.run([sys.executable, ROOT / "scripts/sbom.py"], capture_output=True, check=True).stdout
        for _ in range(2)
    ]
    assert made[0] == made[1]
    found = json.loads(made[0])
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
    addresses = [one["purl"] for one in found["components"]]
    assert len(addresses) == len(set(addresses))
    names = {one["name"] for one in found["components"]}
    for lock in ("requirements.txt", "requirements-train.txt"):
        assert names >= {
            line.split("==")[0].split("[")[0]
            for line in (ROOT / lock).read_text("utf-8").splitlines()
            if line[0].isalpha()
        }
    assert {"torch", "htmx.org"} <= names
    assert {one["name"]: one["version"] for one in found["components"]}["htmx.org"] == "4.0.1"


def test_the_project_says_how_to_report_and_what_it_sends_nowhere() -> None:  # S106
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    assert all(title in text for title in ("## Reporting", "## Supported", "## Out of scope"))
    assert "No telemetry" in text
