"""What the doctor's tests begin with: a database of their own, a story played by the verbs, and the owner's hands."""

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
from tests.conftest import raw

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


@pytest.fixture
def engine_of_its_own(own_database: str, settings: Settings) -> Iterator[Engine]:
    """Connections as the application's role."""
    engine = make_engine(own_database, settings, pool_size=2)
    yield engine
    engine.dispose()


@pytest.fixture
def patient(own_database: str, engine_of_its_own: Engine) -> Patient:
    """A database that has lived a little."""
    sessions = make_sessions(engine_of_its_own)
    with sessions.begin() as session:
        story = play(session)
    return Patient(own_database, sessions, story)


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
