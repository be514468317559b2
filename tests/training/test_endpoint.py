"""An OpenAI-compatible endpoint answers in the playground: a real HTTP server here, that streams or fails to."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event as Flag
from threading import Thread
from typing import Any, cast

import pytest

from app.core.errors import StartRefused
from app.core.settings import Settings, load_settings
from app.training.base_models import TINY
from app.training.generator.protocol import Event
from app.training.playground.asked import Pair, Question, Turn
from app.training.playground.endpoint import Endpoint, piece_of

PAIR = Pair(7, TINY, dict)
QUESTION = Question("And now?", [Turn("Hello", "Hello Hello", "Hi!")], 0.5, 30, 3)


class Serving(ThreadingHTTPServer):
    """A server with a way to answer, that remembers what it was asked."""

    daemon_threads = True

    def __init__(self, way: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.way, self.asked, self.may_go_on = way, list[dict[str, Any]](), Flag()

    @property
    def address(self) -> str:
        """As an operator sets it."""
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    """Speaks the streaming protocol of chat completions, in the way of its server."""

    def do_POST(self) -> None:
        """Answer, or fail as told."""
        server = cast(Serving, self.server)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server.asked.append({"path": self.path, "key": self.headers["Authorization"], **body})
        if server.way.isdigit():
            self.send_response(int(server.way))
            self.send_header("Location", f"{server.address}/elsewhere")
            self.end_headers()
            self.wfile.write(b"the secrets of inner machines")
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for line in WAYS[server.way]:
            while line == ": still here" and not server.may_go_on.wait(0.01):
                self.wfile.write(f"{line}\n\n".encode())
            if line == "wait":
                server.may_go_on.wait(60)
                return
            self.wfile.write(f"{line}\n\n".encode())
            self.wfile.flush()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def chunk(text: str | None, finish: str | None = None) -> str:
    """A chunk of an answer, as vLLM and llama.cpp send it."""
    delta = {} if text is None else {"content": text}
    return "data: " + json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


BEGINS = [": a comment", 'data: {"choices": [{"delta": {"role": "assistant"}}]}', chunk("Tell "), chunk("her 🙂.")]
WAYS = {
    "whole": [*BEGINS, chunk(None, "stop"), 'data: {"choices": [], "usage": {"total_tokens": 9}}', "data: [DONE]"],
    "cut": [*BEGINS, chunk(None, "length"), "data: [DONE]"],
    "breaks off": BEGINS,
    "is slow": [*BEGINS, "wait"],
    "is alive and says nothing": [*BEGINS, ": still here"],
    "never ends": [*BEGINS, *[chunk("on and ")] * 500, "wait"],
    "tells of an error": [*BEGINS, 'data: {"error": {"message": "CUDA out of memory on 10.0.0.7"}}'],
    "talks of something else": ["data: <html>"],
}


@contextmanager
def serving(way: str) -> Iterator[Serving]:
    """A server that answers in this way."""
    server = Serving(way)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server
    finally:
        server.may_go_on.set()
        server.shutdown()
        server.server_close()


def told(address: str, **settings: Any) -> list[Event]:
    """Everything that is told of an answer."""

    async def all_of_it() -> list[Event]:
        endpoint = Endpoint(Settings(playground_url=address, **settings))
        return [event async for event in endpoint.events(PAIR, QUESTION)]

    return asyncio.run(all_of_it())


def failures(events: list[Event]) -> list[tuple[str, str]]:
    """Which sides failed, and with which code."""
    return [(event["side"], event["code"]) for event in events if event["kind"] == "failed"]


def test_both_models_answer_each_by_its_name_with_its_own_conversation() -> None:
    with serving("whole") as server:
        events = told(server.address, playground_key="of-the-operator")
    kinds = [(event["kind"], event.get("side")) for event in events]
    answer = ["loading", "token", "token", "answered"]
    assert kinds == [*((kind, side) for side in ("base", "tuned") for kind in answer), ("done", None)]
    assert "".join(event["text"] for event in events if event["kind"] == "token") == "Tell her 🙂." * 2
    assert [event["ended"] for event in events if event["kind"] == "answered"] == [True, True]
    base, tuned = server.asked
    assert (base["model"], tuned["model"]) == ("tiny", "run-7")
    assert [message["content"] for message in base["messages"]] == ["Hello", "Hello Hello", "And now?"]
    assert [message["content"] for message in tuned["messages"]] == ["Hello", "Hi!", "And now?"]
    shared = {"path": "/v1/chat/completions", "key": "Bearer of-the-operator", "stream": True, "seed": 3}
    assert tuned.items() >= (shared | {"temperature": 0.5, "max_tokens": 30}).items()


@pytest.mark.parametrize(
    ("way", "code"),
    [
        ("breaks off", "broke_off"),
        ("500", "refused"),
        ("404", "refused"),
        ("tells of an error", "refused"),
        ("talks of something else", "strange"),
    ],
)
def test_what_goes_wrong_is_said_of_each_side_and_inner_words_are_not_repeated(way: str, code: str) -> None:  # S94
    with serving(way) as server:
        events = told(server.address)
    assert failures(events) == [("base", code), ("tuned", code)]
    assert events[-1] == {"kind": "done"}
    assert not any(word in json.dumps(events) for word in ("secrets", "10.0.0.7", "127.0.0.1"))


def test_what_was_said_before_it_broke_off_is_kept() -> None:
    with serving("breaks off") as server:
        events = told(server.address)
    assert [event["text"] for event in events if event["kind"] == "token"] == ["Tell ", "her 🙂."] * 2


def test_an_answer_that_was_cut_says_so() -> None:
    with serving("cut") as server:
        assert [event["ended"] for event in told(server.address) if event["kind"] == "answered"] == [False, False]


@pytest.mark.parametrize("way", ["is slow", "is alive and says nothing"])
def test_an_endpoint_that_falls_silent_is_waited_for_only_so_long(way: str) -> None:
    with serving(way) as server:
        quiet = Endpoint(Settings(playground_url=server.address), quiet_seconds=0.2)

        async def first_failure() -> Event:
            return await anext(event async for event in quiet.events(PAIR, QUESTION) if event["kind"] == "failed")

        assert asyncio.run(first_failure())["code"] == "quiet"


def test_an_endpoint_that_says_far_more_than_it_was_asked_for_is_cut() -> None:
    with serving("never ends") as server:
        events = told(server.address)
    answered = [event for event in events if event["kind"] == "answered"]
    assert [event["ended"] for event in answered] == [False, False]
    assert max(event["tokens"] for event in answered) < 500


def test_a_redirect_is_not_followed() -> None:
    with serving("307") as server:
        events = told(server.address)
        assert failures(events) == [("base", "refused"), ("tuned", "refused")]
        assert [one["path"] for one in server.asked] == ["/v1/chat/completions"] * 2


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving("whole") as server:
        assert failures(told(server.address)) == []


def test_an_endpoint_that_is_not_there_cannot_be_reached() -> None:
    with serving("whole") as server:
        gone = server.address
    assert failures(told(gone)) == [("base", "not_reached"), ("tuned", "not_reached")]


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_what_no_text_of_ours_holds_is_replaced(text: str) -> None:
    told_text = piece_of(json.dumps({"choices": [{"delta": {"content": text}}]})).text
    assert told_text in ("a\N{REPLACEMENT CHARACTER}b", "a?b")


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("ftp://127.0.0.1/v1", ""),
        ("127.0.0.1:8080", ""),
        ("http://me@host/v1", ""),
        ("http://:pw@host/v1", ""),
        ("http://host.example/v1", "k"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused_at_start(
    monkeypatch: pytest.MonkeyPatch, address: str, key: str
) -> None:
    monkeypatch.setenv("PENSET_PLAYGROUND_URL", address)
    if key:
        monkeypatch.setenv("PENSET_PLAYGROUND_KEY", key)
    with pytest.raises(StartRefused, match="PENSET_PLAYGROUND_URL"):
        load_settings()
