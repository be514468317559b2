"""A Python that has loaded the training libraries already: `-m MODULE WORDS` begins at once, for tests that start many.

Whoever starts it has a process of its own (quick_relay.py); what it asks for is done by a fork of a process that has
the libraries and no more, in that folder, with those variables and files. One that is killed is killed here as well.

That process is forked from pytest when the tests are collected: what they import is loaded once for both, and nothing
has begun yet that a fork would not survive.
"""

import gc
import json
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import tempfile
import traceback
import warnings
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from select import select

from tests.forked import ROOT, become

FORKS = multiprocessing.get_context("fork")
LOADED = ("app.training.worker.sft", "app.training.worker.policy", "app.training.worker.reward")
# As the worker sets them before it imports; and one thread does the work, as no fork has the others.
VARIABLES = {
    "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "0", "OMP_NUM_THREADS": "1",
}  # fmt: skip


def quick_python() -> str:
    """The path of such a Python. What pytest has not imported is loaded while the first who starts it waits."""
    folder = Path(tempfile.mkdtemp(prefix="penset-python-"))
    program, address = folder / "python", folder / "socket"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -IS {ROOT}/tests/quick_relay.py {address} "$@"\n', "utf-8")
    program.chmod(0o755)
    ends, held = os.pipe()  # what is held here is closed as this process ends
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(address))
        listener.listen()
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # of idle threads
            child = os.fork()
        if not child:
            os.close(held)
            try:
                settle(folder)
                serve(listener, ends)
                shutil.rmtree(folder)
            except Exception:  # said in the log, which the next who asks is shown
                traceback.print_exc()
            finally:
                os._exit(0)
    os.close(ends)
    return str(program)


def settle(folder: Path) -> None:
    """Have nothing more of pytest: neither what it makes of warnings nor where it keeps what is said."""
    warnings.resetwarnings()
    os.environ.update(VARIABLES | {"HF_HOME": str(folder / "home")})
    with (folder / "log").open("ab") as log, Path(os.devnull).open("rb") as nothing:
        take([nothing.fileno(), log.fileno(), log.fileno()])


def take(files: list[int]) -> None:
    """Read and write these from now on."""
    for number, file in enumerate(files):
        os.dup2(file, number)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(at, how, closefd=False) for at, how in enumerate("rww"))


def serve(listener: socket.socket, ends: int) -> None:
    """Load the libraries for the first who asks, and fork for each, until the tests end."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who watch
    while ends not in select([listener.fileno(), ends], [], [])[0]:
        line, _ = listener.accept()
        for name in LOADED:
            import_module(name)
        import_module("torch").set_num_threads(1)  # pytest may have loaded it for all cores
        gc.freeze()
        if not os.fork():
            listener.close()
            watch(line)
        line.close()


def watch(line: socket.socket) -> None:
    """Fork what was asked for, send it the signals that come, and tell how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    said, files, *_ = socket.recv_fds(line, 1 << 20, 3)
    child = FORKS.Process(target=begin, args=[line, files, json.loads(said)])
    child.start()
    while child.sentinel not in select([line.fileno(), child.sentinel], [], [])[0]:
        told = line.recv(1)
        os.kill(child.pid or 0, told[0] if told else signal.SIGKILL)
    child.join()
    with suppress(OSError):  # who asked was killed
        line.send(b"%d" % (child.exitcode or 0))
    os._exit(0)


def begin(line: socket.socket, files: list[int], asked: tuple[list[str], str, dict[str, str]]) -> None:
    """Be what was asked for."""
    line.close()
    take(files)
    for file in files:
        os.close(file)
    become(*asked)
