"""Many people watch one run: what may each ask, and how often? Together they cost about what twenty do."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

PACES = (2, 5, 10, 20, 30)  # seconds between two questions of one watcher
A_SECOND = 20  # questions that all watchers of this process may ask together
WINDOW = 60.0  # seconds: twice the slowest pace, so that who waits for an answer is counted, too
KEPT = 64  # drawn states; one is some 20 kB


class Watching:
    """What this web process knows of those who watch runs: how often they ask, and what it drew for the last of them.

    It is a cache: another process, or this one begun again, finds the same by reading the run.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds."""
        self._clock, self._lock = clock, Lock()
        self._asked: OrderedDict[tuple[int, int], float] = OrderedDict()
        self._drawn: OrderedDict[str, str] = OrderedDict()

    def pace(self, user_id: int, run_id: int) -> int:
        """How many seconds this watcher is to wait, so that all together stay bearable.

        People are counted, not questions: a site that is slow to answer hears few of these, however many watch.
        """
        with self._lock:
            now = self._clock()
            self._asked[user_id, run_id] = now
            self._asked.move_to_end((user_id, run_id))
            while next(iter(self._asked.values())) < now - WINDOW:
                self._asked.popitem(last=False)
            watchers = len(self._asked)
        return next((pace for pace in PACES if watchers <= pace * A_SECOND), PACES[-1])

    def drawn(self, state: str, draw: Callable[[], tuple[str, bool]]) -> str:
        """What was drawn for this very state of a run, or `draw()`: the text, and whether it is of that state still."""
        with self._lock:
            if (known := self._drawn.get(state)) is not None:
                self._drawn.move_to_end(state)
                return known
        made, is_of_it = draw()
        with self._lock:
            if is_of_it:
                self._drawn[state] = made
            if len(self._drawn) > KEPT:
                self._drawn.popitem(last=False)
        return made


WATCHING = Watching()
