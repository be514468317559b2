"""The browser's door to the people of a project."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, FreshActor, same_person
from app.accounts.models import Membership, Role
from app.accounts.schemas import DrawnFor
from app.core.database import DB
from app.core.web import pages, render, see_other
from app.projects import qualifying, queries, service
from app.projects.invitations import bring_in
from app.projects.models import Project
from app.projects.schemas import MemberForm, RoleForm

router = pages("/projects/{project_id:id}/members")
ROLES = [(role.value, role.value) for role in Role]


@dataclass(frozen=True)
class MembersPage:
    """The people of a project. `link`: the invitation that was just made, for `invited`."""

    project: Project
    user_id: int
    members: Sequence[Membership]
    roles: Sequence[tuple[str, str]]
    fresh: bool
    link: str = ""
    invited: str = ""


@router.get("", name="projects.members")
def members(request: Request, session: DB, actor: CurrentActor, project_id: int) -> Response:
    """Who does what here?"""
    return render(request, _page(session, actor, project_id))


@router.post("", name="projects.members")
def add_member(
    request: Request,
    session: DB,
    settings: AppSettings,
    actor: FreshActor,
    project_id: int,
    form: Annotated[MemberForm, Form()],
) -> Response:
    """Bring somebody in, and show the link to hand over."""
    same_person(actor, form.user_id)
    who = form.model_dump(exclude={"user_id"})
    _, link = bring_in(session, actor, settings, project_id, **who)
    return render(request, _page(session, actor, project_id, link=link, invited=form.email), status=201)


@router.post("/{person_id:id}/role", name="projects.set_role")
def set_role(
    request: Request,
    session: DB,
    actor: FreshActor,
    project_id: int,
    person_id: int,
    form: Annotated[RoleForm, Form()],
) -> Response:
    """Give a member another role."""
    same_person(actor, form.user_id)
    service.set_role(session, actor, project_id, user_id=person_id, role=form.role)
    if person_id == actor.user_id:
        return see_other(request, "insights.overview", project_id=project_id)
    return see_other(request, "projects.members", project_id=project_id)


@router.post("/{person_id:id}/qualify", name="projects.qualify")
def qualify(
    request: Request,
    session: DB,
    actor: CurrentActor,
    project_id: int,
    person_id: int,
    form: Annotated[DrawnFor, Form()],
) -> Response:
    """Open the queue to a new writer by hand."""
    same_person(actor, form.user_id)
    qualifying.qualify(session, actor, project_id, user_id=person_id)
    return see_other(request, "projects.members", project_id=project_id)


@router.post("/{person_id:id}/remove", name="projects.remove_member")
def remove_member(
    request: Request,
    session: DB,
    actor: FreshActor,
    project_id: int,
    person_id: int,
    form: Annotated[DrawnFor, Form()],
) -> Response:
    """Take somebody out of the project."""
    same_person(actor, form.user_id)
    service.remove_member(session, actor, project_id, user_id=person_id)
    if person_id == actor.user_id:
        return see_other(request, "projects.index")
    return see_other(request, "projects.members", project_id=project_id)


def _page(session: Session, actor: Actor, project_id: int, *, link: str = "", invited: str = "") -> MembersPage:
    project = queries.get_project_for(session, actor, project_id)
    found = queries.list_members(session, actor, project_id)
    return MembersPage(project, actor.user_id, found, ROLES, actor.fresh, link, invited)
