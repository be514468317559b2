"""Has anything that Penset is made of a known weakness? Asks pip-audit of every pinned package; needs a network.

A weakness that does not reach us is excepted in audit_exceptions.txt beside this file, with the day on which somebody
looks again and the reason. After that day it counts.
"""

import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PIP_AUDIT = ROOT / ".venv/audit/bin/pip-audit"
EXCEPTIONS = Path(__file__).with_name("audit_exceptions.txt")
LOCKS = (
    "requirements.txt", "requirements-dev.txt", "requirements-qlora.txt", "requirements-ray.txt",
    "requirements-train.txt", "requirements-uv.txt",
)  # fmt: skip
LONGEST = 300  # characters of a complaint, which names every hash of a package


def read_exceptions(lines: list[str], today: date) -> tuple[set[str], list[str]]:
    """The weaknesses that are excepted today, and what is wrong with the list."""
    excepted, wrong = set(), []
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        name, until, why = [*line.split(maxsplit=2), "", "", ""][:3]
        try:
            last = date.fromisoformat(until)
        except ValueError:
            wrong.append(f"{name}: write an id, the last day as 2026-12-31, and a reason.")
            continue
        if not why:
            wrong.append(f"{name}: write why it does not reach us.")
        elif last < today:
            wrong.append(f"{name}: the exception ended on {until}. Look again.")
        else:
            excepted.add(name)
    return excepted, wrong


def weaknesses(packages: list[dict[str, Any]], excepted: set[str]) -> list[str]:
    """What pip-audit found, but for the exceptions. A package that it could not look up counts too."""
    found = []
    for package in packages:
        if "skip_reason" in package:
            found.append(f"{package['name']} was not looked up: {package['skip_reason']}")
        for weakness in package.get("vulns", []):
            if not {weakness["id"], *weakness["aliases"]} & excepted:
                mended = ", ".join(weakness["fix_versions"]) or "nothing yet"
                found.append(f"{package['name']} {package['version']}: {weakness['id']}, mended in {mended}")
    return found


def ask(lock: Path) -> list[dict[str, Any]]:
    """What pip-audit knows of the packages of this list: versions as they are pinned, nothing installed."""
    command = [str(PIP_AUDIT), "--disable-pip", "--no-deps", "--progress-spinner=off", "--format=json", "-r", str(lock)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout:
        said = " ".join(done.stderr.strip().splitlines()[-1:])
        sys.exit(f"pip-audit could not ask of {lock}: {said[:LONGEST]}")
    found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    return found


def ask_of_everything() -> list[dict[str, Any]]:
    """The locks, and torch, which has none: the Makefile pins its version. A package is told once a version.

    Each lock by itself: two of them may hold a package in two versions, which pip-audit refuses in one question.
    """
    (torch,) = re.findall(r"^TORCH = (torch==\S+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    with NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(torch)
        file.flush()
        told = [package for lock in (*LOCKS, file.name) for package in ask(ROOT / lock)]
    return list({(package["name"], package.get("version")): package for package in told}.values())


def main() -> None:
    """Ask, and say what was found; exit 1 where there is anything."""
    excepted, wrong = read_exceptions(EXCEPTIONS.read_text("utf-8").splitlines(), datetime.now(UTC).date())
    packages = ask_of_everything()
    wrong += weaknesses(packages, excepted)
    print("\n".join(wrong) or f"{len(packages)} packages, no known weakness.")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
