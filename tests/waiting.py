"""Waiting until it is so: for a condition, never for a time."""

from collections.abc import Callable
from time import monotonic, sleep


def nap() -> None:
    """Let others work for a moment."""
    sleep(0.01)


def wait_until(so: Callable[[], object], seconds: float = 60, rest: Callable[[], object] = nap) -> None:
    """Wait for a condition that others bring about; between two looks comes a `rest`."""
    end = monotonic() + seconds
    while not so():
        assert monotonic() < end, "it did not come to this"
        rest()
