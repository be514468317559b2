"""What an actor can see of projects, their guidelines, categories and people. Nothing here writes."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.actor import Actor
from app.accounts.models import Membership, Role, User
from app.core.database import built_once
from app.core.errors import NotFound
from app.projects.models import Category, Guidelines, Project
from app.projects.policy import can_see_members

ROLE_ORDER = [Role.ADMIN, Role.REVIEWER, Role.ANNOTATOR]


def visible_to(actor: Actor) -> Select[Project]:
    """Projects of which the actor is a member: the one place that says what may be seen."""
    return select(Project).where(Project.id.in_(actor.roles))


def get_project_for(session: Session, actor: Actor, project_id: int) -> Project:
    """The project. NotFound where it does not exist for this actor."""
    require_member(actor, project_id)
    return session.get_one(Project, project_id)  # what this transaction has read already is not read again


def require_member(actor: Actor, project_id: int) -> None:
    """As `visible_to` has it, for who needs nothing of the project: it is there as long as it has a member."""
    if project_id not in actor.roles:
        raise NotFound("projects.not_found", "There is no such project.")


def list_projects(session: Session, actor: Actor) -> Sequence[Project]:
    """The actor's projects, the newest first, the archived ones last. A person is in few enough to be shown at once."""
    in_order = visible_to(actor).order_by(Project.archived_at.is_not(None), Project.id.desc())
    return session.scalars(in_order).all()


def current_guidelines(session: Session, project_id: int) -> Guidelines:
    """The newest version of a project's guidelines; every project has one from its first moment."""
    return session.scalars(_newest_guidelines(), {"project": project_id}).one()


@built_once
def _newest_guidelines() -> Select[Guidelines]:
    of_project = select(Guidelines).where(Guidelines.project_id == bindparam("project"))
    return of_project.order_by(Guidelines.version.desc()).limit(1)


def newest_version(project: ColumnElement[int]) -> ScalarSelect[int]:
    """SQL for the number of that version."""
    versions = select(func.max(Guidelines.version)).where(Guidelines.project_id == project)
    return versions.scalar_subquery()


def get_guidelines_for(session: Session, actor: Actor, project_id: int, version: int) -> Guidelines:
    """One version of the guidelines. NotFound where it does not exist for this actor."""
    get_project_for(session, actor, project_id)
    found = select(Guidelines).where(Guidelines.project_id == project_id, Guidelines.version == version)
    if guidelines := session.scalar(found):
        return guidelines
    raise NotFound("projects.no_such_guidelines", "There is no such version of the guidelines.")


def list_guidelines(session: Session, actor: Actor, project_id: int) -> Sequence[Guidelines]:
    """Every version of a project's guidelines, the newest first."""
    get_project_for(session, actor, project_id)
    versions = select(Guidelines).where(Guidelines.project_id == project_id)
    return session.scalars(versions.order_by(Guidelines.version.desc())).all()


def list_categories(session: Session, project_id: int) -> Sequence[Category]:
    """The categories of a project by name. For who has already been shown the project."""
    return session.scalars(_categories(), {"project": project_id}).all()


@built_once
def _categories() -> Select[Category]:
    return select(Category).where(Category.project_id == bindparam("project")).order_by(Category.name)


def get_category_of(session: Session, project_id: int, category_id: int) -> Category | None:
    """The category, if it is one of this project."""
    return session.scalar(select(Category).where(Category.project_id == project_id, Category.id == category_id))


def hold_category(session: Session, project_id: int, category_id: int) -> Category | None:
    """The same, for who files something under it: until the transaction ends nobody removes it."""
    held = select(Category).where(Category.project_id == project_id, Category.id == category_id)
    return session.scalar(held.with_for_update(read=True, key_share=True))


def hold_categories(session: Session, project_id: int) -> Sequence[Category]:
    """All of a project's, for who files something under some of them: until the transaction ends nobody removes one."""
    held = select(Category).where(Category.project_id == project_id).order_by(Category.id)
    return session.scalars(held.with_for_update(read=True, key_share=True)).all()


def list_members(session: Session, actor: Actor, project_id: int) -> Sequence[Membership]:
    """The people of a project with their accounts, admins first. For its administrators."""
    get_project_for(session, actor, project_id)
    can_see_members(actor, project_id).require()
    present = select(Membership).where(Membership.project_id == project_id, Membership.left_at.is_(None))
    members = session.scalars(present.options(joinedload(Membership.user))).all()
    return sorted(members, key=lambda member: (ROLE_ORDER.index(member.role), member.user.name, member.user_id))


def get_member_for(session: Session, actor: Actor, project_id: int, user_id: int) -> Membership:
    """One of the people of a project, for its administrators. NotFound for who is not in it."""
    for member in list_members(session, actor, project_id):
        if member.user_id == user_id:
            return member
    raise NotFound("projects.no_such_member", "There is no such person in this project.")


def find_person(session: Session, user_id: int) -> User | None:
    """Somebody with an account, by id."""
    return session.scalar(select(User).where(User.id == user_id, User.disabled_at.is_(None)))
