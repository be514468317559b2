"""The site as an operator runs it: `penset serve` in a process of its own, to be stopped or killed."""

import os
from pathlib import Path
from socket import create_connection
from time import monotonic, sleep

from tests.forked import Forked


class WebProcess:
    """One run of the site. `log` gathers what it says, over all its runs."""

    def __init__(self, port: int, data: Path, database_url: str | None = None) -> None:
        self.port, self.log = port, data / "site.log"
        self.environment = os.environ | {"PENSET_DATA": str(data), "PENSET_PUBLIC_URL": f"http://127.0.0.1:{port}"}
        if database_url:
            self.environment["PENSET_DATABASE_URL"] = database_url
        words = ("serve", "--port", str(port), "--no-with-workers")
        self.process = Forked("app.cli", *words, out=self.log, variables=self.environment)

    def listen(self, seconds: float = 60) -> "WebProcess":
        """Wait until it takes connections."""
        end = monotonic() + seconds
        while monotonic() < end and self.process.poll() is None:
            try:
                create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                sleep(0.02)
            else:
                return self
        raise AssertionError(f"the site did not start:\n{self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """SIGKILL, as the system does when memory runs out."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM, as a service manager does. The exit code."""
        self.process.terminate()
        return self.process.wait(60)
