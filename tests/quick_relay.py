"""`quick_relay.py ADDRESS -m MODULE WORDS`: lets a process that has the libraries do what this one was started for.

It hands on signals, and ends as that ends. Of the standard library alone, since each start pays for it.
"""

import json
import os
import signal
import socket
import sys
from pathlib import Path


def main(address: str, words: list[str]) -> int:
    """The exit code, where it was no signal."""
    if "-m" not in words[:2]:
        os.execv(sys.executable, [sys.executable, *words])  # noqa: S606 - it was started without one
    asked = [words[words.index("-m") + 1 :], str(Path.cwd()), dict(os.environ)]
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
        line.connect(address)

        def hand_on(number: int, _: object) -> None:
            line.send(bytes([number]))

        socket.send_fds(line, [json.dumps(asked).encode()], [0, 1, 2])
        signal.signal(signal.SIGTERM, hand_on)
        told = line.recv(16)
    if not told:
        raise SystemExit(f"The process that has the libraries is gone: {Path(address).with_name('log').read_text()}")
    code = int(told)
    if code < 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
