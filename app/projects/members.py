"""Who is in a project, in which role, and under which pseudonym: one verb a function."""

import secrets
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Membership, Role
from app.accounts.notices import forget_project
from app.accounts.sign_ins import renew_ids
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict, NotFound
from app.core.leases import give_back_everywhere, give_back_of_others
from app.projects.models import Project
from app.projects.policy import can_administer
from app.projects.queries import find_person, get_project_for

TRIES = 20


def add_member(session: Session, actor: Actor, project_id: int, *, user_id: int, role: Role) -> Membership:
    """Bring somebody with an account into the project; who left comes back under the old pseudonym."""
    get_project_for(session, actor, project_id)
    can_administer(actor, project_id).require()
    if find_person(session, user_id) is None:
        raise NotFound("projects.no_such_person", "There is nobody with such an account.")
    membership = enrol(session, project_id, user_id, Role(role))
    renew_ids(session, user_id)
    _record(session, actor, "projects.member_added", project_id, user_id, role=str(membership.role))
    return membership


def set_role(session: Session, actor: Actor, project_id: int, *, user_id: int, role: Role) -> Membership:
    """Give a member another role. Who decides no longer gives back what they were to decide on.

    Conflict where the project would be left without an administrator.
    """
    _hold_the_door(session, actor, project_id)
    if role is not Role.ADMIN:
        _require_another_admin(session, project_id, user_id)
    changed = update(Membership).where(_present(project_id, user_id)).values(role=Role(role), **_trusted(role))
    change_one(session, changed, otherwise=_nobody())
    if role is Role.ANNOTATOR:
        give_back_of_others(session, holder_id=user_id, project_id=project_id)
    renew_ids(session, user_id)
    _record(session, actor, "projects.role_changed", project_id, user_id, role=str(role))
    return session.scalars(_membership(project_id, user_id)).one()


def remove_member(session: Session, actor: Actor, project_id: int, *, user_id: int) -> None:
    """Take somebody out of the project; what they held goes back, what they wrote and drafted stays theirs.

    Conflict for the last administrator.
    """
    _hold_the_door(session, actor, project_id)
    _require_another_admin(session, project_id, user_id)
    left = update(Membership).where(_present(project_id, user_id)).values(left_at=func.now())
    change_one(session, left, otherwise=_nobody())
    forget_project(session, user_id, project_id)
    given_back = give_back_everywhere(session, holder_id=user_id, project_id=project_id)
    _record(session, actor, "projects.member_removed", project_id, user_id, given_back=given_back)


def enrol(session: Session, project_id: int, user_id: int, role: Role) -> Membership:
    """The membership itself, with a pseudonym that nobody else has in this project. Conflict for who is in it."""
    back = update(Membership).where(
        Membership.project_id == project_id, Membership.user_id == user_id, Membership.left_at.is_not(None)
    )
    returned: Membership | None = session.scalar(
        back.values(role=role, left_at=None, **_trusted(role)).returning(Membership)
    )
    if returned is not None:
        return returned
    for tried in range(TRIES):
        pseudonym = "a-" + secrets.token_hex(2 if tried < TRIES // 2 else 4)
        new = insert(Membership).values(
            project_id=project_id,
            user_id=user_id,
            role=role,
            pseudonym=pseudonym,
            qualified_at=None if role is Role.ANNOTATOR else func.now(),
        )
        membership: Membership | None = session.scalar(new.on_conflict_do_nothing().returning(Membership))
        if membership is not None:
            return membership
        if session.get(Membership, (project_id, user_id)):
            break
    raise Conflict("projects.already_a_member", "This person is already in the project.")


def _trusted(role: Role) -> dict[str, Any]:
    """Who decides on others' texts needs no calibration, not even as an annotator later on."""
    return {} if role is Role.ANNOTATOR else {"qualified_at": func.coalesce(Membership.qualified_at, func.now())}


def _hold_the_door(session: Session, actor: Actor, project_id: int) -> None:
    """One change of people at a time: two admins who demote each other at once must not both succeed."""
    get_project_for(session, actor, project_id)
    can_administer(actor, project_id).require()
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update())


def _require_another_admin(session: Session, project_id: int, user_id: int) -> None:
    others = select(Membership.user_id).where(
        Membership.project_id == project_id,
        Membership.role == Role.ADMIN,
        Membership.left_at.is_(None),
        Membership.user_id != user_id,
    )
    if session.scalar(others.limit(1)) is None:
        raise Conflict("projects.last_admin", "A project needs an administrator. Make somebody else one first.")


def _present(project_id: int, user_id: int) -> ColumnElement[bool]:
    here = and_(Membership.project_id == project_id, Membership.user_id == user_id)
    return and_(here, Membership.left_at.is_(None))


def _membership(project_id: int, user_id: int) -> Select[Membership]:
    found = select(Membership).where(Membership.project_id == project_id, Membership.user_id == user_id)
    return found.execution_options(populate_existing=True)


def _nobody() -> NotFound:
    return NotFound("projects.no_such_member", "There is no such person in this project.")


def _record(session: Session, actor: Actor, action: str, project_id: int, user_id: int, **details: str | int) -> None:
    record(
        session, action, "user", user_id,
        actor_id=actor.user_id, origin=actor.origin, project_id=project_id, **details,
    )  # fmt: skip
