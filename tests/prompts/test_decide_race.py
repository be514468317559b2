"""Two people decide at once: one decision stands, the other hears so."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.actor import Actor
from app.accounts.models import Membership, Role
from app.core.audit import AuditEntry
from app.core.database import make_engine, make_sessions
from app.core.errors import Conflict
from app.core.settings import Settings
from app.projects import service as projects
from app.prompts import service
from app.prompts.models import PromptStatus, ReportReason, Slot
from app.prompts.reports import report
from tests import factories
from tests.rounds import rounds

ROUNDS = rounds(50)
Act = Callable[[Session], object]


def at_once(sessions: sessionmaker[Session], *acts: Act) -> list[str]:
    """Do all in the same moment, each in its own transaction; for each "done" or the code of its refusal."""
    together = Barrier(len(acts))

    def run(act: Act) -> str:
        try:
            with sessions.begin() as session:
                session.connection()
                together.wait(timeout=60)
                act(session)
        except Conflict as late:
            return late.code
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_opposite_decisions_at_once_leave_one(own_database: str, tmp_path: Path) -> None:
    engine = make_engine(own_database, Settings(data=tmp_path), pool_size=4)
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        owner = factories.user(session, "Ada Admin")
        project = factories.project(session, owner)
        rae, rob = (factories.user(session, name) for name in ("Rae Reviewer", "Rob Reviewer"))
        ids = [factories.prompt(session, project, owner, f"Question {number}").id for number in range(ROUNDS)]
    first, second = (Actor(person.id, person.name, roles={project.id: Role.REVIEWER}) for person in (rae, rob))
    for prompt_id in ids:
        outcomes = at_once(
            sessions,
            partial(service.approve, actor=first, prompt_id=prompt_id),
            partial(service.reject, actor=second, prompt_id=prompt_id, reason="No"),
        )
        assert sorted(outcomes) == ["done", "prompts.already_decided"]
        with sessions() as session:
            slots = session.scalar(select(func.count()).where(Slot.prompt_id == prompt_id))
            assert slots == (1 if outcomes[0] == "done" else 0)
    engine.dispose()


def test_two_admins_who_demote_each_other_at_once_leave_one(own_database: str, tmp_path: Path) -> None:  # S50
    engine = make_engine(own_database, Settings(data=tmp_path), pool_size=4)
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        owner, other = factories.user(session, "Ada Admin"), factories.user(session, "Adam Admin")
        project = factories.project(session, owner)
        factories.member(session, project, other, Role.ADMIN)
    first, second = (Actor(person.id, person.name, roles={project.id: Role.ADMIN}) for person in (owner, other))
    outcomes = at_once(
        sessions,
        lambda session: projects.set_role(session, first, project.id, user_id=other.id, role=Role.ANNOTATOR),
        lambda session: projects.set_role(session, second, project.id, user_id=owner.id, role=Role.ANNOTATOR),
    )
    with sessions() as session:
        admins = session.scalar(select(func.count()).where(Membership.role == Role.ADMIN))
    engine.dispose()
    assert (sorted(outcomes), admins) == (["done", "projects.last_admin"], 1)


def test_two_third_reports_at_once_send_the_prompt_back_once(own_database: str, tmp_path: Path) -> None:
    engine = make_engine(own_database, Settings(data=tmp_path), pool_size=4)
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        owner = factories.user(session, "Ada Admin")
        project = factories.project(session, owner)
        people = [factories.user(session, f"Writer {number}") for number in range(4)]
        offered = PromptStatus.APPROVED
        ids = [factories.prompt(session, project, owner, f"Question {at}", status=offered).id for at in range(3)]
    writers = [Actor(person.id, person.name, roles={project.id: Role.ANNOTATOR}) for person in people]
    for prompt_id in ids:
        said = [
            partial(report, actor=writer, prompt_id=prompt_id, reason=ReportReason.UNCLEAR, note="")
            for writer in writers
        ]
        for act in said[:2]:
            at_once(sessions, act)
        assert at_once(sessions, *said[2:]) == ["done", "done"]
    with sessions() as session:
        sent = select(AuditEntry.subject_id).where(AuditEntry.action == "prompts.sent_back")
        assert session.scalars(sent.order_by(AuditEntry.subject_id)).all() == ids
    engine.dispose()
