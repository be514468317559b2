"""Two tabs, a double click, the last slot: what meets in one moment ends in one clear state."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from app.accounts.models import Role
from app.accounts.sign_ins import open_sign_in
from app.core.database import make_engine, make_sessions
from app.main import create_app
from app.projects.models import Project
from app.prompts.models import PromptStatus, Slot
from app.writing.models import Assignment, Draft, Revision, Submission
from tests import factories
from tests.conftest import settings_in
from tests.writing import work

AT_ONCE = 8
Answer = TypeVar("Answer")


@pytest.fixture
def sessions(own_database: str, tmp_path: Path) -> Iterator[sessionmaker[Session]]:
    """Transactions that really commit."""
    engine = make_engine(own_database, settings_in(tmp_path), pool_size=2 * AT_ONCE)
    yield make_sessions(engine)
    engine.dispose()


@pytest.fixture
def app(tmp_path: Path, sessions: sessionmaker[Session]) -> FastAPI:
    """The application on a database of its own."""
    return create_app(settings_in(tmp_path), "postgresql://unused", sessions=sessions)


class Site:
    """A project with writers, and what they do at the same moment."""

    def __init__(self, app: FastAPI, sessions: sessionmaker[Session]) -> None:
        self.app, self.sessions = app, sessions
        with sessions.begin() as session:
            self.owner = factories.user(session, "Ada Admin")
            self.project = factories.project(session, self.owner)

    def ask(self, count: int, slots: int) -> None:
        """Open some prompts."""
        with self.sessions.begin() as session:
            for number in range(count):
                factories.prompt(
                    session, self.project, self.owner, f"Question {number}", status=PromptStatus.APPROVED, slots=slots
                )

    def writer(self, name: str) -> tuple[TestClient, int]:
        """Somebody signed in, and their id."""
        with self.sessions.begin() as session:
            person = factories.user(session, name)
            factories.member(session, self.project, person, Role.ANNOTATOR)
            cookie = open_sign_in(session, person)
        client = TestClient(self.app, headers={"Sec-Fetch-Site": "same-origin"})
        client.cookies.set(self.app.state.settings.cookie_name, cookie)
        return client, person.id

    def take(self, client: TestClient) -> int:
        """The next prompt's assignment, or 0 where nothing is open."""
        answer = client.post(f"/api/v1/projects/{self.project.id}/assignments")
        return int(answer.json()["id"]) if answer.status_code == 201 else 0

    def save(self, client: TestClient, assignment_id: int, text: str, revision: int = 0) -> int:
        """The status of a save."""
        body = {"messages": work.turns(text), "prompt": None, "revision": revision}
        return client.put(f"/api/v1/assignments/{assignment_id}/draft", json=body).status_code

    def hand_in(self, client: TestClient, assignment_id: int, revision: int = 1, key: str = "") -> int:
        """The status of a hand-in."""
        headers = {"Idempotency-Key": key} if key else {}
        address = f"/api/v1/assignments/{assignment_id}/hand-in"
        return client.post(address, json={"draft_revision": revision}, headers=headers).status_code

    def count(self, table: type) -> int:
        """How many rows there are."""
        with self.sessions() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def site(app: FastAPI, sessions: sessionmaker[Session]) -> Site:
    """The project, without prompts."""
    return Site(app, sessions)


def at_once(*acts: Callable[[], Answer]) -> list[Answer]:
    """What each act answered; they begin together."""
    together = Barrier(len(acts))

    def begin(act: Callable[[], Answer]) -> Answer:
        together.wait(timeout=60)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))


def test_a_double_click_on_next_takes_one_prompt(site: Site) -> None:
    site.ask(5, slots=2)
    client, _ = site.writer("Ann")
    taken = at_once(*[lambda: site.take(client)] * AT_ONCE)
    assert len(set(taken)) == 1
    assert site.count(Assignment) == 1


