"""How is it known that a trainer lives while it does one thing for long: copies a model, waits for a cluster?"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from app.core.logs import logger

log = logger("penset.training")
BEAT_SECONDS = 30.0


@contextmanager
def beating(beat: Callable[[], object], every: float = BEAT_SECONDS) -> Iterator[None]:
    """Call `beat` every so many seconds, from a thread, for as long as the block lasts. A database that is away for a
    while is asked again with the next beat."""
    ended = threading.Event()

    def go_on() -> None:
        while not ended.wait(every):
            try:
                beat()
            except SQLAlchemyError as why:
                log.warning("beat_failed", kind=type(why).__name__)

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
