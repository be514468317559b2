"""Who leaves in the middle of an answer stops the models, whether it is read line by line or as a page."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from app.core.errors import Unavailable
from app.core.settings import Settings
from app.training.base_models import TINY
from app.training.generator.desk import Left, Tell
from app.training.generator.protocol import Ask
from app.training.playground import answering
from app.training.playground.answering import Streamed, WholePage
from app.training.playground.asked import Pair, Question
from app.training.playground.gate import OF_ONE
from app.training.playground.ways import Playground
from tests.training.speaking import speaking

PAIR = Pair(7, TINY, lambda: {"base": "base", "tuned": "tuned"})
QUESTION = Question("Why?", (), 0.0, 9, 1)
SCOPE: dict[str, Any] = {"type": "http", "headers": [], "asgi": {"spec_version": "2.3"}}


class Endless:
    """Goes on until nobody listens."""

    def __init__(self) -> None:
        self.asked, self.left = threading.Event(), threading.Event()

    def __call__(self, ask: Ask, tell: Tell, left: Left) -> None:
        self.asked.set()
        while not left():
            self.left.wait(0.005)
        self.left.set()


@pytest.fixture
def model(settings: Settings) -> Iterator[Endless]:
    """Whoever answers."""
    endless = Endless()
    with speaking(settings.playground_folder, endless):
        yield endless


def leave(answer: Response, model: Endless) -> bytes:
    """Let a client ask, and leave as soon as the model is at work: what it was sent."""
    sent: list[bytes] = []

    async def receive() -> dict[str, Any]:
        await asyncio.to_thread(model.asked.wait, 60)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))

    asyncio.run(asyncio.wait_for(answer(SCOPE, receive, send), 60))
    assert model.left.wait(60)
    return b"".join(sent)


def test_a_client_that_breaks_the_line_stops_the_models_and_may_ask_again(settings: Settings, model: Endless) -> None:
    playground = Playground(settings)
    for _ in range(OF_ONE + 1):
        model.asked.clear()
        assert b'"done"' not in leave(Streamed(playground, 1, PAIR, QUESTION, lambda: True), model)


def test_an_answer_ends_soon_after_the_session_that_asked_for_it(
    settings: Settings, model: Endless, monkeypatch: pytest.MonkeyPatch
) -> None:  # S21
    monkeypatch.setattr(answering, "LOOK_SECONDS", 0.01)
    lasts = iter([True, True, False])
    sent: list[bytes] = []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError("the answer should have ended")

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))

    def signed_in() -> bool:
        model.asked.wait(60)
        return next(lasts)

    answer = Streamed(Playground(settings), 1, PAIR, QUESTION, signed_in)
    asyncio.run(asyncio.wait_for(answer(SCOPE, receive, send), 60))
    assert model.left.wait(60)
    assert list(lasts) == []
    assert b'"done"' not in b"".join(sent)


def test_what_fails_in_an_answer_keeps_its_kind(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(pair: Pair, question: Question) -> AsyncGenerator[dict[str, Any], None]:
        if pair is PAIR:
            raise Unavailable("training.no_model", "The model cannot answer.")
        yield {}

    playground = Playground(settings)
    monkeypatch.setattr(playground.way, "events", fail)

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError("nobody leaves")

    async def send(message: Any) -> None:
        pass

    with pytest.raises(Unavailable):
        asyncio.run(asyncio.wait_for(Streamed(playground, 1, PAIR, QUESTION, lambda: True)(SCOPE, receive, send), 60))


def test_a_browser_that_leaves_before_the_page_is_drawn_stops_them_too(settings: Settings, model: Endless) -> None:
    def draw(_: object) -> Response:
        raise AssertionError("drawn for nobody")

    page = WholePage(Playground(settings), 1, PAIR, QUESTION, Request(SCOPE), draw)
    assert leave(page, model) == b""
