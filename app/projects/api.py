"""The JSON door of projects."""

from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, FreshActor, with_scope
from app.accounts.models import Membership
from app.core.database import DB
from app.core.entity_tags import etag
from app.core.idempotency import HOLDS_A_LINK, repeatable
from app.core.seen import STALE, Seen
from app.core.web import api
from app.projects import archiving, consents, qualifying, queries, reading, service
from app.projects.invitations import bring_in
from app.projects.models import Guidelines, Project
from app.projects.rules import ProjectIn, ProjectList, ProjectOut, SettingsIn
from app.projects.schemas import (
    AcceptedList,
    AcceptedOut,
    CategoryChangeIn,
    CategoryIn,
    CategoryList,
    CategoryOut,
    ConsentIn,
    ConsentOut,
    GuidelinesIn,
    GuidelinesOut,
    InvitedOut,
    MemberIn,
    MemberList,
    MemberOut,
    ReaderList,
    ReaderOut,
    ReadVersionOut,
    RoleIn,
    TakenBackOut,
)

router = api("projects", "/projects")
Reader = Annotated[Actor, Depends(with_scope("projects:read"), scope="function")]


@router.get("", name="api.projects.index")
def index(session: DB, actor: Reader) -> ProjectList:
    """The projects of which the asker is a member."""
    return ProjectList(projects=[ProjectOut.model_validate(one) for one in queries.list_projects(session, actor)])


@router.post("", name="api.projects.new", status_code=201, response_model=ProjectOut)
def new(session: DB, actor: CurrentActor, given: ProjectIn) -> ProjectOut:
    """Begin a project."""
    return ProjectOut.model_validate(service.create_project(session, actor, **given.model_dump()))


@router.get("/{project_id:id}", name="api.projects.show")
def show(session: DB, actor: Reader, project_id: int, response: Response) -> ProjectOut:
    """One project."""
    return _shown(queries.get_project_for(session, actor, project_id), response)


@router.patch("/{project_id:id}", name="api.projects.settings", responses={**STALE})
def settings(
    session: DB, actor: CurrentActor, project_id: int, given: SettingsIn, response: Response, if_match: Seen = None
) -> ProjectOut:
    """Change some of a project's settings. 412 where they are not those that If-Match names."""
    changes = given.model_dump(exclude_none=True)
    return _shown(service.change_settings(session, actor, project_id, seen=if_match, **changes), response)


@router.post("/{project_id:id}/archive", name="api.projects.archive")
def archive(session: DB, actor: CurrentActor, project_id: int, response: Response) -> ProjectOut:
    """Let nothing new be written or proposed here. What waits can still be reviewed and published. Twice is once."""
    return _shown(archiving.archive(session, actor, project_id), response)


@router.post("/{project_id:id}/take-up", name="api.projects.take_up")
def take_up(session: DB, actor: CurrentActor, project_id: int, response: Response) -> ProjectOut:
    """Let people write and propose here again. Twice is once."""
    return _shown(archiving.take_up(session, actor, project_id), response)


@router.get("/{project_id:id}/guidelines", name="api.projects.guidelines")
def guidelines(session: DB, actor: Reader, project_id: int, response: Response) -> GuidelinesOut:
    """The newest guidelines and their rubric."""
    queries.get_project_for(session, actor, project_id)
    found = queries.current_guidelines(session, project_id)
    response.headers.update(etag(found.version))
    return GuidelinesOut.model_validate(found)


@router.get("/{project_id:id}/guidelines/{version:id}", name="api.projects.guidelines_version")
def guidelines_version(session: DB, actor: Reader, project_id: int, version: int) -> GuidelinesOut:
    """One version of the guidelines."""
    return GuidelinesOut.model_validate(queries.get_guidelines_for(session, actor, project_id, version))


@router.post(
    "/{project_id:id}/guidelines",
    name="api.projects.revise",
    status_code=201,
    response_model=GuidelinesOut,
    responses={**STALE},
)
def revise(
    session: DB,
    actor: CurrentActor,
    project_id: int,
    given: GuidelinesIn,
    if_match: Seen = None,
) -> GuidelinesOut:
    """Write the next version of the guidelines. 412 where the newest is not the one that If-Match names."""
    queries.get_project_for(session, actor, project_id)
    rubric = queries.current_guidelines(session, project_id).rubric
    if given.rubric is not None:
        rubric = [criterion.model_dump() for criterion in given.rubric]
    made: Guidelines = service.revise_guidelines(
        session, actor, project_id, text=given.text, rubric=rubric, based_on=given.based_on, seen=if_match
    )
    return GuidelinesOut.model_validate(made)


@router.post("/{project_id:id}/guidelines/{version:id}/read", name="api.projects.acknowledge", status_code=204)
def acknowledge(session: DB, actor: CurrentActor, project_id: int, version: int) -> Response:
    """Say that you have read this version."""
    reading.acknowledge(session, actor, project_id, version=version)
    return Response(status_code=204)


@router.get("/{project_id:id}/readers", name="api.projects.readers")
def readers(session: DB, actor: Reader, project_id: int) -> ReaderList:
    """Who has read which version, for administrators of the project."""
    return ReaderList(readers=[_reader(one) for one in reading.list_readers(session, actor, project_id)])


@router.get("/{project_id:id}/categories", name="api.projects.categories")
def categories(session: DB, actor: Reader, project_id: int) -> CategoryList:
    """The categories of a project."""
    queries.get_project_for(session, actor, project_id)
    found = queries.list_categories(session, project_id)
    return CategoryList(categories=[CategoryOut.model_validate(one) for one in found])


