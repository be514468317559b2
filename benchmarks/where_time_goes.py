"""Where does the time of a request go? Samples of its own processor time by layer, its statements, journeys and calls.

The application is called in this process's one thread, without a server, so that a timer of processor time can look at
it 250 times a second. What the thread hops, the HTTP server and PostgreSQL cost is not in it; `benchmarks.cycle`
has them. Run: .venv/bin/python -m benchmarks.where_time_goes [--lists] [--functions]
"""

import asyncio
import json
import math
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from types import FrameType
from typing import Any
from urllib.parse import urlencode

import anyio.to_thread
from fastapi import FastAPI
from rich.console import Console
from rich.table import Table
from sqlalchemy import event, func, select

from app.accounts.models import Role, User
from app.core import one_thread
from app.main import create_app
from benchmarks.counted import Count, counted
from benchmarks.site import Site, bring_in, host_of, rated, site

LAYERS = {
    "/sqlalchemy/orm/": "SQLAlchemy ORM",
    "/sqlalchemy/": "SQLAlchemy core and pool",
    "/psycopg": "psycopg",
    "/pydantic": "Pydantic",
    "/fastapi/": "FastAPI, Starlette",
    "/starlette/": "FastAPI, Starlette",
    "/anyio/": "FastAPI, Starlette",
    "/structlog/": "log",
    "/logging/": "log",
    "/jinja2/": "Jinja",
    "/templates/": "Jinja",
    "<template>": "Jinja",
    "/procrastinate/": "procrastinate",
    "/benchmarks/": "the sampler",
    "/app/core/": "Penset, ground",
    "/app/": "Penset, rooms",
}
DECISION = re.compile(r'action="(/sheets/[^"/]+/decision)"')
UNDO = re.compile(r'action="(/sheets/[^"/]+/undo)"')
RATING = re.compile(r'name="(rating[^"]*)"')
HELD_ON = {"undo_seconds": 3600}  # no worker carries out here what people decide, and they are not to do it either
TIMES = 200
WARM_UP = 20
COUNTED = 5
TICK = 0.004  # the kernel looks no more often


@dataclass
class Samples:
    """Where this thread was at each tick of its processor time: by layer and by function."""

    layers: Counter[str] = field(default_factory=Counter)
    functions: Counter[str] = field(default_factory=Counter)

    def look(self, frame: FrameType | None) -> None:
        """A tick: note the innermost layer and the function."""
        if frame is None:
            return
        code = frame.f_code
        self.functions[f"{code.co_filename.rpartition('site-packages/')[2]}:{code.co_name}"] += 1
        while frame is not None:
            if layer := layer_of(frame.f_code.co_filename):
                self.layers[layer] += 1
                return
            frame = frame.f_back


def layer_of(filename: str) -> str | None:
    """The layer that a file belongs to; None for the standard library, which works for its caller."""
    return next((layer for part, layer in LAYERS.items() if part in filename), None)


@dataclass
class Cost:
    """What one kind of request took: processor seconds of Python, statements, samples."""

    requests: int = 0
    cpu: float = 0.0
    least: float = math.inf
    counts: list[Count] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    samples: Samples = field(default_factory=Samples)


