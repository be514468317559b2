"""How commands show what they found: tables and progress on a terminal, JSON for programs."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from app.client.pull import Watch, nobody
from app.client.shapes import Event


def print_json(found: Any) -> None:
    """One JSON document on one line of standard output."""
    print(json.dumps(found, ensure_ascii=False), flush=True)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """A table, numbers to the right; a sentence where there is no row. What people named is text, never markup."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        print(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for at, name in enumerate(columns):
        table.add_column(name, justify="right" if isinstance(rows[0][at], int) else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(number(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else 1_000).print(table)  # a pipe gets each row on one line


def number(cell: object) -> str:
    """A cell as a person reads it: thousands apart, nothing for None."""
    return "" if cell is None else f"{cell:,}" if isinstance(cell, int) else str(cell)


@contextmanager
def download_bars(*, quiet: bool) -> Iterator[Watch]:
    """A bar a file on standard error while a version comes; none where nobody looks."""
    if quiet or not sys.stderr.isatty():
        yield nobody
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bars: dict[str, Any] = {}

        def watch(name: str, done: int, total: int) -> None:
            if name not in bars:
                bars[name] = progress.add_task(escape(name), total=total)
            progress.update(bars[name], completed=done)

        yield watch


class LossLine:
    """The line that a run's loss lives on: redrawn in place on a terminal, a line at a time elsewhere."""

    def __init__(self) -> None:
        self.in_place = sys.stdout.isatty()
        self.total = 0
        self.validation = ""

    def tell(self, event: Event) -> None:
        """Show what an event changes."""
        kind = event["kind"]
        if kind == "started":
            self.total = event.get("total_steps", 0)
        elif kind == "evaluation":
            loss = event.get("validation_loss")
            self.validation = "" if loss is None else f"  validation {loss:.3f}"
            self._show(f"step {event['step']}/{self.total}{self.validation}", lasts=True)
        elif kind == "step":
            self._show(f"step {event['step']}/{self.total}  loss {event['loss']:.3f}{self.validation}", lasts=False)
        elif kind == "progress":
            self._show(f"{event['stage']}, {event['done']} of {event['total']}", lasts=False)
        elif kind in ("warning", "failed"):
            self._show(event.get("message") or event.get("reason", ""), lasts=True)

    def _show(self, words: str, *, lasts: bool) -> None:
        if self.in_place:
            print(f"\r\x1b[K{words}", end="\n" if lasts else "", flush=True)
        elif lasts:
            print(words, flush=True)

    def end(self) -> None:
        """Leave the line."""
        if self.in_place:
            print("\r\x1b[K", end="", flush=True)
