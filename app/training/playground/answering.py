"""How an answer leaves: line by line while it is written, or as a page once it is whole. No connection is held for it.

The route has given its connection back before either begins (`scope="function"` of `DB`).
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

import anyio
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from app.core.database import request_session
from app.training.generator.protocol import Event, line_of
from app.training.playground.asked import Pair, Question
from app.training.playground.ways import Playground

LINES = "application/x-ndjson"
LOOK_SECONDS = 20.0  # a stream ends within half a minute of its session (ASVS 7.5.2)


@dataclass
class Said:
    """What one side said, and how it ended; `code` and `sentence` where it failed."""

    text: str = ""
    tokens: int = 0
    seconds: float = 0
    ended: bool = False
    sentence: str = ""
    code: str = ""


@dataclass
class BothSaid:
    """What both sides said."""

    base: Said = field(default_factory=Said)
    tuned: Said = field(default_factory=Said)

    def take(self, event: Event) -> None:
        """Put down what was told."""
        sides = [getattr(self, event["side"])] if "side" in event else [self.base, self.tuned]
        for said in sides:
            if event["kind"] == "token":
                said.text += event["text"]
            elif event["kind"] == "answered":
                said.tokens, said.seconds, said.ended = event["tokens"], event["seconds"], event["ended"]
            elif event["kind"] == "failed":
                said.sentence, said.code = event["sentence"], event["code"]


class Streamed(Response):
    """A line of JSON for each event, sent as it comes. A client that leaves stops the models, and so does its sign-out.

    `signed_in`, asked in a thread every LOOK_SECONDS: whether the session that began it still lasts.
    """

    media_type = LINES

    def __init__(
        self, playground: Playground, user_id: int, pair: Pair, question: Question, signed_in: Callable[[], bool]
    ) -> None:
        super().__init__()
        self.playground, self.user_id, self.pair, self.question = playground, user_id, pair, question
        self.signed_in = signed_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer. TooOften or Unavailable, before anything is sent, where too many ask."""
        with self.playground.gate.entered(self.user_id):
            async with aclosing(self._lines()) as lines:
                with anyio.CancelScope() as answer:
                    watching = asyncio.create_task(self._end_with_the_session(answer))  # a group would wrap what fails
                    try:
                        await StreamingResponse(lines, media_type=self.media_type)(scope, receive, send)
                    finally:
                        watching.cancel()

    async def _end_with_the_session(self, answer: anyio.CancelScope) -> None:
        while await self._lasts():
            pass
        answer.cancel()

    async def _lasts(self) -> bool:
        """Whether the session still lasts, a while from now. Where the database cannot say so, it does not."""
        await anyio.sleep(LOOK_SECONDS)
        try:
            return await run_in_threadpool(self.signed_in)
        except SQLAlchemyError:
            return False

    async def _lines(self) -> AsyncGenerator[bytes, None]:
        async with aclosing(self.playground.way.events(self.pair, self.question)) as events:
            async for event in events:
                yield line_of(event)


class WholePage(Response):
    """A page that is drawn when both have answered, for a browser without scripts."""

    def __init__(
        self,
        playground: Playground,
        user_id: int,
        pair: Pair,
        question: Question,
        request: Request,
        draw: Callable[[BothSaid], Response],
    ) -> None:
        super().__init__()
        self.playground, self.user_id, self.pair, self.question = playground, user_id, pair, question
        self.request, self.draw = request, draw

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for both, then draw the page with a connection of its own; nothing for who has left."""
        with self.playground.gate.entered(self.user_id):
            said = await self._both(receive)
        if said is None:
            return
        async with asynccontextmanager(request_session)(self.request):
            page = await run_in_threadpool(self.draw, said)
        await page(scope, receive, send)

    async def _both(self, receive: Receive) -> BothSaid | None:
        said, whole = BothSaid(), False
        async with anyio.create_task_group() as group:

            async def until_they_leave() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                group.cancel_scope.cancel()

            group.start_soon(until_they_leave)
            async with aclosing(self.playground.way.events(self.pair, self.question)) as events:
                async for event in events:
                    said.take(event)
            whole = True
            group.cancel_scope.cancel()
        return said if whole else None
