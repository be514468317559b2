"""How long does somebody wait from the click that starts a run to its first step? Seconds, by what the page tells.

The tiny model on 500 approved pairs; a worker waits for runs, as an operator's does.
Run: .venv/bin/python -m benchmarks.first_step
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from rich.console import Console
from rich.table import Table

from app.accounts.models import Role
from app.training.models import Run
from app.training.worker.events import Event, EventKind, read_events
from benchmarks.publish import approve_all, published
from benchmarks.site import Site, bring_in, browser, site

PAIRS = 500
TIMES = 3
PATIENCE = 600  # seconds
SEEN = {
    EventKind.PROGRESS: "a process has started, and loads",
    EventKind.STARTED: "libraries and model are there, rows read",
    EventKind.BEFORE: "the base model measured",
    EventKind.STEP: "the first step",
}


@contextmanager
def trainer(here: Site) -> Iterator[None]:
    """A worker of its own for runs, which waits for work when this begins."""
    environment = {**os.environ, "PENSET_DATABASE_URL": here.url, "PENSET_DATA": str(here.settings.data)}
    command = [sys.executable, "-m", "app.cli", "worker", "--queue", "training"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with here.bare() as bare:
            while not bare.execute("SELECT 1 FROM procrastinate_workers").fetchone():
                time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait()


def first_of(events: list[Event]) -> dict[EventKind, float]:
    """When each kind was told first, in seconds since 1970."""
    told: dict[EventKind, float] = {}
    for event in events:
        told.setdefault(EventKind(event["kind"]), datetime.fromisoformat(event["at"]).timestamp())
    return told


def waits(here: Site, cookie: str) -> dict[EventKind, float]:
    """Start a run as an admin does. Seconds from the click to what the page shows first of each kind."""
    with browser(here.settings, here.addresses[0], cookie) as admin:
        clicked = time.time()
        asked = {"base_model": "tiny", "settings": {"max_steps": 1}}
        made = admin.post("/api/v1/versions/1/runs", json=asked)
        assert made.status_code == 201, made.text
    with here.sessions() as session:
        folder = here.settings.runs_root / session.get_one(Run, made.json()["id"]).folder
    until = time.monotonic() + PATIENCE
    while not ended(here, made.json()["id"]):  # the next one is to wait for no other run
        assert time.monotonic() < until, "the run did not end"
        time.sleep(0.2)
    told = first_of(read_events(folder / "events.jsonl").events)
    return {kind: told[kind] - clicked for kind in SEEN}


def ended(here: Site, run_id: int) -> bool:
    """Whether a run is done; RuntimeError where it failed."""
    with here.bare() as bare:
        row = bare.execute("SELECT status, failure FROM runs WHERE id = %s", (run_id,)).fetchone()
    assert row, "the run is there"
    if row[0] == "failed":
        raise RuntimeError(row[1])
    return bool(row[0] == "done")


def main() -> None:
    """Print the median of a few runs."""
    with site(PAIRS) as here:
        approve_all(here)
        published(here, "First step")
        [cookie] = bring_in(here, 1, Role.ADMIN)
        with trainer(here):
            found = [waits(here, cookie) for _ in range(TIMES)]
    table = Table("seen on the page", "seconds after the click", title=f"Load {os.getloadavg()[0]:.1f}")
    for kind, words in SEEN.items():
        table.add_row(words, f"{statistics.median(one[kind] for one in found):.1f}")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
