"""Who has still to show how they write before the queue opens to them? By enough approvals, or by an admin's hand.

The rule asks annotators only. Whoever is in the project when it is turned on is qualified at once: it is for those who
come afterwards. Qualified once is qualified for good, also when the rule asks for more later.
"""

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Membership, Role
from app.accounts.notices import tell
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict
from app.projects.models import Project
from app.projects.policy import can_administer
from app.projects.queries import get_member_for, get_project_for


@dataclass(frozen=True)
class Standing:
    """How far a writer is: responses handed in and not turned down, those approved of them, and how many it takes.

    Counted only for who is not qualified yet.
    """

    qualified: bool
    handed_in: int = 0
    approved: int = 0
    wanted: int = 0


def is_asked(actor: Actor, project: Project) -> bool:
    """Whether the rule concerns this person at all. Pure."""
    return project.qualification > 0 and not actor.reviews(project.id)


def is_qualified(session: Session, project: Project, user_id: int, *, lock: bool = False) -> bool:
    """Whether somebody needs no calibration here. With `lock` one person's requests take turns where they do."""
    if project.qualification == 0:
        return True
    member = select(Membership.role, Membership.qualified_at).where(
        Membership.project_id == project.id, Membership.user_id == user_id
    )
    found = session.execute(member).one_or_none()
    if found and (found.role is not Role.ANNOTATOR or found.qualified_at is not None):
        return True
    if lock:
        found = session.execute(member.with_for_update(key_share=True)).one_or_none()
    return found is not None and found.qualified_at is not None


def qualify(session: Session, actor: Actor, project_id: int, *, user_id: int) -> Membership:
    """Open the queue to a writer by hand. Conflict for who is qualified already."""
    get_project_for(session, actor, project_id)
    can_administer(actor, project_id).require()
    get_member_for(session, actor, project_id, user_id)
    new = update(Membership).where(
        Membership.project_id == project_id,
        Membership.user_id == user_id,
        Membership.role == Role.ANNOTATOR,
        Membership.qualified_at.is_(None),
    )
    done = Conflict("projects.already_qualified", "They are qualified already: the queue is open to them.")
    change_one(session, new.values(qualified_at=func.now()), otherwise=done)
    record(
        session, "projects.qualified", "user", user_id,
        actor_id=actor.user_id, origin=actor.origin, project_id=project_id,
    )  # fmt: skip
    _tell(session, project_id, user_id, by=actor.user_id)
    return get_member_for(session, actor, project_id, user_id)


def note_qualified(session: Session, project_id: int, user_id: int) -> None:
    """Enough of a writer's responses are approved. Only the room `writing`, which counts them, calls this."""
    new = update(Membership).where(
        Membership.project_id == project_id, Membership.user_id == user_id, Membership.qualified_at.is_(None)
    )
    if session.scalar(new.values(qualified_at=func.now()).returning(Membership.user_id)) is not None:
        record(session, "projects.qualified", "user", user_id, actor_id=None, project_id=project_id)
        _tell(session, project_id, user_id)


def excuse_everybody(session: Session, project_id: int) -> None:
    """The rule is turned on: whoever was here before is qualified."""
    here = update(Membership).where(Membership.project_id == project_id, Membership.qualified_at.is_(None))
    session.execute(here.values(qualified_at=func.now()))


def _tell(session: Session, project_id: int, user_id: int, *, by: int | None = None) -> None:
    tell(session, user_id, "qualified", project_id=project_id, subject="project", subject_id=project_id, by=by)
