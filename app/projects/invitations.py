"""Bringing somebody into a project, whether they have an account yet or not."""

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.links import link_address
from app.accounts.models import LinkPurpose, Membership, Role
from app.accounts.service import invite
from app.core.settings import Settings
from app.projects.members import add_member
from app.projects.policy import can_administer
from app.projects.queries import get_project_for


def bring_in(
    session: Session, actor: Actor, settings: Settings, project_id: int, *, email: str, name: str, role: Role
) -> tuple[Membership, str]:
    """The membership and the address by which a new person joins; the answer is alike for known addresses."""
    get_project_for(session, actor, project_id)
    can_administer(actor, project_id).require()
    person, token = invite(session, actor, email=email, name=name)
    membership = add_member(session, actor, project_id, user_id=person.id, role=role)
    return membership, link_address(settings, LinkPurpose.INVITE, token)
