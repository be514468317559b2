"""A site that kills itself just before or after the commit that stores a revision: `-m tests.writing.doomed_site …`."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.core.database import make_engine, make_sessions
from app.main import create_app
from tests import factories
from tests.conftest import settings_in

PAIR = {
    "prompt_messages": factories.asked("Suggest a coding assistant tool"),
    "messages": factories.answered("Try out Cursor"),
}


def repeat(client: TestClient, cookie_name: str, cookie: str, project_id: int) -> Any:
    """The client's one request, under its one key."""
    client.cookies.set(cookie_name, cookie)
    headers = {"Sec-Fetch-Site": "same-origin", "Idempotency-Key": "the-key"}
    return client.post(f"/api/v1/projects/{project_id}/pairs", json=PAIR, headers=headers)


def main(url: str, folder: str, cookie: str, point: str, project_id: str) -> None:
    """Answer that request up to the point: `before_commit` or `after_commit`."""
    settings = settings_in(Path(folder))
    engine = make_engine(url, settings)
    sessions = make_sessions(engine)
    stored: list[bool] = []

    @event.listens_for(engine, "after_cursor_execute")
    def written(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "INTO revisions" in statement:
            stored.append(True)

    @event.listens_for(sessions, point)
    def die(session: Session) -> None:
        if stored:
            os.kill(os.getpid(), signal.SIGKILL)

    repeat(TestClient(create_app(settings, "unused", sessions=sessions)), settings.cookie_name, cookie, int(project_id))


if __name__ == "__main__":
    main(*sys.argv[1:])
