"""What an import of 64 MiB costs: rows a second, and how far the memory of the web process rises.

Run: .venv/bin/python -m benchmarks.bring_in [MEBIBYTES ...]
"""

import csv
import io
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from psutil import Process
from psycopg.types.json import Jsonb
from rich.console import Console
from rich.table import Table

from app.accounts.models import Role
from benchmarks.measure import load, sizes
from benchmarks.site import Site, site

SIZES = (1, 16, 64)
COUNT = 90_000  # rows of the largest file; smaller ones have fewer
Write = Callable[[IO[bytes], Iterator[str]], None]


def questions(size: int, kind: str) -> Iterator[str]:
    """Prompts, each of them another, that fill a file of this size."""
    length = (64 << 20) // COUNT
    for number in range(size * COUNT // (64 << 20)):
        begins = f"{kind} {size} {number}: what would you say of this? "
        yield (begins + "It goes on and on, as people write when they explain what they want. " * 20)[: length - 40]


def as_lines(file: IO[bytes], prompts: Iterator[str]) -> None:
    """JSON lines."""
    for prompt in prompts:
        file.write(json.dumps({"prompt": prompt}).encode() + b"\n")


def as_table(file: IO[bytes], prompts: Iterator[str]) -> None:
    """CSV, of which every tenth cell holds a line end."""
    text = io.TextIOWrapper(file, "utf-8", newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(["prompt", "source"])
    writer.writerows(
        ([prompt.replace(". ", ".\n"), "ours"] if not n % 10 else [prompt, "ours"] for n, prompt in enumerate(prompts))
    )
    text.detach()


KINDS: dict[str, tuple[str, Write]] = {
    "JSON lines": ("application/x-ndjson", as_lines),
    "CSV": ("text/csv", as_table),
}


def peak(process: Process) -> int:
    """The most memory that a process has held, in bytes, since `forget`."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def forget(process: Process) -> None:
    """Let the most memory that a process has held be what it holds now."""
    Path(f"/proc/{process.pid}/clear_refs").write_text("5")


def bare(here: Site, prompts: Iterator[str]) -> float:
    """Seconds of storing the same prompts as JSON by COPY."""
    begun = time.perf_counter()
    with here.bare() as connection:
        connection.execute("CREATE TEMPORARY TABLE lines (line jsonb)")
        with connection.cursor().copy("COPY lines FROM STDIN") as copy:
            for prompt in prompts:
                copy.write_row([Jsonb({"prompt": prompt})])
    return time.perf_counter() - begun


def brought_in(here: Site, kind: str, size: int) -> list[str]:
    """A row of the table."""
    media_type, write = KINDS[kind]
    web = Process(here.webs[0].pid)
    with tempfile.TemporaryFile() as file, here.people(1, Role.ADMIN) as (admin,):
        write(file, questions(size, kind))
        sent = file.tell()
        file.seek(0)
        forget(web)
        before, begun = web.memory_info().rss, time.perf_counter()
        address = f"/api/v1/projects/{here.project_id}/prompts/import"
        answer = admin.post(address, content=file.read(), headers={"Content-Type": media_type}, timeout=600)
        seconds = time.perf_counter() - begun
        assert answer.status_code == 200, answer.text
        yardstick = bare(here, questions(size, kind))
    rows = answer.json()["added"]
    risen = (peak(web) - before) / 1e6
    return [kind, f"{sent / 1e6:.1f}", f"{rows:,}", f"{seconds:.1f}", f"{rows / seconds:,.0f}",
            f"{seconds / yardstick:.1f}", f"{before / 1e6:.0f}", f"{risen:.0f}"]  # fmt: skip


def main() -> None:
    """Measure each kind at each size, in the order of the sizes."""
    heads = ("file", "MB", "rows", "seconds", "rows a second", "× bare COPY", "web MB before", "rises by MB")
    table = Table(*heads, title=f"Import, {load()}")
    with site(10) as here:
        for size in sizes(SIZES):
            for kind in KINDS:
                table.add_row(*brought_in(here, kind, size << 20))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
