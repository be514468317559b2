"""How a run's worker is started here, watched and stopped: a child process that knows one folder and no secret.

Elsewhere it is started by another engine (on_ray.py); what is watched is the folder, wherever the worker is.
"""

import errno
import fcntl
import math
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from app.core.logs import logger
from app.training.worker.events import Event, EventKind, read_events

log = logger("penset.training")

# What the child may know of our surroundings. No database, no key, no mail, no cloud.
ENVIRONMENT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "CUDA_VISIBLE_DEVICES",
    "OMP_NUM_THREADS",
    "OPENBLAS_CORETYPE",
)
# What a tracker's library reads, passed on only where the operator has runs tracked by it.
OF_TRACKER = {"wandb": "WANDB_", "mlflow": "MLFLOW_", "trackio": "TRACKIO_", "tensorboard": "TENSORBOARD_"}
WATCH_SECONDS = 0.5
SOFT_STOP_SECONDS = 6
HARD_STOP_SECONDS = 9
STOPPED_CODE, BUSY_CODE = 3, 4
NO_PROGRAM = (errno.ENOENT, errno.EACCES, errno.ENOTDIR, errno.ENOEXEC, errno.EISDIR)
TOO_LONG = (
    "The run was stopped after {:g} hours, the most that PENSET_TRAINING_HOURS lets one try take. It can go on from "
    "its last checkpoint for as long again."
)


class CannotWork(Exception):
    """A worker that cannot be started, or is lost. The message is for the run's page."""


@dataclass
class Working(ABC):
    """A run at work. `offset`: where in its events the next reading begins."""

    folder: Path
    offset: int
    asked_at: float | None = field(default=None, init=False)

    @abstractmethod
    def poll(self) -> int | None:
        """The worker's exit code, None while it is at work. CannotWork where nobody knows any more."""

    @abstractmethod
    def press(self, seconds: float) -> None:
        """So many seconds ago it was asked to stop, and is still at work."""

    @abstractmethod
    def end(self) -> None:
        """End it at once, if it is still at work."""

    def events(self) -> list[Event]:
        """What the worker told since the last call."""
        tail = read_events(self.folder / "events.jsonl", self.offset)
        self.offset = tail.offset
        return tail.events

    def ask_to_stop(self) -> None:
        """Leave the file that says stop; where that does not help, press."""
        now = time.monotonic()
        if self.asked_at is None:
            (self.folder / "stop").touch()
            self.asked_at = now
        else:
            self.press(now - self.asked_at)


