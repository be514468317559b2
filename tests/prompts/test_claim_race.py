"""A hundred people ask for work in the same moment."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Role
from app.core.database import make_engine, make_sessions
from app.core.settings import Settings
from app.projects.models import Project
from app.prompts import slots
from app.prompts.models import PromptStatus, Slot
from tests import factories

WRITERS = 100
AT_ONCE = 20


def a_project_with_work(session: Session) -> tuple[Project, list[Actor]]:
    """Ten prompts of three slots, and a hundred writers."""
    owner = factories.user(session, "Ada Admin")
    project = factories.project(session, owner)
    for number in range(10):
        factories.prompt(session, project, owner, f"Question {number}", status=PromptStatus.APPROVED, slots=3)
    people = [factories.user(session, f"Writer {number}") for number in range(WRITERS)]
    return project, [Actor(person.id, person.name, roles={project.id: Role.ANNOTATOR}) for person in people]


def test_a_hundred_writers_get_thirty_slots_and_nobody_two_on_one_prompt(own_database: str, tmp_path: Path) -> None:
    # R25
    engine = make_engine(own_database, Settings(data=tmp_path), pool_size=AT_ONCE)
    try:
        claims = claim_at_once(engine)
    finally:
        engine.dispose()
    assert len(claims) == 30
    assert len(set(claims)) == 30


def claim_at_once(engine: Engine) -> list[tuple[int, int]]:
    """Every writer's one claim, in transactions that meet; the stored pairs (prompt, holder)."""
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        project, writers = a_project_with_work(session)
    together = Barrier(AT_ONCE)

    def claim(writer: Actor) -> None:
        with sessions.begin() as session:
            session.connection()
            together.wait(timeout=60)
            slots.claim_next(session, writer, project)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(claim, writers))
    with sessions() as session:
        held = select(Slot.prompt_id, Slot.lease_holder_id).where(Slot.lease_holder_id.is_not(None))
        return [(prompt_id, holder) for prompt_id, holder in session.execute(held) if holder]


def test_a_claim_waits_for_no_other_that_is_still_under_way(own_database: str, tmp_path: Path) -> None:
    # R25
    engine = make_engine(own_database, Settings(data=tmp_path, lock_timeout_ms=50), pool_size=3)
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        project, (first, second, *_) = a_project_with_work(session)
    with sessions.begin() as slow, sessions.begin() as quick:
        one = slots.claim_next(slow, first, project)
        other = slots.claim_next(quick, second, project)
        assert one
        assert other
        assert one.id != other.id
    engine.dispose()


def test_one_writer_in_two_tabs_gets_two_prompts_not_two_slots_of_one(own_database: str, tmp_path: Path) -> None:
    engine = make_engine(own_database, Settings(data=tmp_path), pool_size=8)
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        project, (writer, *_) = a_project_with_work(session)
    together = Barrier(8)

    def claim(_: int) -> int | None:
        with sessions.begin() as session:
            session.connection()
            together.wait(timeout=60)
            slot = slots.claim_next(session, writer, project)
            return slot.prompt_id if slot else None

    with ThreadPoolExecutor(8) as pool:
        prompts = list(pool.map(claim, range(8)))
    engine.dispose()
    assert None not in prompts
    assert len(set(prompts)) == 8
