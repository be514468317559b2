"""What do lists, searches and the overview take of the processor? Beside each the bare SQL that reads the same.

By the clock such a figure says nothing while other work comes and goes; processor time changes by some tenths. One
person, one web process; of each act the least of some turns in a row. The bare statement is counted with the Python
that runs it through the application's pool: alone, and after the one that says who asks.
Run: .venv/bin/python -m benchmarks.lists [prompts and submissions …]
"""

import os
import sys
from collections.abc import Callable
from functools import partial

from rich.console import Console
from rich.table import Table

from app.accounts.models import Role
from benchmarks.bare import acts, run
from benchmarks.days import onlooker
from benchmarks.people import Ask, lines_of, live
from benchmarks.processor import Seconds
from benchmarks.site import Site, bring_in, site

TURNS = 8
TIMES = 150  # in a turn: the kernel counts hundredths of a second


def measured(here: Site) -> None:
    """A line of the table for each act."""
    cookies, wanted = bring_in(here, 1, Role.ADMIN), acts(here)
    table = Table("act", "web", "PostgreSQL", "bare alone", "with who asks", "times alone", "times with who asks")
    for ask in onlooker(here.project_id, 1):
        web, postgres, _ = least(here, partial(asked, here, cookies, ask))
        cells = [f"{web:.2f}", f"{postgres:.2f}"]
        if ask.kind in wanted:
            found = [least(here, partial(bare_ones, here, ask.kind, asks_who=asks_who)) for asks_who in (False, True)]
            bare = [postgres + own for _, postgres, own in found]
            cells += [f"{one:.2f}" for one in bare] + [f"{(web + postgres) / one:.1f}" for one in bare]
        table.add_row(ask.kind, *cells)
    Console(width=120).print(table)


def least(here: Site, turn: Callable[[], None]) -> tuple[float, float, float]:
    """Milliseconds of processor time each took: of the web process, of PostgreSQL, of this process; the least turn."""
    turn()  # to get warm
    found = []
    for _ in range(TURNS):
        before = Seconds.now(here)
        turn()
        after = Seconds.now(here)
        spent = (after.web - before.web, after.postgres - before.postgres, after.benchmark - before.benchmark)
        found.append(tuple(one / TIMES * 1000 for one in spent))
    web, postgres, own = min(found, key=sum)
    return web, postgres, own


def asked(here: Site, cookies: list[str], ask: Ask) -> None:
    """Ask for it by HTTP, again and again."""
    live(lines_of(here, cookies), [(ask for _ in range(TIMES))])


def bare_ones(here: Site, kind: str, *, asks_who: bool) -> None:
    """Run its bare statement as often."""
    statement, values = acts(here)[kind]
    for _ in range(TIMES):
        run(here, statement, values, asks_who=asks_who)


def main() -> None:
    """Measure at the sizes that are asked for, else at a thousand and at a million."""
    for size in [int(size) for size in sys.argv[1:]] or (1_000, 1_000_000):
        with site(size) as here:
            here.hand_in_all(size)
            measured(here)
            print(f"{size:,} prompts and submissions, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
