"""What the doctor's tests begin with: a database of their own, a story played by the verbs, and the owner's hands."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Role
from app.accounts.sign_ins import actor_for
from app.core.database import make_engine, make_sessions
from app.core.settings import Settings
from app.insights.doctor import CHECKS, examine
from app.prompts import service as prompts
from app.review import service as review
from app.tables import APPEND_ONLY
from app.writing import service as writing
from tests import factories
from tests.conftest import raw, settings_in
from tests.databases import clone, drop

RATINGS = {"helpful": 4, "correct": 5}


@dataclass(frozen=True)
class Story:
    """Ids of what was written: one approved response, one sent back, one that waits, one rejected."""

    approved: int
    sent_back: int
    waiting: int
    rejected: int


@dataclass(frozen=True)
class Patient:
    """A database with a story in it, and how it can be broken by hand."""

    url: str
    sessions: sessionmaker[Session]
    story: Story

    def breaks(self, *statements: str) -> None:
        """Do what no verb does: as the owner, with the guards of history off."""
        with raw(self.url) as connection:
            for table in (*APPEND_ONLY, "versions"):
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
            for statement in statements:
                connection.execute(statement.encode())
            for table in (*APPEND_ONLY, "versions"):
                connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())

    def complaints(self) -> dict[str, list[str]]:
        """What the doctor finds, by the name of the check; nothing where all holds."""
        with self.sessions.begin() as session:
            return {result.check.name: list(result.broken) for result in examine(session, CHECKS) if result.in_all}


@pytest.fixture(scope="session")
def lived(cluster: str, _template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Story]]:
    """A database that has lived a little and that nobody is connected to, so that it is cloned in a moment."""
    name = f"lived_{os.getpid()}"
    url = clone(cluster, template=_template, name=name)
    engine = make_engine(url, settings_in(tmp_path_factory.mktemp("lived")))
    with make_sessions(engine).begin() as session:
        story = play(session)
    engine.dispose()
    yield name, story
    drop(cluster, url)


@pytest.fixture
def body(cluster: str, lived: tuple[str, Story]) -> Iterator[str]:
    """A database of this test alone that has lived so."""
    url = clone(cluster, template=lived[0], name=f"body_{os.getpid()}")
    yield url
    drop(cluster, url)


@pytest.fixture
def engine_of_its_own(body: str, settings: Settings) -> Iterator[Engine]:
    """Connections as the application's role."""
    engine = make_engine(body, settings, pool_size=2)
    yield engine
    engine.dispose()


@pytest.fixture
def patient(body: str, lived: tuple[str, Story], engine_of_its_own: Engine) -> Patient:
    """A database that has lived a little."""
    return Patient(body, make_sessions(engine_of_its_own), lived[1])


def play(session: Session) -> Story:
    """Propose, approve, write, decide: all by the verbs that people use."""
    owner, writer, reviewer = (factories.user(session, name) for name in ("Ada Admin", "Wim Writer", "Rae Reviewer"))
    project = factories.project(session, owner)
    factories.member(session, project, writer, Role.ANNOTATOR)
    factories.member(session, project, reviewer, Role.REVIEWER)
    admin, author, judge = (actor_for(session, person) for person in (owner, writer, reviewer))
    handed_in = []
    for number in range(4):
        asked = prompts.propose(session, admin, project.id, messages=factories.asked(f"Question {number}"))
        prompts.approve(session, judge, asked.id)
        work = writing.take_next(session, author, project.id)
        assert work
        draft = writing.save_draft(
            session, author, work.id, prompt_messages=[], messages=factories.answered(f"Answer {number}"), revision=0
        )
        handed_in.append(writing.hand_in(session, author, work.id, draft_revision=draft.revision).id)
    first, second, _, last = handed_in
    review.approve(session, judge, first, revision=1, ratings=RATINGS)
    review.ask_for_changes(session, judge, second, revision=1, ratings={}, note="Say why.")
    review.reject(session, judge, last, revision=1, ratings={}, note="Copied.")
    return Story(*handed_in)