@dataclass
class Worker(Working):
    """A run's child process, in a process group of its own."""

    child: subprocess.Popen[bytes]

    def poll(self) -> int | None:
        """The child's exit code."""
        return self.child.poll()

    def press(self, seconds: float) -> None:
        """After a while a signal, then the end of the group: 10 seconds at most."""
        if seconds > HARD_STOP_SECONDS:
            self.signal(signal.SIGKILL)
        elif seconds > SOFT_STOP_SECONDS:
            self.signal(signal.SIGTERM)

    def end(self) -> None:
        """By SIGKILL, the whole group."""
        if self.child.poll() is None:
            self.signal(signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole group."""
        with suppress(ProcessLookupError):
            os.killpg(self.child.pid, number)


def command(folder: Path, python: str | None, track: str | None, processes: int) -> list[str]:
    """The worker's command, as a list."""
    words = [python or sys.executable, "-m", "app.training.worker", str(folder)]
    if track:
        words += ["--track", track]
    if processes > 1:
        words += ["--processes", str(processes)]
    return words


def start(
    folder: Path,
    python: str | None = None,
    track: str | None = None,
    processes: int = 1,
    *,
    memory_mb: int = 0,
    hours: float = 0,
) -> Worker:
    """Start the worker on a prepared folder. Events of an earlier try are not told again. `track`: a tracker's name;
    `memory_mb` and `hours` as in `limit`.

    A worker whose trainer died may still be at work there: it is ended first, so that one alone writes the folder.
    """
    with (folder / "worker.lock").open("a+") as lock:
        end_orphan(lock)
        (folder / "stop").unlink(missing_ok=True)
        offset = read_events(folder / "events.jsonl").offset
        words = command(folder, python, track, processes)
        with (folder / "worker.log").open("ab") as log, program_named(words[0]):
            child = subprocess.Popen(
                words,
                cwd=folder,
                env=environment(track),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,  # of our session: where Linux groups by session, niceness counts within it alone
                pass_fds=[lock.fileno()],  # the child holds the lock for as long as it lives
            )
        lock.truncate(0)
        lock.write(str(child.pid))
    limit(child.pid, memory_mb, hours)
    return Worker(folder, offset, child)


@contextmanager
def program_named(python: str) -> Iterator[None]:
    """CannotWork, naming the program and its setting, where the system finds none that it may start."""
    try:
        yield
    except OSError as why:
        if why.errno not in NO_PROGRAM:
            raise
        raise CannotWork(f"{python} cannot be started ({why.strerror}). Correct PENSET_PYTHON.") from why


def limit(pid: int, memory_mb: int, hours: float) -> None:
    """Let the system refuse a process, and each that it starts, more memory of its own than so much, and more time of
    every processor than so many hours (0: any): nobody may be left who watches the clock.

    RLIMIT_DATA counts what is mapped for itself alone and writable (setrlimit(2)): so torch maps a model's files, which
    count beside the weights that are made of them.
    """
    if sys.platform != "linux":
        return
    wanted = {}
    if memory_mb:
        wanted[resource.RLIMIT_DATA] = memory_mb << 20
    if hours:
        wanted[resource.RLIMIT_CPU] = math.ceil(hours * 3600 * (os.cpu_count() or 1))
    try:
        for what, most in wanted.items():
            _, now = resource.prlimit(pid, what)
            most = most if now == resource.RLIM_INFINITY else min(most, now)
            resource.prlimit(pid, what, (most, most))
    except OSError as why:  # it has ended already, or a sandbox forbids it: no reason to lose the run
        log.warning("not_limited", kind=type(why).__name__)


def environment(track: str | None) -> dict[str, str]:
    """What the child is told of our own environment."""
    prefix = OF_TRACKER.get(track or "")
    return {
        name: value
        for name, value in os.environ.items()
        if name in ENVIRONMENT or (prefix is not None and name.startswith(prefix))
    }


def end_orphan(lock: IO[str]) -> None:
    """Take the folder's lock, ending the process group of whoever holds it."""
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            lock.seek(0)
            if orphan := lock.read():
                with suppress(ProcessLookupError):
                    os.killpg(int(orphan), signal.SIGKILL)
            time.sleep(WATCH_SECONDS)


def watch(worker: Working, each: Callable[[list[Event]], bool], hours: float = 0) -> int:
    """Hand on events until the worker ends; `each` says whether it should stop. The exit code.

    It is asked to stop after so many `hours`, too, 0 for never: CannotWork where that ended it.
    """
    began, overdue, failed = time.monotonic(), False, False
    while True:
        code = worker.poll()
        events = worker.events()
        failed = failed or any(event["kind"] == EventKind.FAILED for event in events)
        wants_stop = each(events)
        if code is not None:
            if overdue and code != 0 and not failed:  # a worker elsewhere has other codes for how it was ended
                raise CannotWork(TOO_LONG.format(hours))
            return code
        overdue = not wants_stop and 0 < hours * 3600 <= time.monotonic() - began
        if wants_stop or overdue:
            worker.ask_to_stop()
        time.sleep(WATCH_SECONDS)


def last_words(folder: Path, limit: int = 400) -> str:
    """The end of what the worker printed, for a run that died without telling why."""
    log = folder / "worker.log"
    if not log.exists():
        return ""
    return log.read_bytes()[-limit:].decode("utf-8", "replace")


def prepare(folder: Path, fill: Callable[[Path], None]) -> None:
    """Make a run's folder whole or not at all; a folder that is there is kept, with its checkpoints."""
    if folder.exists():
        return
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        fill(part)
        part.rename(folder)
    except BaseException:  # a full disk has its room again
        shutil.rmtree(part, ignore_errors=True)
        raise
