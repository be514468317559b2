"""The bundled way: a process of its own holds the model, found by its socket, started where there is none.

However many web processes there are, the folder's lock lets one such process live, and it keeps the one line of asks.
"""

import asyncio
import os
import stat
import subprocess
import sys
import time
from contextlib import suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from anyio.to_thread import run_sync

from app.core.embedded_programs import LONGEST_SOCKET_PATH
from app.core.logs import logger
from app.core.settings import Settings
from app.core.storage import StorageError
from app.training.generator.protocol import (
    BUSY_CODE,
    LONGEST_LINE,
    NO_LIBRARIES,
    SOCKET,
    Ask,
    Events,
    Side,
    SideName,
    event_of,
)
from app.training.launch import environment
from app.training.playground.asked import Asked, Pair

log = logger("penset.playground")
START_SECONDS = 60
PAUSE = 0.05
SHORT = Path("/tmp")  # noqa: S108 (what is found there is looked at before it is used)
ENDED = "The model's process has ended, perhaps for want of memory. Ask again: that starts it anew."
NOT_BROUGHT = "The run's model could not be copied to this machine. Ask again; the site's log says what happened."
NOT_STARTED = "The model's process does not start. Its log, generator.log in the playground's folder, says why."
TAKEN = (
    "The model's process cannot be reached safely: the folder for its socket belongs to somebody else, or others can "
    "enter it. Whoever runs this site finds its name in the site's log, and removes it."
)
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class NotStarted(Exception):
    """The model's process cannot be had. The message is for whoever asked."""

    def __init__(self, sentence: str = NOT_STARTED) -> None:
        super().__init__(sentence)


class Bundled:
    """The way to the process on this machine. It belongs to whoever started it, and ends with them or by itself."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = settings.playground_folder
        self.child: subprocess.Popen[bytes] | None = None
        self.starting = Lock()

    @property
    def missing(self) -> str:
        """Why nobody can answer here, or empty. The libraries are looked for, not loaded."""
        return NO_LIBRARIES if self.settings.python is None and find_spec("torch") is None else ""

    async def events(self, pair: Pair, question: Asked) -> Events:
        """What is told of the answers, up to done or failed. Who stops listening stops the model."""
        try:
            folders = await run_sync(pair.at_hand)
            reader, writer, first = await self._asked(asked_of(pair, folders, question))
        except (StorageError, OSError):
            log.exception("model_not_brought", run_id=pair.run_id)
            yield {"kind": "failed", "code": "not_brought", "sentence": NOT_BROUGHT}
            return
        except NotStarted as why:
            yield {"kind": "failed", "code": "not_started", "sentence": str(why)}
            return
        try:
            line = first
            while line:
                event = event_of(line)
                yield event
                if event["kind"] == "done" or (event["kind"] == "failed" and "side" not in event):
                    return
                line = await line_from(reader)
            yield {"kind": "failed", "code": "ended", "sentence": ENDED}
        finally:
            writer.close()

    async def _asked(self, ask: Ask) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, bytes]:
        """The line on which the ask was heard, and what came first. A process that was just leaving hears nothing."""
        until = time.monotonic() + START_SECONDS
        while True:
            reader, writer = await self._connect(until)
            with suppress(ConnectionError):
                writer.write(ask.line())
                if first := await line_from(reader):
                    return reader, writer, first
            writer.close()
            if time.monotonic() > until:
                raise NotStarted
            await asyncio.sleep(PAUSE)

    async def _connect(self, until: float) -> Line:
        while True:
            with suppress(FileNotFoundError, ConnectionRefusedError):
                return await asyncio.open_unix_connection(socket_in(self.folder), limit=LONGEST_LINE)
            if time.monotonic() > until:
                raise NotStarted
            await run_sync(self._start)
            await asyncio.sleep(PAUSE)

    def _start(self) -> None:
        """Start the process, unless ours lives. NotStarted for one that ended at once, but not as there is another."""
        with self.starting:
            code = 0 if self.child is None else self.child.poll()
            if code is None:
                return
            before, self.child = self.child, None
            if before and code not in (0, BUSY_CODE) and code > 0:
                log.warning("generator_died", exit_code=code)
                raise NotStarted
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with (self.folder / "generator.log").open("ab") as out:
                try:
                    self.child = subprocess.Popen(
                        self.command(), cwd=self.folder, env=environment(None), stdin=subprocess.DEVNULL,
                        stdout=out, stderr=out, start_new_session=True,
                    )  # fmt: skip
                except OSError as why:
                    raise NotStarted from why

    def command(self) -> list[str]:
        """What is started. A list: no shell reads it."""
        settings = self.settings
        return [
            settings.python or sys.executable, "-m", "app.training.generator", str(self.folder),
            "--socket", str(socket_in(self.folder)), "--idle", str(settings.playground_idle_seconds),
            "--memory-mb", str(settings.playground_memory_mb),
        ]  # fmt: skip

    def close(self) -> None:
        """End the process, if it is ours: another site's web process starts its own when it is asked."""
        with self.starting:
            child, self.child = self.child, None
        if child and child.poll() is None:
            child.terminate()
            child.wait()


async def line_from(reader: asyncio.StreamReader) -> bytes:
    """The next line; empty where the other side is gone, as it may be in the middle of one."""
    try:
        line = await reader.readline()
    except ConnectionError:
        return b""
    return line if line.endswith(b"\n") else b""


def asked_of(pair: Pair, folders: dict[SideName, str], question: Asked) -> Ask:
    """The question as the process is asked it."""
    base = pair.base_model
    sides = [
        Side(side, folders[side], base.chat_template, base.stop_token, question.messages(side)) for side in pair.sides
    ]
    return Ask(sides, question.temperature, question.max_tokens, question.seed)


def socket_in(folder: Path) -> Path:
    """The socket in the folder. Where that name is too long for the system, in one of a short name, made here.

    NotStarted where others could put a socket of theirs there, to be told what people ask.
    """
    socket = folder / SOCKET
    if len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH:
        return socket
    short = SHORT / f"penset-{os.geteuid()}-{sha256(os.fsencode(folder)).hexdigest()[:16]}"
    with suppress(FileExistsError):
        short.mkdir(mode=0o700)
    found = short.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) != 0o700:
        log.error("playground_folder_taken", folder=str(short))
        raise NotStarted(TAKEN)
    return short / SOCKET
