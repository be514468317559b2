"""How many may ask at once? Each waits in some line and holds a connection of the browser for as long."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from app.core.errors import TooOften, Unavailable

OF_ALL = 40  # asks of one web process
OF_ONE = 2  # asks of one person: two windows


class Gate:
    """Who asks at this moment, in this web process."""

    def __init__(self) -> None:
        self._asking: Counter[int] = Counter()
        self._lock = Lock()

    @contextmanager
    def entered(self, user_id: int) -> Iterator[None]:
        """A block during which this person asks. TooOften, or Unavailable, where that is one too many."""
        with self._lock:
            if self._asking[user_id] >= OF_ONE:
                sentence = f"You have {OF_ONE} questions that are not answered yet. Wait for one, or stop it."
                raise TooOften("training.asks_already", sentence, seconds=5)
            if self._asking.total() >= OF_ALL:
                raise Unavailable("training.too_many_ask", "Many ask the models now. Try again soon.", seconds=10)
            self._asking[user_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._asking[user_id] -= 1
                self._asking += Counter()  # forgets whoever asks nothing
