"""The browser's door to the audit log: of the installation for who runs it, of a project for its administrators."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor
from app.core.database import DB
from app.core.paging import CursorBook
from app.core.text import none_if_empty
from app.core.web import pages, render
from app.insights import audit_list
from app.insights.audit_list import Filters
from app.insights.policy import can_operate
from app.projects.models import Project
from app.projects.policy import can_administer
from app.projects.queries import get_project_for

router = pages()
Word = Annotated[str, Query(max_length=80, pattern=r"^[a-z_.]*$")]
Name = Annotated[str, Query(max_length=200)]
Number = Annotated[str, Query(pattern=r"^[0-9]{0,18}$")]
Day = Annotated[Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 1, 1))] | None, BeforeValidator(none_if_empty)]


@dataclass(frozen=True)
class Row:
    """One act, with the addresses of all acts of its kind and of its person."""

    entry: audit_list.Entry
    kind_href: str
    person_href: str


@dataclass(frozen=True)
class AuditPage:
    """Who did what, newest first. Network addresses are shown to who runs the installation alone.

    `by` is whose acts are looked for; where several are called so, `fitting` has the way to each.
    """

    project: Project | None
    here: str
    rows: Sequence[Row]
    wanted: Filters
    narrowed: bool
    by: str
    names: Sequence[str]
    fitting: Sequence[tuple[str, str]]
    actions: Sequence[tuple[str, str]]
    subjects: Sequence[tuple[str, str]]
    projects: Sequence[tuple[str, str]]
    first: str | None
    older: str | None


def filters(
    action: Word = "",
    person: Number = "",
    subject: Word = "",
    subject_id: Number = "",
    since: Day = None,
    until: Day = None,
) -> Filters:
    """What a page's address says that is looked for. A form sends what is left empty, too."""
    of, by = int(subject_id) if subject_id else None, int(person) if person else None
    return Filters(action, by, subject, of, None, since, until)


Wanted = Annotated[Filters, Depends(filters)]


@router.get("/admin/audit", name="insights.audit")
def audit(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    wanted: Wanted,
    project: Number = "",
    by: Name = "",
    cursor: str | None = None,
) -> Response:
    """Who did what in the whole installation."""
    can_operate(actor).require()
    wanted = replace(wanted, project=int(project) if project else None)
    wanted, called = named(session, wanted, by, None)
    book = CursorBook(settings.signing_keys, "audit", actor.user_id, wanted.words())
    return render(request, page_of(request, session, actor, book, wanted, called, cursor, None))


@router.get("/projects/{project_id:id}/audit", name="insights.project_audit")
def project_audit(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    project_id: int,
    wanted: Wanted,
    by: Name = "",
    cursor: str | None = None,
) -> Response:
    """Who did what in a project."""
    project = get_project_for(session, actor, project_id)
    can_administer(actor, project_id).require()
    wanted = replace(wanted, project=project_id)
    wanted, called = named(session, wanted, by, project_id)
    book = CursorBook(settings.signing_keys, "audit", actor.user_id, wanted.words())
    page = page_of(request, session, actor, book, wanted, called, cursor, project)
    return render(request, page, template="insights/audit.html")


@dataclass(frozen=True)
class Called:
    """Whose acts are looked for by name, and who may be meant where that is not one person."""

    name: str
    fitting: Sequence[tuple[int, str]] = ()
    unclear: bool = False


def named(session: DB, wanted: Filters, by: str, project_id: int | None) -> tuple[Filters, Called]:
    """What is looked for, with the one person who is called so."""
    if not by:
        name = audit_list.name_of(session, wanted.person, project_id=project_id) if wanted.person else ""
        return wanted, Called(name)
    fitting = audit_list.people_called(session, by, project_id=project_id)
    if len(fitting) == 1:
        return replace(wanted, person=fitting[0][0]), Called(fitting[0][1])
    return replace(wanted, person=None), Called(by, fitting, unclear=True)


def page_of(
    request: Request,
    session: DB,
    actor: Actor,
    book: CursorBook,
    wanted: Filters,
    called: Called,
    cursor: str | None,
    project: Project | None,
) -> AuditPage:
    """The page of what is looked for; in a project its id stands in the path, not among the filters."""
    route = ("insights.project_audit", {"project_id": project.id}) if project else ("insights.audit", {})
    here = str(request.app.url_path_for(route[0], **route[1]))
    asked = replace(wanted, project=None) if project else wanted
    found = [] if called.unclear else audit_list.list_entries(session, actor, wanted, before=book.read(cursor))
    page = book.page(found, position=lambda entry: entry.id)
    return AuditPage(
        project=project,
        here=here,
        rows=[row_of(here, asked, entry) for entry in page.rows],
        wanted=wanted,
        narrowed=called.unclear or bool(asked.words()),
        by=called.name,
        names=sorted({name for _, name in audit_list.list_people(session, project_id=project.id if project else None)}),
        fitting=[(address(here, asked.words(person=identity)), name) for identity, name in called.fitting],
        actions=choice("Any act", [(word, word) for word in audit_list.list_actions(session)]),
        subjects=choice("On anything", [(word, word) for word in audit_list.list_subjects(session)]),
        projects=[] if project else choice("Any project", audit_list.list_all_projects(session)),
        first=address(here, asked.words()) if cursor else None,
        older=address(here, {**asked.words(), "cursor": page.next_cursor}) if page.next_cursor else None,
    )


def row_of(here: str, asked: Filters, entry: audit_list.Entry) -> Row:
    """An act with its ways on."""
    kind = address(here, asked.words(action=entry.action))
    return Row(entry, kind, address(here, asked.words(person=entry.actor_id)) if entry.who else "")


def choice(everything: str, options: Sequence[tuple[int | str, str]]) -> list[tuple[str, str]]:
    """What a filter offers, not to filter first."""
    return [("", everything), *((str(value), label) for value, label in options)]


def address(here: str, query: dict[str, str]) -> str:
    """An address of this page."""
    return f"{here}?{urlencode(query)}" if query else here
