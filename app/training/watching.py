"""Many people watch one run: what may each ask, and how often? Together they cost about what twenty do."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock

from app.training.progress import Progress

PACES = (2, 5, 10, 20, 30)  # seconds between two questions of one watcher
A_SECOND = 20  # questions that all watchers of this process may ask together
WINDOW = 30.0
KEPT = 64  # drawn states; one is a few kilobytes


class Watching:
    """What this web process knows of those who watch runs: how often they ask, and what it drew for the last of them.

    It is a cache: another process, or this one begun again, finds the same by reading the run.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds."""
        self._clock, self._lock = clock, Lock()
        self._asked: deque[tuple[float, int]] = deque()
        self._drawn: OrderedDict[str, Progress] = OrderedDict()

    def pace(self, told: int) -> int:
        """How many seconds a watcher who was told to wait `told` is to wait now, so that all together stay bearable."""
        with self._lock:
            now = self._clock()
            self._asked.append((now, told))
            while self._asked[0][0] < now - WINDOW:
                self._asked.popleft()
            watchers = sum(waited for _, waited in self._asked) / WINDOW
        return next((pace for pace in PACES if watchers <= pace * A_SECOND), PACES[-1])

    def progress(self, state: str, make: Callable[[], Progress]) -> Progress:
        """What was drawn for this very state of a run, or `make()`."""
        with self._lock:
            if (known := self._drawn.get(state)) is not None:
                self._drawn.move_to_end(state)
                return known
        made = make()
        with self._lock:
            self._drawn[state] = made
            if len(self._drawn) > KEPT:
                self._drawn.popitem(last=False)
        return made


WATCHING = Watching()
