"""How a cost is measured and shown: interleaved rounds, medians, a ratio."""

import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from rich.console import Console
from rich.table import Table


def sizes(usual: Sequence[int]) -> Sequence[int]:
    """The sizes that the command names, or the usual ones."""
    return [int(word) for word in sys.argv[1:]] or usual


def load() -> str:
    """What else the machine does: a figure without it says little."""
    return f"load {os.getloadavg()[0]:.1f}"


def rounds(actions: Mapping[str, Callable[[], object]], *, times: int, warm_up: int = 5) -> dict[str, list[float]]:
    """Milliseconds of each action. They take turns, so that whatever else the machine does hits all alike."""
    taken: dict[str, list[float]] = {name: [] for name in actions}
    for number in range(warm_up + times):
        for name, action in actions.items():
            begun = time.perf_counter()
            action()
            if number >= warm_up:
                taken[name].append((time.perf_counter() - begun) * 1000)
    return taken


def show(title: str, results: Mapping[str, Mapping[str, list[float]]], *, yardstick: str) -> None:
    """A table: for each size and action the median and the 95th percentile, and the ratio to the yardstick."""
    table = Table("size", "what", "median ms", "p95 ms", f"× {yardstick}", title=f"{title}, {load()}")
    for size, taken in results.items():
        base = statistics.median(taken[yardstick])
        for name, values in taken.items():
            median = statistics.median(values)
            p95 = sorted(values)[max(0, round(len(values) * 0.95) - 1)]
            table.add_row(size, name, f"{median:.2f}", f"{p95:.2f}", f"{median / base:.1f}")
    Console(width=110).print(table)
