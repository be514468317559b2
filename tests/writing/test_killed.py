"""The site is killed in the middle of a hand-in: the client asks again and there is one submission."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from app.accounts.models import Role
from app.accounts.sign_ins import open_sign_in
from app.core.database import make_engine, make_sessions
from app.main import create_app
from app.writing.models import Revision, Submission
from tests import factories
from tests.conftest import settings_in

PAIR = {
    "prompt_messages": factories.asked("Suggest a coding assistant tool"),
    "messages": factories.answered("Try out Cursor"),
}
# A site of its own process, killed by itself just before or just after the commit that stores a revision.
DOOMED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from starlette.testclient import TestClient
from app.core.database import make_engine, make_sessions
from app.main import create_app
from tests.conftest import settings_in
from tests.writing.test_killed import repeat
url, folder, cookie, point, project_id = sys.argv[1:]
settings = settings_in(Path(folder))
sessions = make_sessions(make_engine(url, settings))

stored = []

@event.listens_for(sessions.kw["bind"], "after_cursor_execute")
def written(connection, cursor, statement, *rest):
    if "INTO revisions" in statement:
        stored.append(True)

@event.listens_for(sessions, point)
def die(session):
    if stored:
        os.kill(os.getpid(), signal.SIGKILL)

repeat(TestClient(create_app(settings, "unused", sessions=sessions)), settings.cookie_name, cookie, project_id)
"""


def repeat(client: TestClient, cookie_name: str, cookie: str, project_id: int) -> Any:
    """The client's one request, under its one key."""
    client.cookies.set(cookie_name, cookie)
    headers = {"Sec-Fetch-Site": "same-origin", "Idempotency-Key": "the-key"}
    return client.post(f"/api/v1/projects/{project_id}/pairs", json=PAIR, headers=headers)


@pytest.mark.parametrize(("point", "stored"), [("before_commit", 0), ("after_commit", 1)])
def test_after_a_kill_the_repeated_request_leaves_one_submission_and_one_answer(
    own_database: str, tmp_path: Path, point: str, stored: int
) -> None:
    # R2
    settings = settings_in(tmp_path)
    engine = make_engine(own_database, settings)
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        person = factories.user(session, "Ann Author")
        project = factories.project(session, factories.user(session, "Ada Admin"))
        factories.member(session, project, person, Role.ANNOTATOR)
        cookie = open_sign_in(session, person)

    doomed = [sys.executable, "-c", DOOMED, own_database, str(tmp_path), cookie, point, str(project.id)]
    killed = subprocess.run(doomed, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Submission)) == stored

    client = TestClient(create_app(settings, "postgresql://unused", sessions=sessions))
    first, second = (repeat(client, settings.cookie_name, cookie, project.id) for _ in range(2))
    assert (first.status_code, first.content) == (201, second.content)
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Submission)) == 1
        assert session.scalar(select(func.count()).select_from(Revision)) == 1
    engine.dispose()
