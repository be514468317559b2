"""What does each act cost, at each size, by one person and by twenty at once? Beside it its bare statement.

Two web processes; the bare statements go through the application's pool, in the same minute. Growth is from the first
size to the last, in units of an empty route of the same minute, since other work comes and goes.
Run: .venv/bin/python -m benchmarks.grid [prompts and submissions …]; it prints the table for README.md.
"""

import os
import sys
import time
from collections.abc import Callable
from statistics import median

from app.accounts.models import Role
from benchmarks.bare import repeated
from benchmarks.days import onlooker, reviewer, writer
from benchmarks.people import Day, all_taken, lines_of, live
from benchmarks.site import Site, bring_in, rated, site

SIZES = (1_000, 100_000, 1_000_000)
OPEN = 2_000  # prompts beyond those that are answered, so that there is something to take
TIMES = {1: 40, 20: 12}
Found = dict[str, list[float]]


def measured(here: Site, people: int) -> tuple[Found, Found]:
    """Milliseconds of every act of so many people, and of the bare statements of as many connections."""
    times, ratings = TIMES[people], rated(here)
    days: dict[Role, Callable[[], Day]] = {
        Role.ANNOTATOR: lambda: writer(here.project_id, times),
        Role.REVIEWER: lambda: reviewer(here.project_id, ratings, times),
        Role.ADMIN: lambda: onlooker(here.project_id, times),
    }
    ours: Found = {}
    for role, day in days.items():
        lines = lines_of(here, bring_in(here, people, role))
        live(lines, [day() for _ in lines])
        ours |= all_taken(lines)
    return ours, repeated(here, people, times)


def at(size: int) -> dict[int, tuple[Found, Found]]:
    """Everything at one size, by the number of people; what it took to get there is told on the way."""
    begun = time.monotonic()
    with site(size + OPEN, webs=2) as here:
        here.hand_in_all(size)
        filled = time.monotonic()
        measured(here, 1)  # to get warm
        found = {people: measured(here, people) for people in TIMES}
        took = f"filled in {filled - begun:.0f} s, measured in {time.monotonic() - filled:.0f} s"
        print(f"{size:,}: {took}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    return found


def table(results: dict[int, dict[int, tuple[Found, Found]]], people: int) -> list[str]:
    """The lines of one table in Markdown."""
    sizes = list(results)
    head = [f"{people} at once", *(f"{size:,}" for size in sizes), "growth"]
    lines = [f"| {' | '.join(head)} |", f"|---|{'--:|' * (len(sizes) + 1)}"]
    for act in results[sizes[0]][people][1]:
        cells = []
        for size in sizes:
            ours, bare = results[size][people]
            cells.append(f"{median(ours[act]):.1f} (×{median(ours[act]) / median(bare[act]):.1f})")
        first, last = (in_empty_routes(results[size][people][0], act) for size in (sizes[0], sizes[-1]))
        lines.append(f"| {act} | {' | '.join(cells)} | {last / first:.1f} |")
    return lines


def in_empty_routes(ours: Found, act: str) -> float:
    """The median of an act in units of the empty route."""
    return median(ours[act]) / median(ours["empty route"])


def main() -> None:
    """Measure at the sizes that are asked for, else at a thousand, a hundred thousand and a million."""
    results = {size: at(size) for size in [int(size) for size in sys.argv[1:]] or SIZES}
    print("Medians in milliseconds, in brackets the ratio to the bare statement.")
    for people in TIMES:
        print("", *table(results, people), sep="\n")


if __name__ == "__main__":
    main()
