"""A log is one JSON line an event, whatever stands in it."""

import io
import json
import logging

import pytest

from app.core.logs import logger, say, set_up_logs

HOSTILE = {
    "a newline": "a\nINFO forged",
    "a carriage return": "a\rb",
    "an escape sequence": "\x1b[31mred\x1b]0;title\x07",
    "a line separator": "a\u2028b\u2029c",
    "a next line": "a\x85b",
    "a quote": '"} {"event": "forged"',
    "NUL": "a\0b",
    "half a surrogate pair": "a\ud800b",
    "a template": "%(secret)s {0.__class__} {{7*7}}",
}


@pytest.fixture
def log() -> io.StringIO:
    """The log of this test."""
    stream = io.StringIO()
    set_up_logs(stream)
    return stream


def test_the_line_of_a_request_is_as_a_logger_writes_it(log: io.StringIO) -> None:
    say("request", method="GET", route=None, ms=0.5)
    logger("penset.test").info("request", method="GET", route=None, ms=0.5)
    quick, usual = (json.loads(line) for line in log.getvalue().splitlines())
    assert quick | {"at": ""} == usual | {"at": ""}
    assert [len(one["at"]) for one in (quick, usual)] == [len("2026-01-01T00:00:00.000000Z")] * 2


def test_no_line_of_a_request_is_written_where_only_warnings_are_wanted(log: io.StringIO) -> None:
    logging.getLogger().setLevel(logging.WARNING)
    say("request", method="GET")
    assert log.getvalue() == ""


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_any_logged_value_stays_on_its_line(log: io.StringIO, value: str) -> None:  # S97
    logger("penset.test").info("tried", value=value, **{"key\n": "x"})
    logging.getLogger("a.library").warning("tried %s", value)
    written = log.getvalue()
    assert written.isascii()
    assert not set(map(chr, (*range(10), *range(11, 32)))) & set(written)
    ours, theirs = (json.loads(line) for line in written.splitlines())
    assert (ours["value"], theirs["event"]) == (value, f"tried {value}")


def test_a_fault_in_a_library_is_told_without_what_it_quotes(log: io.StringIO) -> None:  # S96
    try:
        {"a": 1}["a marker that a person wrote"]
    except KeyError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    told = json.loads(log.getvalue())
    assert told["exception"][0]["kind"] == "builtins.KeyError"
    assert "marker" not in log.getvalue()


def test_who_debugs_on_their_own_machine_is_told_everything() -> None:
    stream = io.StringIO()
    set_up_logs(stream, messages=True)
    try:
        {"a": 1}["a marker"]
    except KeyError:
        logger("penset.test").exception("broke")
    assert "a marker" in json.loads(stream.getvalue())["exception"]


def test_the_servers_own_access_log_is_off(log: io.StringIO) -> None:  # S14
    logging.getLogger("uvicorn.access").info("GET /invite/secret")
    assert log.getvalue() == ""
