"""How much can a team write? Cycles (two draft saves, a hand-in that takes the next) by 1 and by 20 people at once.

Two web processes serve them. Beside it, the rows that a cycle writes by bare statements through as many connections.
Run: .venv/bin/python -m benchmarks.cycle [prompts …]
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import httpx2 as httpx
import psycopg

from app.accounts.models import Role
from benchmarks.hand_in import BARE_HAND_IN, TEXT
from benchmarks.measure import show
from benchmarks.next_task import BARE_CLAIM
from benchmarks.site import Site, site

SECONDS = 15
BARE_SAVE = "UPDATE drafts SET messages = %(messages)s, revision = revision + 1 WHERE assignment_id = %(draft)s"


class Writer:
    """One person who writes on: whoever hands in is given the next prompt in the same answer."""

    def __init__(self, client: httpx.Client, project_id: int) -> None:
        self.client = client
        self.assignment = accepted(client.post(f"/api/v1/projects/{project_id}/assignments", json={}))

    def cycle(self) -> None:
        """Save twice, hand in, which takes the next. Every answer is looked at."""
        at, revision = f"/api/v1/assignments/{self.assignment['id']}", 0
        for _ in range(2):
            turns = [{"role": "assistant", "content": f"{TEXT}{revision}"}]
            body = {"messages": turns, "prompt": None, "revision": revision}
            revision = accepted(self.client.put(f"{at}/draft", json=body))["revision"]
        answer = accepted(self.client.post(f"{at}/hand-in", json={"draft_revision": revision, "next": True}))
        self.assignment = answer["next"]


def accepted(answer: httpx.Response) -> dict[str, Any]:
    """What the answer says; the benchmark ends where anything was refused."""
    assert answer.status_code in (200, 201), answer.text
    said: dict[str, Any] = answer.json()
    return said


def bare_cycle(connection: psycopg.Connection, here: Site, draft: int) -> None:
    """The same rows, each statement committed by itself."""
    values = {
        "project": here.project_id,
        "writer": here.writer_id,
        "draft": draft,
        "messages": json.dumps([{"role": "assistant", "content": TEXT}]),
    }
    connection.execute(BARE_CLAIM, values)
    connection.execute(BARE_SAVE, values)
    connection.execute(BARE_SAVE, values)
    connection.execute(BARE_HAND_IN, values)


def side_by_side(actions: Sequence[Callable[[], object]], seconds: float = SECONDS) -> list[float]:
    """Let each action be repeated by its own thread for so long. Milliseconds of every repetition."""
    taken: list[float] = []
    failures: list[BaseException] = []
    until = time.perf_counter() + seconds

    def repeat(action: Callable[[], object]) -> None:
        try:
            while (begun := time.perf_counter()) < until:
                action()
                taken.append((time.perf_counter() - begun) * 1000)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=repeat, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return taken


def measured(here: Site, people: int) -> dict[str, list[float]]:
    """Milliseconds of each cycle of so many people, and of as many bare connections."""
    with here.people(people, Role.ANNOTATOR) as clients:
        ours = side_by_side([Writer(client, here.project_id).cycle for client in clients])
    connections = [here.bare() for _ in range(people)]
    bare = side_by_side([partial(bare_cycle, one, here, draft) for draft, one in enumerate(connections, 1)], seconds=3)
    for connection in connections:
        connection.close()
    print(f"{people} at once: {len(ours) / SECONDS:.0f} cycles a second, bare {len(bare) / 3:.0f}")
    return {"cycle": ours, "bare statements": bare}


def check(here: Site) -> None:
    """No prompt was given out twice: every slot that is filled has one submission, and the reverse."""
    with here.bare() as bare:
        row = bare.execute(
            "SELECT (SELECT count(*) FROM submissions s JOIN assignments a ON a.id = s.assignment_id"
            " WHERE a.slot_id IS NOT NULL), (SELECT count(DISTINCT a.slot_id) FROM submissions s"
            " JOIN assignments a ON a.id = s.assignment_id)"
        ).fetchone()
    assert row, "a count is one row"
    assert row[0] == row[1], f"{row[0]} submissions for {row[1]} slots"


def main() -> None:
    """Measure at the sizes that are asked for, else at twenty and at a hundred thousand prompts."""
    results = {}
    for prompts in [int(size) for size in sys.argv[1:]] or [20_000, 100_000]:
        with site(prompts, webs=2) as here:
            for people in (1, 20):
                results[f"{prompts:,} prompts, {people} at once"] = measured(here, people)
            check(here)
    show("Whole cycles", results, yardstick="bare statements")


if __name__ == "__main__":
    main()
