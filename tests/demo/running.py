"""`penset demo` as people start it, with a database of its own."""

import json
import os
import signal
import socket
from pathlib import Path

import httpx2

from app.demo.people import kept_at
from tests.browser.site import free_port
from tests.conftest import settings_in
from tests.demo.shorter import VARIABLE
from tests.forked import Forked
from tests.waiting import wait_until

SERVES, BEGUN, PLAYING = "Ctrl+C stops it", "People, a project", "prompts proposed"


class Demo:
    """The command in a folder, on texts from another; each start is a process of its own."""

    def __init__(self, folder: Path, texts: Path) -> None:
        self.texts = texts
        self.settings, self.port, self.log = settings_in(folder), free_port(), folder.with_suffix(".log")
        self.process: Forked | None = None

    def start(self, *options: str, until: str) -> str:
        """Begin, and wait until it has said this. All that it said."""
        words = ("demo", "--model", "none", "--port", str(self.port), *options)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PENSET_")}
        environment |= {"PENSET_DATA": str(self.settings.data), VARIABLE: str(self.texts)}
        self.log.unlink(missing_ok=True)
        self.log.touch()
        self.process = Forked("tests.demo.shorter", *words, out=self.log, variables=environment)
        wait_until(lambda: until in self.log.read_text() or not self.runs(), 900)
        if until == SERVES:
            wait_until(lambda: self.listens() or not self.runs(), 60)
        assert self.runs(), self.log.read_text()
        return self.log.read_text()

    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.process is not None and self.process.poll() is None

    def listens(self) -> bool:
        """Whether it takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def end(self, how: signal.Signals) -> int:
        """End it by a signal. The exit code."""
        assert self.process
        self.process.send_signal(how)
        return self.process.wait(60)

    def enters(self, role: str, password: str) -> bool:
        """Whether the site lets somebody in with this password."""
        email = self.accounts()[role]["email"]
        origin = f"http://127.0.0.1:{self.port}"
        answer = httpx2.post(
            f"{origin}/sign-in", data={"email": email, "password": password}, headers={"Origin": origin}, timeout=30
        )
        return answer.status_code == 303

    def accounts(self) -> dict[str, dict[str, str]]:
        """What it keeps of its accounts."""
        kept: dict[str, dict[str, str]] = json.loads(kept_at(self.settings).read_text())
        return kept
