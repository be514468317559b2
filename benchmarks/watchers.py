"""What do 200 people who watch one run cost a writer? Real HTTP; the run tells a step a second meanwhile.

Each watcher asks as the run's page does: as often as it was last told to, for what it has not seen. A writer works as
fast as it goes, by turns with and without them. Run: .venv/bin/python -m benchmarks.watchers [watchers]
"""

import os
import re
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import heapify, heapreplace
from html import unescape
from pathlib import Path

import httpx2 as httpx

from app.accounts.models import Role, User
from app.accounts.sign_ins import actor_for
from app.core.worker import work
from app.datasets.service import create_dataset, publish
from app.training import service
from app.training.worker.events import Event
from benchmarks.days import writer
from benchmarks.people import Day, all_taken, lines_of, live
from benchmarks.site import Site, bring_in, site

PROMPTS, RESPONSES = 20_000, 200
ROUNDS, SECONDS, SETTLES = 2, 20, 45
THREADS = 20
ADDRESS = re.compile(r'hx-get="([^"]+)" hx-trigger="every (\d+)s"')
KINDS = ("next task", "draft save", "hand in")
BUSY = (
    "SELECT count(*), count(*) FILTER (WHERE state <> 'idle') FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()"
)


@dataclass
class Watched:
    """What the watchers heard. They ask while `on` is set, and the run tells while `over` is not."""

    on: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    asked: list[float] = field(default_factory=list)
    paces: list[int] = field(default_factory=list)
    while_measured: int = 0


def a_run(here: Site) -> int:
    """The id of a run that a trainer is at work on."""
    here.hand_in_all(RESPONSES)
    with here.sessions.begin() as session:
        admin = actor_for(session, session.get_one(User, here.admin_id))
        version_id = publish(session, admin, create_dataset(session, admin, here.project_id, name="All").id).id
    work(here.url, queues=["default"], wait=False)
    with here.sessions.begin() as session:
        admin = actor_for(session, session.get_one(User, here.admin_id))
        run = service.start_run(session, admin, version_id, base_model="tiny", models_root=Path("/nowhere"))
        service.begin(session, run.id)
        return run.id


def tell(here: Site, run_id: int, watched: Watched) -> None:
    """A step a second, so that there is always something to draw."""
    step = 0
    while not watched.over.wait(1):
        step += 1
        told: Event = {
            "kind": "step", "at": "2026-11-30T12:00:00+00:00", "step": step, "epoch": step / 100, "tokens": step * 800,
            "loss": 4 - step / 500, "learning_rate": 1e-3, "tokens_per_second": 800.0, "memory_bytes": 900_000_000,
        }  # fmt: skip
        with here.sessions.begin() as session:
            service.keep_events(session, run_id, [told])


def watch(watchers: Sequence[httpx.Client], run_id: int, watched: Watched) -> None:
    """People who watch, one after the other as their time comes: a heap of (when, who, address, seconds to wait)."""
    found = ADDRESS.search(watchers[0].get(f"/runs/{run_id}").text)
    assert found, "the page of a run at work asks again"
    first, pace = unescape(found[1]), int(found[2])
    begun = time.perf_counter()
    due = [(begun + pace * n / len(watchers), n, first, pace) for n in range(len(watchers))]
    heapify(due)
    while not watched.over.is_set():
        when, who, address, pace = due[0]
        if not watched.on.wait(0.5) or watched.over.wait(max(0.0, when - time.perf_counter())):
            continue
        begun = time.perf_counter()
        answer = watchers[who].get(address, headers={"X-Penset-Poll": "1"})
        watched.asked.append(time.perf_counter() - begun)
        assert answer.status_code in (200, 204), answer.text
        if found := ADDRESS.search(answer.text):
            address, pace = unescape(found[1]), int(found[2])
        watched.paces.append(pace)
        heapreplace(due, (max(when + pace, time.perf_counter()), who, address, pace))


