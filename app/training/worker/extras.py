"""What is looked at beside the run: where memory does not suffice for it, the finished model is kept all the same."""

from collections.abc import Callable
from typing import TypeVar

from accelerate.utils.memory import clear_device_cache

from app.training.worker.events import EventKind, Journal
from app.training.worker.failures import is_out_of_memory

T = TypeVar("T")


def as_memory_allows(journal: Journal, what: str, look: Callable[[], T]) -> T | None:
    """What `look` finds. Where it runs out of memory: None, and a warning that names `what` is missing."""
    try:
        return look()
    except Exception as problem:
        if not is_out_of_memory(problem):
            raise
    clear_device_cache(garbage_collection=True)  # here, since within `except` the traceback still holds its tensors
    journal.write(EventKind.WARNING, message=f"There was not enough memory for {what}: the report does without it.")
    return None
