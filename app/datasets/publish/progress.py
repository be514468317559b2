"""How far is a long piece of work? Told in words with counts, at most once a second."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
Tell = Callable[[str], None]
SECONDS = 1.0


def counted(items: Iterable[Item], tell: Tell, words: str, of: int = 0) -> Iterator[Item]:
    """The items as they come. `words` may name {done} and {of}."""
    told = now_and_then(tell, words)
    for number, item in enumerate(items, 1):
        yield item
        told(number, of)


def now_and_then(tell: Tell, words: str) -> Callable[[int, int], None]:
    """Tells how many of how many are done, each time when the last time is long enough ago."""
    last = time.monotonic()

    def told(done: int, of: int) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS:
            tell(words.format(done=f"{done:,}", of=f"{of:,}"))
            last = time.monotonic()

    return told


def quiet(words: str) -> None:
    """Tell nobody."""