@router.post(
    "/{project_id:id}/categories", name="api.projects.add_category", status_code=201, response_model=CategoryOut
)
def add_category(session: DB, actor: CurrentActor, project_id: int, given: CategoryIn) -> CategoryOut:
    """Add a category."""
    return CategoryOut.model_validate(service.add_category(session, actor, project_id, **given.model_dump()))


@router.patch("/{project_id:id}/categories/{category_id:id}", name="api.projects.change_category", responses={**STALE})
def change_category(
    session: DB,
    actor: CurrentActor,
    project_id: int,
    category_id: int,
    given: CategoryChangeIn,
    response: Response,
    if_match: Seen = None,
) -> CategoryOut:
    """Say anew what a category is, or how much of it is wanted. 412 where it is not what If-Match names."""
    changed = service.change_category(session, actor, project_id, category_id, seen=if_match, **given.model_dump())
    response.headers.update(etag(changed.mark))
    return CategoryOut.model_validate(changed)


@router.delete("/{project_id:id}/categories/{category_id:id}", name="api.projects.remove_category", status_code=204)
def remove_category(session: DB, actor: CurrentActor, project_id: int, category_id: int) -> Response:
    """Take away a category under which nothing was filed. 409 for another."""
    service.remove_category(session, actor, project_id, category_id)
    return Response(status_code=204)


@router.get("/{project_id:id}/members", name="api.projects.members")
def members(session: DB, actor: Reader, project_id: int) -> MemberList:
    """The people of a project, for its administrators."""
    return MemberList(members=[_member(one) for one in queries.list_members(session, actor, project_id)])


@router.post("/{project_id:id}/members", name="api.projects.add_member", status_code=201)
@repeatable(HOLDS_A_LINK)
def add_member(session: DB, actor: FreshActor, settings: AppSettings, project_id: int, given: MemberIn) -> InvitedOut:
    """Bring somebody in: an account is made for whom nobody knows yet."""
    made, link = bring_in(session, actor, settings, project_id, **given.model_dump())
    return InvitedOut(member=_member(queries.get_member_for(session, actor, project_id, made.user_id)), link=link)


@router.put("/{project_id:id}/members/{user_id:id}", name="api.projects.set_role")
def set_role(session: DB, actor: FreshActor, project_id: int, user_id: int, given: RoleIn) -> MemberOut:
    """Give a member another role."""
    service.set_role(session, actor, project_id, user_id=user_id, role=given.role)
    return _member(queries.get_member_for(session, actor, project_id, user_id))


@router.post("/{project_id:id}/members/{user_id:id}/qualify", name="api.projects.qualify")
def qualify(session: DB, actor: CurrentActor, project_id: int, user_id: int) -> MemberOut:
    """Open the queue to a new writer by hand."""
    return _member(qualifying.qualify(session, actor, project_id, user_id=user_id))


@router.delete("/{project_id:id}/members/{user_id:id}", name="api.projects.remove_member", status_code=204)
def remove_member(session: DB, actor: FreshActor, project_id: int, user_id: int) -> Response:
    """Take somebody out of a project."""
    service.remove_member(session, actor, project_id, user_id=user_id)
    return Response(status_code=204)


@router.get("/{project_id:id}/consent", name="api.projects.consent")
def consent(session: DB, actor: Reader, project_id: int) -> ConsentOut:
    """What the project asks of its contributors, and whether you have yet to accept it."""
    return _consent(session, actor, project_id)


@router.post("/{project_id:id}/consent", name="api.projects.accept")
def accept(session: DB, actor: CurrentActor, project_id: int, given: ConsentIn) -> ConsentOut:
    """Accept it. Conflict `projects.consent_changed` where it is another text by now."""
    consents.accept(session, actor, project_id, shown=given.shown)
    return _consent(session, actor, project_id)


@router.get("/{project_id:id}/consents", name="api.projects.consents")
def accepted(session: DB, actor: Reader, project_id: int) -> AcceptedList:
    """Who accepted which text, for administrators of the project."""
    found = consents.list_consents(session, actor, project_id)
    return AcceptedList(accepted=[AcceptedOut.model_validate(one) for one in found])


def _consent(session: Session, actor: Actor, project_id: int) -> ConsentOut:
    project = queries.get_project_for(session, actor, project_id)
    before = consents.last_taken_back(session, actor.user_id, project_id)
    return ConsentOut(
        text=project.consent_text,
        licence=project.licence,
        mark=consents.mark_of(project),
        wanted=consents.consent_wanted(session, actor, project),
        taken_back=TakenBackOut.model_validate(before) if before else None,
    )


def _shown(project: Project, response: Response) -> ProjectOut:
    response.headers.update(etag(project.mark))
    return ProjectOut.model_validate(project)


def _reader(one: reading.Reader) -> ReaderOut:
    read = [ReadVersionOut.model_validate(version) for version in one.read]
    return ReaderOut(user_id=one.member.user_id, name=one.member.user.name, up_to_date=one.up_to_date, read=read)


def _member(member: Membership) -> MemberOut:
    person = member.user
    return MemberOut(
        user_id=person.id,
        name=person.name,
        email=person.email,
        role=member.role,
        pseudonym=member.pseudonym,
        qualified_at=member.qualified_at,
    )