@contextmanager
def connections(here: Site) -> Iterator[list[tuple[int, int]]]:
    """How many connections the site's processes hold, and how many of these do something, five times a second."""
    seen: list[tuple[int, int]] = []
    over = threading.Event()

    def look() -> None:
        with here.bare() as bare:
            while not over.wait(0.2):
                seen.extend(bare.execute(BUSY).fetchall())

    thread = threading.Thread(target=look)
    thread.start()
    yield seen
    over.set()
    thread.join()


def until(project_id: int, end: float) -> Day:
    """A writer's day that ends at this time."""
    day = writer(project_id, sys.maxsize)
    said = yield next(day)
    while time.perf_counter() < end:
        said = yield day.send(said)


def measured(here: Site, cookie: str, seconds: float) -> tuple[dict[str, list[float]], list[tuple[int, int]]]:
    """What one writer waited for, and the connections meanwhile."""
    lines = lines_of(here, [cookie])
    with connections(here) as seen:
        live(lines, [until(here.project_id, time.perf_counter() + seconds)])
    return all_taken(lines), seen


def said(name: str, taken: list[float], against: list[float]) -> str:
    """Median and 95th percentile of one kind, with their ratios."""
    ends = [(statistics.median(one), sorted(one)[round(len(one) * 0.95) - 1]) for one in (taken, against)]
    (median, p95), (m, p) = ends
    return f"| {name} | {m:.1f} | {p:.1f} | {median:.1f} | {p95:.1f} | {median / m:.2f} | {p95 / p:.2f} |"


def main() -> None:
    """Measure, and print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with site(PROMPTS) as here:
        run_id, watched = a_run(here), Watched()
        with here.people(count, Role.REVIEWER) as people:
            threads = [threading.Thread(target=tell, args=(here, run_id, watched))]
            dealt = [people[at::THREADS] for at in range(THREADS)]
            threads += [threading.Thread(target=watch, args=(some, run_id, watched)) for some in dealt]
            for thread in threads:
                thread.start()
            by_turn = rounds_of(here, watched)
            watched.over.set()
            for thread in threads:
                thread.join()
    show(count, by_turn, watched)


Turn = tuple[dict[str, list[float]], list[tuple[int, int]]]


def rounds_of(here: Site, watched: Watched) -> dict[bool, list[Turn]]:
    """With and without them by turns, measured once each was told how often to ask: the site looks back for 30 s."""
    turns: dict[bool, list[Turn]] = {True: [], False: []}
    [cookie] = bring_in(here, 1, Role.ANNOTATOR)
    measured(here, cookie, 3)
    for _ in range(ROUNDS):
        watched.on.set()
        time.sleep(SETTLES)
        before = len(watched.asked)
        turns[True].append(measured(here, cookie, SECONDS))
        watched.on.clear()
        watched.while_measured += len(watched.asked) - before
        turns[False].append(measured(here, cookie, SECONDS))
    return turns


def show(count: int, by_turn: dict[bool, list[Turn]], watched: Watched) -> None:
    """The table, ready for the docs."""
    print(f"| ms | without, median | p95 | with {count}, median | p95 | ratio | ratio of p95 |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for kind in KINDS:
        values = {on: [ms for taken, _ in turns for ms in taken[kind]] for on, turns in by_turn.items()}
        print(said(kind, values[True], values[False]))
    for on, turns in by_turn.items():
        held = [one for _, seen in turns for one in seen]
        mean = statistics.mean(busy for _, busy in held)
        print(
            f"{'with' if on else 'without'} them: at most {max(h for h, _ in held)} connections, "
            f"{mean:.2f} at work on average"
        )
    asked = [ms * 1000 for ms in watched.asked]
    print(
        f"The watchers asked {watched.while_measured / ROUNDS / SECONDS:.1f} times a second, each every "
        f"{statistics.median(watched.paces):.0f} s; median {statistics.median(asked):.0f} ms. "
        f"Load {os.getloadavg()[0]:.1f}."
    )


if __name__ == "__main__":
    main()
