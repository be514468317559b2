"""The site is killed in the middle of a hand-in: the client asks again and there is one submission."""

import signal
from pathlib import Path

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
from tests.forked import run
from tests.writing.doomed_site import repeat


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

    killed = run("tests.writing.doomed_site", own_database, str(tmp_path), cookie, point, str(project.id))
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
