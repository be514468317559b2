"""The process that does the jobs: one queue or all of them, until it is told to stop."""

import asyncio
import os
import signal
import threading
import time
from contextlib import suppress

import procrastinate
from procrastinate import exceptions
from procrastinate.jobs import Status
from sqlalchemy import make_url

from app.core.at_work import name_of
from app.core.database import sqlalchemy_url
from app.core.jobs import leaving
from app.core.logs import logger
from app.core.tasks import jobs

log = logger("penset.worker")
GRACE_SECONDS = 30


def connection_info(url: str) -> str:
    """libpq's form of a SQLAlchemy URL."""
    parsed = make_url(sqlalchemy_url(url)).set(drivername="postgresql")
    return parsed.render_as_string(hide_password=False)


def work(url: str, *, queues: list[str] | None = None, wait: bool = True, concurrency: int = 1) -> None:
    """Do jobs until SIGTERM, or with `wait=False` until none is left."""
    asyncio.run(_work(url, queues, wait, concurrency))


async def _work(url: str, queues: list[str] | None, wait: bool, concurrency: int) -> None:
    name = name_of(queues)
    connector = procrastinate.PsycopgConnector(conninfo=connection_info(url), kwargs={"application_name": name})
    with jobs.replace_connector(connector) as app:
        async with app.open_async():
            await rescue(app)
            log.info("worker_started", queues=queues)
            working = asyncio.ensure_future(
                app.run_worker_async(
                    queues=queues or None,  # type: ignore[arg-type]  # None means every queue; the annotation lags
                    wait=wait,
                    concurrency=concurrency,
                    name=name,
                    listen_notify=wait,
                    fetch_job_polling_interval=2,
                    shutdown_graceful_timeout=GRACE_SECONDS,
                    install_signal_handlers=False,
                )
            )
            if wait:
                for number in (signal.SIGTERM, signal.SIGINT):
                    asyncio.get_running_loop().add_signal_handler(number, leave, working)
            with suppress(asyncio.CancelledError):
                await working


def leave(working: asyncio.Future[None]) -> None:
    """Take no new job, tell the running ones, wait for them. A second signal changes nothing."""
    if not leaving.is_set():
        leaving.set()
        working.cancel()


def end_with(parent: int) -> None:
    """Stop this process as SIGTERM would, once its parent has ended, also by kill -9."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


async def rescue(app: procrastinate.App) -> int:
    """Give jobs of dead workers another try, at every start and from the sweep. How many there were."""
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=60))
    for job in stalled:
        try:
            await app.job_manager.retry_job(job)
        except exceptions.ConnectorException:
            # A sibling with the same lock already waits; this one has nothing left to do.
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
        log.warning("job_rescued", job_id=job.id, task=job.task_name)
    return len(stalled)
