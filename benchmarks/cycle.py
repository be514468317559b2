"""How much can a team write? Cycles (two draft saves, a hand-in that takes the next) by 1 and by 20 people at once.

Two web processes serve them. Beside it, the rows that a cycle writes by bare statements through as many connections, an
empty route, and the processor time of each by process: all of them share the machine.
Run: .venv/bin/python -m benchmarks.cycle [prompts …]
"""

import os
import sys
import time

from app.accounts.models import Role
from benchmarks.bare import repeated
from benchmarks.days import saves
from benchmarks.people import Ask, Day, all_taken, lines_of, live
from benchmarks.processor import Seconds
from benchmarks.site import Site, bring_in, site

SECONDS = 10
IDLE = 50
PARTS = ("next task", "draft save", "draft save", "hand in")


def writer(project_id: int, until: float) -> Day:
    """Whoever hands in is given the next prompt in the same answer, until the time is over or no prompt is left."""
    taken = yield Ask("next task", "POST", f"/api/v1/projects/{project_id}/assignments", {})
    while taken and time.perf_counter() < until:
        at = f"/api/v1/assignments/{taken['id']}"
        yield from saves(at)
        handed_in = yield Ask("hand in and next", "POST", f"{at}/hand-in", {"draft_revision": 2, "next": True})
        taken = handed_in["next"]


def measured(here: Site, people: int) -> None:
    """So many people write; the same by bare statements; what a cycle took of the processor."""
    if (left := open_slots(here)) < 2 * people:
        print(f"{people} at once: not measured, since the prompts ran out. Ask for more than were made.")
        return
    for seconds in (SECONDS / 5, SECONDS):  # the first to get warm
        lines = lines_of(here, bring_in(here, people, Role.ANNOTATOR))
        before, begun = Seconds.now(here), time.perf_counter()
        live(lines, [writer(here.project_id, begun + seconds) for _ in lines])
        took, after = time.perf_counter() - begun, Seconds.now(here)
        cycles = len(all_taken(lines).get("hand in and next", ()))
        spent = after.since(before, max(1, cycles))
        if not open_slots(here):
            print(f"{people} at once: the {left} prompts ran out after {took:.1f} s. Processor time a cycle: {spent}.")
            return
    bare = repeated(here, people, 20, asks_who=False, only=PARTS)
    each = sum(sum(bare[part]) / len(bare[part]) for part in PARTS)
    print(
        f"{people} at once: {cycles / took:.0f} cycles a second, bare {people / each * 1000:.0f}. "
        f"Processor time a cycle: {spent}. Load {os.getloadavg()[0]:.1f}."
    )


def open_slots(here: Site) -> int:
    """How many responses are wanted that nobody writes on."""
    with here.bare() as bare:
        row = bare.execute(
            "SELECT count(*) FROM slots WHERE filled_at IS NULL AND lease_holder_id IS NULL AND project_id = %s",
            (here.project_id,),
        ).fetchone()
    assert row, "a count is one row"
    return int(row[0])


def floor(here: Site) -> None:
    """What a request costs that does nothing: an empty route, asked for by twenty at once."""
    lines = lines_of(here, bring_in(here, 20, Role.ANNOTATOR))
    before, begun = Seconds.now(here), time.perf_counter()
    live(lines, [(Ask("empty route", "GET", "/health/live") for _ in range(IDLE)) for _ in lines])
    asked = len(all_taken(lines)["empty route"])
    took, after = time.perf_counter() - begun, Seconds.now(here)
    print(f"An empty route: {asked / took:.0f} a second. Processor time of one: {after.since(before, asked)}.")


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
    for prompts in [int(size) for size in sys.argv[1:]] or [20_000, 100_000]:
        with site(prompts, webs=2) as here:
            print(f"{prompts:,} prompts")
            for people in (1, 20):
                measured(here, people)
            floor(here)
            check(here)


if __name__ == "__main__":
    main()
