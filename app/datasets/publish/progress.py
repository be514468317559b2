"""How far is a long piece of work? Told in words with counts, at most once a second."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
Tell = Callable[[str], None]
SECONDS = 1.0


def counted(items: Iterable[Item], tell: Tell, words: str, of: int = 0) -> Iterator[Item]:
    """The items as they come. `words` may name {done} and {of}."""
    told = time.monotonic()
    for number, item in enumerate(items, 1):
        yield item
        if time.monotonic() - told >= SECONDS:
            tell(words.format(done=f"{number:,}", of=f"{of:,}"))
            told = time.monotonic()


def quiet(words: str) -> None:
    """Tell nobody."""
