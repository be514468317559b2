"""Logs: one JSON line an event, with the request's id; never a text, a secret or a mail address."""

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, cast


@contextmanager
def hidden(name: str) -> Iterator[None]:
    """A library that seems not to be installed, for one that takes it along where it is."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = cast(ModuleType, None)  # which is how Python marks what cannot be imported
    try:
        yield
    finally:
        del sys.modules[name]


with hidden("rich"):  # it would colour what a terminal shows; our lines are JSON, and it is a twentieth of the start
    import structlog

# What these say is about the code. What others say may quote what a person wrote, or a row of a table.
SAY_NOTHING_OF_DATA = (TypeError, AttributeError, NameError, ImportError, NotImplementedError)
CHAIN = 5
CALLS = 30
STAMP = structlog.processors.TimeStamper(fmt="iso", utc=True, key="at")


class Lines(logging.StreamHandler[Any]):
    """Writes events, a line each."""

    def put(self, line: str) -> None:
        """Write a line that is made already. As with every handler, what cannot be written ends no request."""
        assert self.lock
        with self.lock:
            try:
                self.stream.write(f"{line}\n")
                self.flush()
            except (OSError, ValueError):
                self.handleError(logging.makeLogRecord({"msg": line}))


class CurrentStderr(Lines):
    """Writes to what standard error is at that moment, also when somebody has put another stream in its place."""

    @property
    def stream(self) -> Any:
        """Standard error, now."""
        return sys.stderr

    @stream.setter
    def stream(self, given: Any) -> None:
        """What the base class would keep; we keep nothing."""


def set_up_logs(stream: Any = None, *, messages: bool = False) -> None:
    """Send structlog and the standard library's loggers to one JSON stream (standard error by default).

    `messages`: exceptions with all that they say, as somebody who debugs on their own machine wants them.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        STAMP,
        structlog.processors.format_exc_info if messages else structlog.processors.ExceptionRenderer(where_it_broke),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = Lines(stream) if stream else CurrentStderr()
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


def say(event: str, **fields: Any) -> None:
    """One line at level info, as a logger writes it, of fields that are words and numbers: the line of each request.

    The stages of a logger take as long as a statement of the request.
    """
    root = logging.getLogger()
    if root.isEnabledFor(logging.INFO):
        line = json.dumps(STAMP(None, "info", {**fields, "event": event, "level": "info"}))
        for handler in root.handlers:
            if isinstance(handler, Lines):
                handler.put(line)


def where_it_broke(exc_info: Any) -> list[dict[str, Any]]:
    """An exception and what it came from: class, code, the calls that led to it. Not what it says."""
    return [
        {
            "kind": f"{type(error).__module__}.{type(error).__qualname__}",
            "told": _told(error),
            "at": [f"{c.filename}:{c.lineno} {c.name}" for c in traceback.extract_tb(error.__traceback__)[-CALLS:]],
        }
        for error in _chain(exc_info[1])
    ]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(CHAIN):
        if error is None:
            return
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _told(error: BaseException) -> str:
    if isinstance(error, SAY_NOTHING_OF_DATA):
        return str(error)
    code = next((value for name in ("code", "sqlstate", "errno") if (value := getattr(error, name, None))), "")
    return str(code)


def logger(name: str) -> Any:
    """A logger of events: `log.info("prompt_approved", prompt_id=7, actor_id=3)`."""
    return structlog.stdlib.get_logger(name)
