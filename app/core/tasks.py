"""Which jobs there are: each room registers its own, and a worker does them. The site enqueues them by name alone."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import procrastinate
from procrastinate import RetryStrategy

from app.core.jobs import QUEUES
from app.core.logs import logger

log = logger("penset.jobs")
ROOMS_WITH_JOBS = (
    "app.core.sweep",
    "app.accounts.jobs",
    "app.prompts.jobs",
    "app.writing.jobs",
    "app.review.jobs",
    "app.datasets.jobs",
    "app.training.jobs",
    "app.preferences.jobs",
)
RETRIES = RetryStrategy(max_attempts=5, exponential_wait=4)

# The connector is only a placeholder: a worker opens its own.
jobs = procrastinate.App(connector=procrastinate.PsycopgConnector(), import_paths=ROOMS_WITH_JOBS)


def task(name: str, *, retry: bool = True) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a job under a stable name. Its function takes ids, opens `job_session()`, calls a verb."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def told(*args: Any, **arguments: Any) -> None:
            try:
                function(*args, **arguments)
            except Exception as why:  # the edge of the job: said once here, then the queue's own business
                log.exception("job_failed", task=name, kind=type(why).__name__, **arguments)
                raise

        jobs.task(name=name, queue=QUEUES.get(name, "default"), retry=RETRIES if retry else False)(told)
        return function

    return register
