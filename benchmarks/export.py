"""What making the files of a version costs at 100,000 and a million rows: rows a second, memory, and beside whom.

Run: .venv/bin/python -m benchmarks.export [ROWS ...]
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from rich.console import Console
from rich.table import Table

from app.accounts.models import User
from app.accounts.sign_ins import actor_for
from app.datasets.models import Version
from app.datasets.service import create_dataset, publish
from benchmarks.fill import open_prompts
from benchmarks.measure import load, sizes
from benchmarks.publish import approve_all, bare_copy
from benchmarks.site import Site, site

SIZES = (100_000, 1_000_000)
BESIDE = 20_000
ROUNDS, WARM, AROUND = 3, 100, 150
# In a process of its own, so that its memory is its own: what the job reads and writes, without comparing prompts.
CHILD = """
import resource, sys, time
from pathlib import Path
from app.core.database import make_engine, make_sessions
from app.core.jobs import job_session, surround
from app.core.settings import Settings
from app.core.storage_local import LocalStorage
from app.datasets.files import keep
from app.datasets.publish.gather import gather
from app.datasets.models import Version
url, folder, version_id = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
settings = Settings(data=folder)
storage = LocalStorage(folder / "export")
surround(settings, make_sessions(make_engine(url, settings)), storage)
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before, begun = peak(), time.perf_counter()
with job_session() as session:
    gathered = gather(session, session.get_one(Version, version_id))
keep(storage, version_id, "all.jsonl", lambda: gathered.spool.lines(gathered.facts))
print(before, peak(), time.perf_counter() - begun, len(gathered.facts))
"""

WORKER = """
import sys
from pathlib import Path
from app.core.database import make_engine, make_sessions
from app.core.jobs import surround
from app.core.settings import Settings
from app.core.storage_local import LocalStorage
from app.core.priority import step_back
from app.core.worker import work
url, folder = sys.argv[1], Path(sys.argv[2])
settings = Settings(data=folder)
step_back(settings.worker_niceness)
surround(settings, make_sessions(make_engine(url, settings)), LocalStorage(settings.files_folder))
print("ready", flush=True)
work(url, queues=["default"], wait=False)
"""


def queued(here: Site, name: str) -> int:
    """A version that waits for a worker."""
    with here.sessions.begin() as session:
        admin = actor_for(session, session.get_one(User, here.admin_id))
        return publish(session, admin, create_dataset(session, admin, here.project_id, name=name).id).id


def exported(here: Site) -> tuple[int, int, float, int]:
    """Megabytes before and at the peak, seconds, and rows of one export in a process of its own."""
    command = [sys.executable, "-c", CHILD, here.url, str(here.settings.data), str(queued(here, "Export"))]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    before, peak, seconds, rows = done.stdout.split()[-4:]
    return int(before), int(peak), float(seconds), int(rows)


def next_task(here: Site) -> float:
    """Milliseconds of the next task. Its writer then has done with it."""
    begun = time.perf_counter()
    taken = here.client.post(f"/api/v1/projects/{here.project_id}/assignments", json={})
    assert taken.status_code == 201, taken.text
    spent = (time.perf_counter() - begun) * 1000
    with here.bare() as bare:  # the writer has finished it: it is not offered again
        bare.execute("UPDATE assignments SET status = 'handed_in' WHERE id = %s", (taken.json()["id"],))
    return spent


@contextmanager
def publishing(here: Site, name: str) -> Iterator[Event]:
    """A worker that has started publishes meanwhile, in a process of its own. The event is set once it has ended."""
    version_id, over = queued(here, name), Event()
    command = [sys.executable, "-c", WORKER, here.url, str(here.settings.data)]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, process_group=0)
    assert worker.stdout
    worker.stdout.readline()

    def watch() -> None:
        worker.wait()
        over.set()

    Thread(target=watch, daemon=True).start()
    yield over
    worker.wait()
    with here.sessions.begin() as session:
        version = session.get_one(Version, version_id)
        assert version.status == "published", version.failure


def beside(rows: int) -> tuple[list[float], list[float]]:
    """Milliseconds of next tasks around, and while so many rows are published.

    A next task grows with what one has done before, and the first ones also warm up: so the quiet ones are taken on
    both sides of each publishing, equally many.
    """
    quiet: list[float] = []
    during: list[float] = []
    with site(rows) as here:
        approve_all(here)
        with here.bare() as bare:
            open_prompts(bare, here.project_id, here.admin_id, BESIDE)
        for _ in range(WARM):
            next_task(here)
        for round_ in range(ROUNDS):
            quiet += [next_task(here) for _ in range(AROUND)]
            with publishing(here, f"Beside {round_}") as over:
                while not over.is_set():
                    during.append(next_task(here))
            quiet += [next_task(here) for _ in range(AROUND)]
    return quiet, during


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return sorted(values)[max(0, round(len(values) * 0.95) - 1)]


def main() -> None:
    """Print both tables."""
    heads = ("rows", "seconds", "rows a second", "× bare COPY", "MB before", "MB at the peak")
    table = Table(*heads, title=f"Export, {load()}")
    for size in sizes(SIZES):
        with site(size) as here:
            approve_all(here)
            yardstick = bare_copy(here) / 1000
            before, peak, seconds, rows = exported(here)
            said = f"{seconds:.1f}", f"{rows / seconds:,.0f}", f"{seconds / yardstick:.1f}"
            table.add_row(f"{rows:,}", *said, str(before), str(peak))
    Console(width=110).print(table)
    rows = min(BESIDE, max(sizes(SIZES)))
    quiet, during = beside(rows)
    columns = ("next task", "times", "median ms", "p95 ms", "× p95 around")
    other = Table(*columns, title=f"While {rows:,} rows are published, {load()}")
    for name, values in (("around", quiet), ("meanwhile", during)):
        told = f"{statistics.median(values):.1f}", f"{p95(values):.1f}", f"{p95(values) / p95(quiet):.2f}"
        other.add_row(name, str(len(values)), *told)
    Console(width=110).print(other)


if __name__ == "__main__":
    main()