def test_many_writers_at_once_take_each_slot_once_and_nobody_two_of_one_prompt(site: Site) -> None:
    # R25
    site.ask(10, slots=3)
    writers = [site.writer(f"Writer {number}")[0] for number in range(100)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        taken = list(pool.map(site.take, writers))
    assert len([one for one in taken if one]) == 30
    with site.sessions() as session:
        held = session.execute(select(Slot.prompt_id, Slot.lease_holder_id).where(Slot.lease_holder_id.is_not(None)))
        pairs = [tuple(row) for row in held]
    assert len(pairs) == len(set(pairs)) == 30


def test_two_hand_ins_of_one_draft_make_one_submission(site: Site) -> None:
    # R19
    site.ask(1, slots=3)
    client, _ = site.writer("Ann")
    assignment = site.take(client)
    site.save(client, assignment, "Because")
    assert at_once(*[lambda: site.hand_in(client, assignment)] * AT_ONCE) == [201] * AT_ONCE
    assert (site.count(Submission), site.count(Revision)) == (1, 1)


def test_two_requests_with_one_key_are_carried_out_once(site: Site) -> None:
    # R2
    client, _ = site.writer("Ann")
    pair = {"prompt_messages": factories.asked("Which tool?"), "messages": factories.answered("Try out Cursor")}
    address, key = f"/api/v1/projects/{site.project.id}/pairs", {"Idempotency-Key": "k1"}
    answers = at_once(*[lambda: client.post(address, json=pair, headers=key).content] * AT_ONCE)
    assert len(set(answers)) == 1
    assert site.count(Submission) == 1


def test_of_pairs_written_at_once_no_more_is_taken_than_one_person_may_write(site: Site) -> None:
    with site.sessions.begin() as session:
        session.execute(update(Project).values(responses_per_writer=1))
    client, _ = site.writer("Ann")
    pair = {"prompt_messages": factories.asked("Which tool?"), "messages": factories.answered("Try out Cursor")}
    address = f"/api/v1/projects/{site.project.id}/pairs"
    statuses = at_once(*[lambda: client.post(address, json=pair).status_code] * AT_ONCE)
    assert sorted(statuses) == [201] + [409] * (AT_ONCE - 1)


def test_of_two_writers_on_the_last_slot_one_hands_in_and_the_other_keeps_the_text(site: Site) -> None:
    # R24
    site.ask(1, slots=2)
    (ann, _), (ben, _) = site.writer("Ann"), site.writer("Ben")
    works = [(client, site.take(client)) for client in (ann, ben)]
    for client, assignment in works:
        site.save(client, assignment, "Mine")
    with site.sessions.begin() as session:
        one, _ = session.scalars(select(Slot).order_by(Slot.id)).all()
        one.filled_at = func.now()
        for slot in session.scalars(select(Slot)):
            slot.lease_holder_id = slot.lease_expires_at = None
    statuses = at_once(*[lambda client=c, a=a: site.hand_in(client, a) for c, a in works])
    assert sorted(statuses) == [201, 409]
    assert (site.count(Submission), site.count(Draft)) == (1, 2)


def test_of_two_tabs_that_save_at_once_one_is_told_that_it_came_late(site: Site) -> None:
    # R20
    site.ask(1, slots=1)
    client, _ = site.writer("Ann")
    assignment = site.take(client)
    texts = [f"Tab {number}" for number in range(AT_ONCE)]
    statuses = at_once(*[lambda text=text: site.save(client, assignment, text) for text in texts])
    assert sorted(statuses) == [200] + [409] * (AT_ONCE - 1)
    stored = client.get(f"/api/v1/assignments/{assignment}/draft").json()
    assert stored["revision"] == 1
    assert stored["messages"][0]["content"] == texts[statuses.index(200)]


def test_saving_and_handing_in_at_once_never_hands_in_half_of_it(site: Site) -> None:
    site.ask(1, slots=1)
    client, _ = site.writer("Ann")
    assignment = site.take(client)
    site.save(client, assignment, "First")
    saved, handed_in = at_once(
        lambda: site.save(client, assignment, "Second", 1), lambda: site.hand_in(client, assignment)
    )
    assert (saved, handed_in) in [(200, 409), (409, 201)]
    with site.sessions() as session:
        revisions = [row.messages for row in session.scalars(select(Revision))]
    assert revisions == ([work.turns("First")] if handed_in == 201 else [])