class Visitor:
    """Somebody who is signed in and speaks with the application without a server between them."""

    def __init__(self, app: FastAPI, here: Site, cookie: str) -> None:
        self.app, self.costs = app, dict[str, Cost]()
        self.headers = [
            (b"host", host_of(here.settings).encode()),
            (b"sec-fetch-site", b"same-origin"),
            (b"cookie", f"{here.settings.cookie_name}={cookie}".encode()),
        ]
        self.engine, self.counts = here.engine, False
        event.listen(here.engine, "before_cursor_execute", self._note)
        self.asking = Cost()
        signal.signal(signal.SIGPROF, lambda signum, frame: self.asking.samples.look(frame))
        signal.setitimer(signal.ITIMER_PROF, TICK, TICK)

    def _note(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        self.asking.statements.append(" ".join(statement.split()))

    async def ask(self, kind: str, method: str, path: str, body: Any = None) -> Any:
        """One request, its cost noted under `kind`. The JSON that it answers, or its text."""
        self.asking = cost = self.costs.setdefault(kind, Cost())
        cost.statements.clear()
        if self.counts:
            with counted(self.engine) as count:
                status, answer = await call(self.app, method, path, body, self.headers)
            cost.counts.append(count)
        else:
            begun = time.process_time()
            status, answer = await call(self.app, method, path, body, self.headers)
            taken = time.process_time() - begun
            cost.requests, cost.cpu, cost.least = cost.requests + 1, cost.cpu + taken, min(cost.least, taken)
        assert status < 400, (status, answer)
        return json.loads(answer) if path.startswith("/api") and answer else answer.decode()


async def call(
    app: FastAPI, method: str, path: str, body: Any, headers: list[tuple[bytes, bytes]]
) -> tuple[int, bytes]:
    """Ask the application as an ASGI server would. The status and the body."""
    form = isinstance(body, str)
    content = b"" if body is None else body.encode() if form else json.dumps(body).encode()
    sent = [*headers, (b"content-length", str(len(content)).encode())]
    if body is not None:
        sent.append((b"content-type", b"application/x-www-form-urlencoded" if form else b"application/json"))
    scope: dict[str, Any] = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method}
    path, _, query = path.partition("?")
    scope |= {
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": sent,
    }
    scope |= {"client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "state": {}}
    parts: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Any) -> None:
        parts.append(message)

    await app(scope, receive, send)
    return parts[0]["status"], b"".join(part.get("body", b"") for part in parts)


def rounds(visitor: Visitor) -> Iterator[None]:
    """Some rounds to get warm, those that are measured, and a few that are counted."""
    yield from repeat(None, WARM_UP)
    visitor.costs.clear()
    yield from repeat(None, TIMES)
    visitor.counts = True
    yield from repeat(None, COUNTED)


async def write(visitor: Visitor, project_id: int, text: str) -> None:
    """The writer's cycle: two saves, and a hand-in that takes the next."""
    taken = await visitor.ask("next task", "POST", f"/api/v1/projects/{project_id}/assignments", {})
    for _ in rounds(visitor):
        for revision in (0, 1):
            body = {"messages": [{"role": "assistant", "content": text}], "prompt": None, "revision": revision}
            await visitor.ask("draft save", "PUT", f"/api/v1/assignments/{taken['id']}/draft", body)
        body = {"draft_revision": 2, "next": True}
        answer = await visitor.ask("hand in and next", "POST", f"/api/v1/assignments/{taken['id']}/hand-in", body)
        taken = answer["next"]


async def review(visitor: Visitor, project_id: int, ratings: dict[str, int]) -> None:
    """The reviewer's cycle: a decision, and the page of the next submission."""
    for _ in rounds(visitor):
        taken = await visitor.ask("take for review", "POST", f"/api/v1/projects/{project_id}/review/next")
        submission = taken["submission"]["submission_id"]
        body = {"decision": "approved", "revision": 1, "ratings": ratings}
        await visitor.ask("decide", "POST", f"/api/v1/submissions/{submission}/reviews", body)


async def look_and_decide(visitor: Visitor, project_id: int, person_id: int) -> None:
    """The reviewer's cycle in the browser: the button, and the page that it leads to."""
    queue = f"/projects/{project_id}/review"
    await visitor.ask("take", "POST", f"{queue}/next", urlencode({"user_id": person_id}))
    page = await visitor.ask("the next on the page", "GET", queue)
    for _ in rounds(visitor):
        address, keys = DECISION.findall(page)[0], dict.fromkeys(RATING.findall(page))
        form = {"decision": "approved", "revision": 1, "user_id": person_id, "note": ""} | dict.fromkeys(keys, 4)
        await visitor.ask("decide on the page", "POST", address, urlencode(form))
        page = await visitor.ask("the next on the page", "GET", queue)
        back = await visitor.ask(
            "undo, with its page", "POST", UNDO.findall(page)[0], urlencode({"user_id": person_id})
        )
        assert DECISION.findall(back) == [address], "what was decided lies on the desk again"
        await visitor.ask("decide once more", "POST", address, urlencode(form))
        page = await visitor.ask("the next once more", "GET", queue)


