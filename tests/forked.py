"""Processes of Penset that begin at once: `python -m MODULE WORDS`, forked from one that has imported Penset already.

Of a process that lives for a second, most is spent on imports, and the tests begin hundreds.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["app.client.commands", "app.client.penset", "app.core.worker", "app.main", "tests.factories"]
)


class Forked:
    """Such a process, as `subprocess.Popen` shows one. What it says goes to the ends of these files."""

    def __init__(
        self, module: str, *words: str, out: Path, err: Path | None = None, typed: Path | None = None,
        folder: Path = ROOT, variables: Mapping[str, str] = os.environ,
    ) -> None:  # fmt: skip
        files = (typed or Path(os.devnull), out, err or out)
        asked = ([module, *words], [str(file) for file in files], str(folder), dict(variables))
        self.process: ForkServerProcess = FORKS.Process(target=_become, args=asked)
        self.process.start()
        assert self.process.pid
        self.pid = self.process.pid

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self.process.exitcode

    def wait(self, seconds: float | None = None) -> int:
        """Its exit code, when it has ended."""
        self.process.join(seconds)
        if self.process.exitcode is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", seconds or 0)
        return self.process.exitcode

    def send_signal(self, signal: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signal)

    def terminate(self) -> None:
        """SIGTERM."""
        self.process.terminate()

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()


def run(
    module: str, *words: str, typed: str = "", folder: Path = ROOT, variables: Mapping[str, str] = os.environ,
    seconds: float = 120,
) -> CompletedProcess[str]:  # fmt: skip
    """Run `python -m MODULE WORDS` to its end: what it printed, and its exit code."""
    with TemporaryDirectory() as made:
        desk = Path(made)
        (desk / "in").write_text(typed)
        streams = {"typed": desk / "in", "out": desk / "out", "err": desk / "err"}
        process = Forked(module, *words, folder=folder, variables=variables, **streams)
        try:
            code = process.wait(seconds)
        finally:
            process.kill()
        return CompletedProcess([module, *words], code, streams["out"].read_text(), streams["err"].read_text())


def become(words: list[str], folder: str, variables: dict[str, str]) -> None:
    """Be `python -m WORDS` in this folder, with these variables."""
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    sys.argv = words
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


def _become(words: list[str], files: list[str], folder: str, variables: dict[str, str]) -> None:
    for number, file in enumerate(files):
        opened = os.open(file, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, closefd=False)
    become(words, folder, variables)
