"""`python -m app.training.generator FOLDER`: the one process of this machine that holds a model for the playground."""

import argparse
import asyncio
import fcntl
import os
import resource
import sys
import traceback
from pathlib import Path

from app.training.generator.desk import Left, Speak, Tell, serve
from app.training.generator.protocol import BUSY_CODE, NO_LIBRARIES, SOCKET, Ask
from app.training.worker.__main__ import OFFLINE, PATIENT, one_gpu

QUIET = {"HF_HUB_DISABLE_PROGRESS_BARS": "1"}  # nobody watches the log


def main(folder: Path, socket: Path, idle_seconds: float, memory_mb: int) -> int:
    """Answer asks until nobody has asked for so long. BUSY_CODE where another process does so in this folder."""
    os.umask(0o077)
    with (folder / "generator.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return BUSY_CODE
        os.environ.update(OFFLINE | PATIENT | QUIET | one_gpu())
        limit_memory(memory_mb)
        socket.unlink(missing_ok=True)  # one that a killed process left: the lock is ours, so nobody listens
        asyncio.run(serve(socket, speaking(memory_mb), idle_seconds))
        socket.unlink(missing_ok=True)
    return 0


def limit_memory(megabytes: int) -> None:
    """Let the system refuse this process more memory of its own than so much; 0: no limit.

    RLIMIT_DATA counts what is mapped for itself alone and writable (setrlimit(2)): so torch maps a model's files, too.
    """
    if megabytes:
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))


def speaking(memory_mb: int) -> Speak:
    """What answers an ask. The libraries are loaded with the first: a process that nobody asks costs nothing."""
    loaded: list[Speak] = []

    def speak(ask: Ask, tell: Tell, left: Left) -> None:
        if not loaded:
            tell({"kind": "loading", "side": ask.sides[0].name})
            try:
                from app.training.generator.speaker import Speaker
            except ImportError:
                traceback.print_exc()
                tell({"kind": "failed", "code": "no_libraries", "sentence": NO_LIBRARIES})
                return
            loaded.append(Speaker(memory_mb))
        loaded[0](ask, tell, left)

    return speak


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m app.training.generator", description="Answer for the playground.")
    parser.add_argument("folder", type=Path, help="where its lock lies, and its socket")
    parser.add_argument("--socket", type=Path, help="the socket, where the folder's path is too long for one")
    parser.add_argument("--idle", type=float, default=300, metavar="SECONDS", help="end when nobody asks for so long")
    parser.add_argument("--memory-mb", type=int, default=0, help="memory that it may take; 0: any")
    asked = parser.parse_args()
    sys.exit(main(asked.folder, asked.socket or asked.folder / SOCKET, asked.idle, asked.memory_mb))