async def look_round(visitor: Visitor, project_id: int) -> None:
    """Lists, searches, how far a project is; and an empty route, for what a request costs at least."""
    prompts, overview = f"/api/v1/projects/{project_id}/prompts", f"/projects/{project_id}"
    for _ in rounds(visitor):
        await visitor.ask("prompts, newest", "GET", prompts)
        await visitor.ask("submissions, newest", "GET", f"/api/v1/submissions?project_id={project_id}")
        await visitor.ask("search, rare words", "GET", f"{prompts}?words=ocean+starch")
        await visitor.ask("search, a common word", "GET", f"{prompts}?words=the")
        await visitor.ask("overview by the API", "GET", f"/api/v1{overview}/overview")
        await visitor.ask("overview page", "GET", overview)
        await visitor.ask("empty route", "GET", "/health/live")


def in_this_thread() -> None:
    """Let what would run in a worker thread run here, where the timer sees it."""

    async def run_sync(function: Callable[..., Any], *arguments: Any, **settings: Any) -> Any:
        return function(*arguments)

    anyio.to_thread.run_sync = run_sync  # type: ignore[assignment]

    async def here(function: Callable[[], Any]) -> Any:
        return function()

    one_thread.in_a_thread = here  # type: ignore[attr-defined]


def show(title: str, costs: dict[str, Cost], *, functions: bool) -> None:
    """A table: milliseconds of processor time a request, by layer."""
    layers = sorted({layer for cost in costs.values() for layer in cost.samples.layers})
    head = ("request", "statements", "journeys", "calls", "Python ms", "least")
    table = Table(*head, *layers, title=title)
    for kind, cost in costs.items():
        each, seen = cost.cpu / cost.requests * 1000, cost.samples.layers.total()
        journeys = min(one.journeys for one in cost.counts)
        calls = min(one.calls for one in cost.counts)
        shares = [f"{each * cost.samples.layers[layer] / seen:.2f}" for layer in layers]
        told = (str(len(cost.statements)), str(journeys), f"{calls:,}", f"{each:.2f}", f"{cost.least * 1000:.2f}")
        table.add_row(kind, *told, *shares)
    Console(width=190).print(table)
    for kind, cost in costs.items() if functions else ():
        print(f"\n{kind}")
        print(*(f"{ticks:5d} {name}" for name, ticks in cost.samples.functions.most_common(25)), sep="\n")
        print(*cost.statements, sep="\n  ")


async def by_the_page(visitor: Visitor, here: Site) -> None:
    """The newest account is the reviewer."""
    with here.sessions.begin() as session:
        person_id = session.scalars(select(func.max(User.id))).one()
    await look_and_decide(visitor, here.project_id, person_id)


def main() -> None:
    """The writer's and the reviewer's cycle and who looks round, at a thousand prompts; `--lists`: only the last."""
    in_this_thread()
    cycles: list[tuple[str, Role, Callable[[Visitor, Site], Coroutine[Any, Any, None]]]] = [
        ("The writer's cycle", Role.ANNOTATOR, lambda who, here: write(who, here.project_id, "Bread is soft. " * 80)),
        ("The reviewer's, by the API", Role.REVIEWER, lambda who, here: review(who, here.project_id, rated(here))),
        ("The reviewer's, by the page", Role.REVIEWER, by_the_page),
        ("Who looks round", Role.ADMIN, lambda who, here: look_round(who, here.project_id)),
    ]
    for title, role, cycle in cycles[-1:] if "--lists" in sys.argv else cycles:
        with site(1_000) as here:
            if role is not Role.ANNOTATOR:
                here.hand_in_all(1_000)
            app = create_app(here.settings.model_copy(update=HELD_ON), here.url, sessions=here.sessions)
            app.state.check_schema = False
            visitor = Visitor(app, here, bring_in(here, 1, role)[0])
            asyncio.run(cycle(visitor, here))
            signal.setitimer(signal.ITIMER_PROF, 0)
            show(title, visitor.costs, functions="--functions" in sys.argv)


if __name__ == "__main__":
    main()
