"""A small real server with one draft, for the scripts of a page: it keeps, refuses, falls silent and loses answers."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs

from app.core.middleware import CONTENT_POLICY
from app.core.static_content import contents
from app.core.web import Frame, Me, OpenProject, environment

PAGES = Path(__file__).parent / "pages"
PEOPLE = {"ada@example.org": (7, "Ada"), "ben@example.org": (8, "Ben")}


@dataclass
class Desk:
    """What the server knows, and what it shall do next. `mood`: "", "busy" (503, with `retry_after`), "lost" (stores,
    then hangs up), "silent" (neither stores nor answers until the desk is `cleared`), "over" (it was handed in),
    "proxy" (413 of somebody else's).

    `counts`: the page counts how the text is typed, and `keystrokes` are those that were stored.
    """

    address: str = ""
    messages: list[dict[str, str]] = field(default_factory=lambda: [{"role": "assistant", "content": "Once"}])
    prompt: str | None = None
    revision: int = 1
    user: int | None = 7
    mood: str = ""
    heard: list[dict[str, Any]] = field(default_factory=list)
    handed_in: list[dict[str, list[str]]] = field(default_factory=list)
    asked: int = 0
    counts: bool = False
    keystrokes: int = 0
    retry_after: str = "1"
    saved_at: datetime | None = None
    cleared: Event = field(default_factory=Event)

    @property
    def text(self) -> str:
        """The response that is stored."""
        return self.messages[0]["content"]

    def move_on(self, text: str) -> None:
        """Another window of the same person saves."""
        self.messages, self.revision = [{"role": "assistant", "content": text}], self.revision + 1

    def draft(self) -> dict[str, Any]:
        """The draft as the API gives it."""
        saved_at = "2026-11-24T10:00:00Z"
        return {"messages": self.messages, "prompt": self.prompt, "revision": self.revision, "saved_at": saved_at}


class Handler(BaseHTTPRequestHandler):
    """One request to the desk."""

    server: "Server"
    protocol_version = "HTTP/1.1"

    @property
    def desk(self) -> Desk:
        """What is on the desk of the test that runs."""
        return self.server.desk

    def do_GET(self) -> None:
        """A page of tests/frontend/pages, a static file, or a count of who asked for it."""
        path = self.path.split("?")[0]
        path = re.sub("^/static/@[0-9a-f]+/", "/static/", path)  # the mark of all scripts
        if path.startswith("/static/"):
            file = contents()[path.removeprefix("/static/")]
            self._say(200, file.body, file.kind)
        elif path == "/asked":
            self.desk.asked += 1
            self._json(200, {})
        elif path == "/fault":
            self._say(500, b"<h1>fault</h1>", "text/html")
        elif path == "/late":
            self._page("core/error.html", 409, title="This came too late", sentence="Ben decided first.")
        else:
            self._page(f"{path[1:]}.html", 200)

    def do_PUT(self) -> None:
        """Save the draft."""
        said = json.loads(self._body())
        desk = self.desk
        desk.heard.append(said)
        if desk.mood == "busy":
            self._json(503, {"title": "Penset is busy", "detail": "Try again."})
        elif desk.mood == "proxy":
            self._say(413, b"<h1>413 Request Entity Too Large</h1>", "text/html")
        elif desk.mood == "over":
            self._json(409, {"type": "/errors/writing.already_handed_in", "detail": "This was handed in already."})
        elif desk.mood == "silent":
            desk.cleared.wait()
            self.close_connection = True
        elif desk.user is None:
            self._json(401, {"title": "Please sign in", "detail": "Please sign in."})
        elif said["revision"] != desk.revision:
            late = {"type": "/errors/writing.draft_changed", "detail": "This draft is newer elsewhere."}
            self._json(409, late | {"current": desk.draft()})
        else:
            desk.messages, desk.prompt, desk.revision = said["messages"], said["prompt"], desk.revision + 1
            desk.keystrokes += said.get("typed", {}).get("keystrokes", 0)
            if desk.mood == "lost":
                desk.mood = ""
                self.close_connection = True
            else:
                self._json(200, {"revision": desk.revision, "saved_at": "2026-11-24T10:00:00Z"})

    def do_POST(self) -> None:
        """Sign in, or hand in."""
        if self.path == "/api/v1/session":
            given = json.loads(self._body())
            self.desk.user, name = PEOPLE[given["email"]]
            self._json(200, {"user_id": self.desk.user, "name": name})
            return
        self.desk.handed_in.append(parse_qs(self._body().decode(), keep_blank_values=True))
        self.send_response(303)
        self.send_header("Location", "/done")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def _page(self, template: str, status: int, **names: str) -> None:
        frame = Frame(me=Me(7, "Ada", "A", "ada@example.org", False), project=OpenProject(1, "Everyday assistant"))
        context = {"frame": frame, "desk": self.desk, "places": (), "request_id": "1a2b", "request_path": "/", **names}
        context |= {"posted": None, "for_htmx": True}  # of the error page
        context["url_for"] = lambda name, **_: f"/{name.replace('.', '/')}"
        page = PAGES / template
        source = environment().from_string(page.read_text()) if page.exists() else environment().get_template(template)
        self._say(status, source.render(context).encode(), "text/html; charset=utf-8")

    def _json(self, status: int, answer: dict[str, Any]) -> None:
        self._say(status, json.dumps(answer).encode(), "application/json")

    def _say(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", CONTENT_POLICY)
        if status == 503:
            self.send_header("Retry-After", self.desk.retry_after)
        if self.path.startswith("/static/"):  # as the site says of what has a mark
            self.send_header("Cache-Control", "public, max-age=31536000, immutable")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the tests look at what was heard."""


class Server(ThreadingHTTPServer):
    """Serves one desk after another at one address."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.begin()

    def begin(self) -> Desk:
        """A new desk in place of the one before."""
        self.desk = Desk(self.address)
        return self.desk

    def clear(self) -> None:
        """Who still waits for this desk goes."""
        self.desk.cleared.set()


@contextmanager
def serving() -> Iterator[Server]:
    """A server that serves until the end."""
    with Server() as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
