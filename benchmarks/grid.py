"""What does each act cost, at each size, by one person and by twenty at once? Beside it its bare statement.

Two web processes; the bare statements go through the application's pool, in the same minute, each alone and after the
one that says who asks. An empty route of the same server stands below: so much of an act is HTTP. Growth is from the
first size to the last, in units of that route, since other work comes and goes.
Run: .venv/bin/python -m benchmarks.grid [prompts and submissions …]; it prints the table for README.md.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from app.accounts.models import Role
from benchmarks.bare import repeated
from benchmarks.days import at_the_desk, onlooker, reviewer, writer
from benchmarks.people import Day, all_taken, lines_of, live
from benchmarks.site import Site, bring_in, rated, site

SIZES = (1_000, 100_000, 1_000_000)
OPEN = 4_000  # prompts beyond those that are answered, so that there is something to take
TIMES = {1: 40, 20: 12}
Found = dict[str, list[float]]
EMPTY = "empty route"
HELD_ON = 300  # seconds: no worker carries out here what people decide, and they are not to do it either


@dataclass(frozen=True)
class Measured:
    """Milliseconds of every act of so many people, and of the bare statements of as many connections: alone, and after
    who asks."""

    ours: Found
    bare: Found
    with_who: Found

    def cells(self, act: str) -> str:
        """The median of an act and its ratios to both yardsticks; of the empty route, which has none, the median."""
        ours = median(self.ours[act])
        if act == EMPTY:
            return f"{ours:.1f} | |"
        return f"{ours:.1f} | ×{ours / median(self.bare[act]):.1f} | ×{ours / median(self.with_who[act]):.1f}"

    def in_empty_routes(self, act: str) -> float:
        """The median of an act in units of the empty route."""
        return median(self.ours[act]) / median(self.ours[EMPTY])


def measured(here: Site, people: int) -> Measured:
    """Everything that so many people do, at this size."""
    times, ratings = TIMES[people], rated(here)
    days: list[tuple[Role, Callable[[], Day]]] = [
        (Role.ANNOTATOR, lambda: writer(here.project_id, times)),
        (Role.REVIEWER, lambda: reviewer(here.project_id, ratings, times)),
        (Role.REVIEWER, lambda: at_the_desk(here.project_id, times)),
        (Role.ADMIN, lambda: onlooker(here.project_id, times)),
    ]
    ours: Found = {}
    for role, day in days:
        lines = lines_of(here, bring_in(here, people, role))
        live(lines, [day() for _ in lines])
        ours |= all_taken(lines)
    return Measured(ours, *(repeated(here, people, times, asks_who=asks_who) for asks_who in (False, True)))


def at(size: int) -> dict[int, Measured]:
    """Everything at one size, by the number of people; what it took to get there is told on the way."""
    begun = time.monotonic()
    with site(size + OPEN, webs=2, undo_seconds=HELD_ON) as here:
        here.hand_in_all(size)
        filled = time.monotonic()
        measured(here, 1)  # to get warm
        found = {people: measured(here, people) for people in TIMES}
        took = f"filled in {filled - begun:.0f} s, measured in {time.monotonic() - filled:.0f} s"
        print(f"{size:,}: {took}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    return found


def table(results: dict[int, dict[int, Measured]], people: int) -> list[str]:
    """The lines of one table in Markdown."""
    sizes = list(results)
    head = [f"{people} at once", *(f"{size:,} | alone | with who asks" for size in sizes), "growth"]
    lines = [f"| {' | '.join(head)} |", f"|---|{'--:|' * (3 * len(sizes) + 1)}"]
    first, last = (results[size][people] for size in (sizes[0], sizes[-1]))
    for act in (*first.bare, EMPTY):
        cells = " | ".join(results[size][people].cells(act) for size in sizes)
        lines.append(f"| {act} | {cells} | {last.in_empty_routes(act) / first.in_empty_routes(act):.1f} |")
    return lines


def main() -> None:
    """Measure at the sizes that are asked for, else at a thousand, a hundred thousand and a million."""
    results = {size: at(size) for size in [int(size) for size in sys.argv[1:]] or SIZES}
    print("Medians in milliseconds, and their ratios to the bare statement alone and after the one that says who asks.")
    for people in TIMES:
        print("", *table(results, people), sep="\n")


if __name__ == "__main__":
    main()
