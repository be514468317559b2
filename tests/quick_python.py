"""A Python that has loaded the training libraries already: `-m MODULE WORDS` begins at once, for tests that start many.

Whoever starts it has a process of its own (quick_relay.py); what it asks for is done by a fork of a process that has
imported the libraries and nothing else, in that folder, with those variables and files. One that is killed is killed
here as well.
"""

import gc
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from select import select

from tests.forked import ROOT, become

LOADED = ("app.training.worker.sft", "app.training.worker.policy", "app.training.worker.reward")
# As the worker sets them before it imports; and no thread is begun that a fork would not have.
VARIABLES = {
    "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "0", "OMP_NUM_THREADS": "1",
}  # fmt: skip


@contextmanager
def quick_python(folder: Path) -> Iterator[str]:
    """The path of such a Python. Its libraries are loaded while the first who starts it waits."""
    program, address = folder / "python", folder / "socket"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -IS {ROOT}/tests/quick_relay.py {address} "$@"\n', "utf-8")
    program.chmod(0o755)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener, (folder / "log").open("wb") as log:
        listener.bind(str(address))
        listener.listen()
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.quick_python", str(listener.fileno())], cwd=ROOT,
            env=os.environ | VARIABLES | {"HF_HOME": str(folder / "home")}, stdin=subprocess.PIPE, stdout=log,
            stderr=log, pass_fds=[listener.fileno()],
        )  # fmt: skip
    with server:
        yield str(program)


def serve(listener: socket.socket) -> None:
    """Load the libraries, then fork for each who asks, until stdin is closed as the tests end."""
    for name in LOADED:
        import_module(name)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who watch
    while sys.stdin not in select([listener, sys.stdin], [], [])[0]:
        line, _ = listener.accept()
        if not os.fork():
            listener.close()
            return watch(line)
        line.close()
    return None


def watch(line: socket.socket) -> None:
    """Fork what was asked for, send it the signals that come, and tell how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    said, files, *_ = socket.recv_fds(line, 1 << 20, 3)
    if not (child := os.fork()):
        line.close()
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        return become(*json.loads(said))
    ended = os.pidfd_open(child)
    while ended not in select([line.fileno(), ended], [], [])[0]:
        told = line.recv(1)
        os.kill(child, told[0] if told else signal.SIGKILL)
    with suppress(OSError):  # who asked was killed
        line.send(b"%d" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    os._exit(0)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
