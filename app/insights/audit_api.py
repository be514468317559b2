"""The JSON door to the audit log, with the filters of its page."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, with_scope
from app.core.database import DB
from app.core.paging import CursorBook
from app.core.web import Out, api
from app.insights import audit_list
from app.insights.audit_list import Filters
from app.insights.audit_pages import Name, Number, Wanted, named
from app.insights.policy import can_operate
from app.projects.policy import can_administer
from app.projects.queries import get_project_for

router = api("insights")
AuditReader = Annotated[Actor, Depends(with_scope("audit:read"), scope="function")]


class EntryOut(Out):
    """One act. `who` is null for a command, a job or a stranger; `address` is told to who runs the installation."""

    id: int
    at: datetime
    action: str
    subject: str
    subject_id: int | None
    project: str | None
    actor_id: int | None
    who: str | None
    address: str | None
    request_id: str | None
    details: dict[str, Any]


class MeantOut(Out):
    """Somebody who may be meant by a part of a name."""

    id: int
    name: str


class AuditOut(Out):
    """Acts, the newest first. Where several people are called as `by` says there are none: name one of `fitting`."""

    acts: list[EntryOut]
    fitting: list[MeantOut]
    next_cursor: str | None


@router.get("/audit", name="api.insights.audit")
def audit(
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    wanted: Wanted,
    project: Number = "",
    by: Name = "",
    cursor: str | None = None,
) -> AuditOut:
    """Who did what in the whole installation, for who runs it."""
    can_operate(actor).require()
    wanted = replace(wanted, project=int(project) if project else None)
    return _found(session, actor, settings, wanted, by, cursor)


@router.get("/projects/{project_id:id}/audit", name="api.insights.project_audit")
def project_audit(
    session: DB,
    actor: AuditReader,
    settings: AppSettings,
    project_id: int,
    wanted: Wanted,
    by: Name = "",
    cursor: str | None = None,
) -> AuditOut:
    """Who did what in a project, for its administrators."""
    get_project_for(session, actor, project_id)
    can_administer(actor, project_id).require()
    found = _found(session, actor, settings, replace(wanted, project=project_id), by, cursor, project_id)
    for act in found.acts:
        act.address = None
    return found


def _found(
    session: DB,
    actor: Actor,
    settings: AppSettings,
    wanted: Filters,
    by: str,
    cursor: str | None,
    project_id: int | None = None,
) -> AuditOut:
    wanted, called = named(session, wanted, by, project_id)
    book = CursorBook(settings.signing_keys, "api.audit", actor.user_id, [wanted.words(), project_id])
    found = [] if called.unclear else audit_list.list_entries(session, actor, wanted, before=book.read(cursor))
    page = book.page(found, position=lambda entry: entry.id)
    return AuditOut(
        acts=[EntryOut.model_validate(one) for one in page.rows],
        fitting=[MeantOut(id=identity, name=name) for identity, name in called.fitting],
        next_cursor=page.next_cursor,
    )
