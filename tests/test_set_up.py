"""The commands set up what the lock files name, and the lock files name no machine."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.chromium import NAMES

ROOT = Path(__file__).parents[1]
LOCKS = [
    "requirements-uv.txt", "requirements.txt", "requirements-dev.txt", "requirements-train.txt", "requirements-ray.txt",
    "requirements-qlora.txt",
]  # fmt: skip
PIN = re.compile(r"[a-z0-9._-]+==\S+( ; [^\\]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def pins(name: str) -> dict[str, str]:
    """Package and version, of each package in a lock file."""
    found = re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE)
    return dict(found)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_holds_versions_and_hashes_and_nothing_else(name: str) -> None:
    wrong = [
        line for line in (ROOT / name).read_text().splitlines() if not PIN.fullmatch(line) and not HASH.fullmatch(line)
    ]
    assert wrong == []


def test_every_pin_of_the_project_is_the_locked_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [
        *[("requirements.txt", one) for one in project["project"]["dependencies"]],
        *[("requirements-train.txt", one) for one in project["project"]["optional-dependencies"]["train"]],
        *[("requirements-ray.txt", one) for one in project["project"]["optional-dependencies"]["ray"]],
        *[("requirements-qlora.txt", one) for one in project["project"]["optional-dependencies"]["qlora"]],
        *[("requirements-dev.txt", one) for one in project["dependency-groups"]["dev"]],
        *[("requirements-uv.txt", one) for one in project["dependency-groups"]["setup"]],
    ]
    for lock, one in wanted:
        name, version = re.match(r"([a-z0-9._-]+)(?:\[\w+\])?(?:==(\S+))?", one).groups()  # type: ignore[union-attr]
        if name != "torch":  # differs by machine, see the Makefile
            assert version in (None, pins(lock)[name]), one


def test_the_files_agree_where_they_name_the_same_package() -> None:
    first = pins("requirements.txt")
    for name in LOCKS[2:]:
        both = first.keys() & pins(name).keys()
        assert {package: first[package] for package in both} == {package: pins(name)[package] for package in both}
    trains, clusters = pins("requirements-train.txt"), pins("requirements-ray.txt")
    assert {name for name in trains.keys() & clusters.keys() if trains[name] != clusters[name]} == set()


def test_torch_and_its_companions_are_left_to_the_machine() -> None:
    assert not [name for name in pins("requirements-train.txt") if re.match("torch$|nvidia-|cuda-|triton$", name)]


def test_ci_runs_what_everybody_runs() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[-1] == "exec make test"


def run(script: str, *arguments: str, path: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A set-up script's answer as that of an ordinary user would be, with this PATH."""
    command = ["/bin/sh", str(ROOT / "scripts" / script), *arguments]
    return subprocess.run(command, env={"PATH": path, **environment}, capture_output=True, text=True, check=False)


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH of one folder in which `id` says that we are an ordinary user."""
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    return tmp_path


def test_a_missing_python_is_named(tools: Path) -> None:
    answer = run("ensure_python.sh", "python9", path=str(tools))
    assert answer.returncode == 1
    assert "There is no python9 here" in answer.stderr


def test_a_python_that_will_do_is_no_news(tools: Path) -> None:
    answer = run("ensure_python.sh", sys.executable, path=str(tools))
    assert (answer.returncode, answer.stdout + answer.stderr) == (0, "")


def test_a_python_without_venv_is_told_the_command_that_brings_it(tools: Path) -> None:
    bare = tools / "python3"
    bare.write_text(f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"\n')
    bare.chmod(0o755)
    answer = run("ensure_python.sh", "python3", path=str(tools))
    assert answer.returncode == 1
    assert f"sudo apt-get install python3.{sys.version_info.minor}-venv" in answer.stderr


def test_a_wrong_browser_is_refused_by_name(tools: Path) -> None:
    answer = run("ensure_chromium.sh", path=str(tools), CHROMIUM="/nowhere/chromium")
    assert answer.returncode == 1
    assert "/nowhere/chromium" in answer.stderr


@pytest.mark.skipif(any(Path("/usr/bin", name).exists() for name in NAMES), reason="this machine has one")
@pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
def test_without_a_browser_the_command_is_told_and_only_ci_fails(tools: Path, ci: str, status: int) -> None:
    answer = run("ensure_chromium.sh", path=str(tools), CI=ci)
    assert answer.returncode == status
    assert "sudo apt-get install --no-install-recommends chromium-headless-shell fonts-liberation" in answer.stderr
