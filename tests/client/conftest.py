"""A real site, tokens for it, and the command `penset` as a person types it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE

import pytest

from tests.browser.site import Site, serving
from tests.client.made import token_of
from tests.forked import run

SCOPES = (
    "datasets:read",
    "datasets:publish",
    "projects:read",
    "prompts:read",
    "prompts:write",
    "submissions:read",
    "runs:read",
    "runs:write",
)


@dataclass(frozen=True)
class Shell:
    """Where somebody types commands: a folder, and a home in which a login may be kept."""

    folder: Path
    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    def begin(self, *words: str) -> "subprocess.Popen[str]":
        """Start `penset WORDS` and do not wait for it."""
        command = [sys.executable, "-m", "app.cli", *words]
        return subprocess.Popen(
            command, cwd=self.folder, env=self.surroundings(), text=True, stdin=PIPE, stdout=PIPE, stderr=PIPE
        )

    def run(self, *words: str, typed: str = "", code: int = 0) -> str:
        """What `penset WORDS` prints. It must end with this exit code; refused, what it says on standard error."""
        done = run("app.cli", *words, typed=typed, folder=self.folder, variables=self.surroundings())
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stderr if code else done.stdout

    def surroundings(self) -> dict[str, str]:
        """The environment of a command."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PENSET_")}
        return clean | {"XDG_CONFIG_HOME": str(self.home)} | self.variables


@pytest.fixture
def site(own_database: str, tmp_path: Path) -> Iterator[Site]:
    """A project with people, on a live site of this test alone."""
    with serving(own_database, tmp_path / "site") as site:
        yield site


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell in which nobody is signed in."""
    (tmp_path / "desk").mkdir()
    return Shell(tmp_path / "desk", tmp_path / "home")


@pytest.fixture
def signed_in(site: Site, shell: Shell) -> Shell:
    """A shell that an administrator's token has signed in."""
    shell.run("login", site.address, typed=token_of(site, SCOPES) + "\n")
    return shell
