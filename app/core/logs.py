"""Logs: one JSON line an event, with the request's id; never a text, a secret or a mail address."""

import logging
import sys
from typing import Any

import structlog


class CurrentStderr(logging.StreamHandler[Any]):
    """Writes to what standard error is at that moment, also when somebody has put another stream in its place."""

    @property
    def stream(self) -> Any:
        """Standard error, now."""
        return sys.stderr

    @stream.setter
    def stream(self, given: Any) -> None:
        """What the base class would keep; we keep nothing."""


def set_up_logs(stream: Any = None) -> None:
    """Send structlog and the standard library's loggers to one JSON stream (standard error by default)."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream) if stream else CurrentStderr()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=True),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # The server's own access log would hold one-time links; ours logs the route, not the address.
    logging.getLogger("uvicorn.access").disabled = True
    for noisy in ("uvicorn", "uvicorn.error", "procrastinate", "alembic"):
        logging.getLogger(noisy).handlers.clear()
        logging.getLogger(noisy).setLevel(logging.WARNING)


def logger(name: str) -> Any:
    """A logger of events: `log.info("prompt_approved", prompt_id=7, actor_id=3)`."""
    return structlog.stdlib.get_logger(name)
