"""The browser's door to imports: choose a file, look at what would come in, bring it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import CurrentActor, same_person
from app.core.database import DB
from app.core.errors import PLACES_LISTED, Invalid, Place
from app.core.web import pages, render
from app.projects.models import Category, Project
from app.projects.queries import get_project_for, list_categories
from app.prompts import imports, policy
from app.prompts.import_tables import NAMES, read_table, suggest
from app.prompts.imports import ImportReport
from app.prompts.upload import FileOfForm, Upload

router = pages("/projects/{project_id:id}/prompts")
STEPS = ("preview", "import")


@dataclass(frozen=True)
class Columns:
    """The columns of a table, and which of them each field of a prompt is read from."""

    names: Sequence[str]
    mapping: Mapping[str, str]

    @property
    def unused(self) -> list[str]:
        """The columns that nothing is read from."""
        return [name for name in self.names if name not in self.mapping.values()]


@dataclass(frozen=True)
class ImportPage:
    """The form, and below it what the file gave: a report of what would be or was done, or reasons against it.

    `looked`: the file was only looked at, so reasons are what was found, among the columns that can be chosen anew.
    """

    project: Project
    user_id: int
    categories: Sequence[Category]
    fields: Sequence[str] = tuple(NAMES)
    file_name: str = ""
    columns: Columns | None = None
    report: ImportReport | None = None
    done: bool = False
    looked: bool = False
    reasons: Sequence[Place] = ()
    reasons_in_all: int = 0


@router.get("/import", name="prompts.import_file")
def import_file(request: Request, session: DB, actor: CurrentActor, project_id: int) -> Response:
    """Which file?"""
    return render(request, _page(session, actor, project_id))


@router.post("/import", name="prompts.import_file")
def take_in(upload: FileOfForm, request: Request, session: DB, actor: CurrentActor, project_id: int) -> Response:
    """Say what the file would bring, or bring it in."""
    same_person(actor, _number(upload, "user_id"))
    step = upload.fields.get("step", "preview")
    if step not in STEPS:
        raise Invalid("prompts.upload", "This upload was not accepted.", Place("/step", "is not known here"))
    looked = step == "preview"
    page = replace(_page(session, actor, project_id), file_name=upload.name, looked=looked)
    try:
        columns = _columns(upload)
        page = replace(page, columns=columns)
        report = _carry_out(session, actor, project_id, upload, columns, for_good=not looked)
    except Invalid as refused:
        reasons = refused.places[:PLACES_LISTED]
        page = replace(page, reasons=reasons, reasons_in_all=len(refused.places))
        return render(request, page, status=200 if looked else refused.status)
    return render(request, replace(page, report=report, done=not looked))


def _columns(upload: Upload) -> Columns | None:
    """The columns of a table with what was chosen for them, or before that with what they are called; else None."""
    if not upload.is_table:
        return None
    names = read_table(upload.data).columns
    of_another_file = upload.fields.get("step") != "import" and not set(upload.mapping.values()) <= set(names)
    return Columns(names, suggest(names) if of_another_file else upload.mapping or suggest(names))


def _carry_out(
    session: Session, actor: Actor, project_id: int, upload: Upload, columns: Columns | None, *, for_good: bool
) -> ImportReport:
    def bring_in() -> ImportReport:
        if columns is None:
            return imports.import_jsonl(session, actor, project_id, upload.data)
        return imports.import_table(session, actor, project_id, upload.data, columns.mapping)

    return bring_in() if for_good else imports.tried(session, bring_in)


def _page(session: Session, actor: Actor, project_id: int) -> ImportPage:
    project = get_project_for(session, actor, project_id)
    policy.can_import(actor, project_id).require()
    return ImportPage(project, actor.user_id, list_categories(session, project_id))


def _number(upload: Upload, name: str) -> int:
    given = upload.fields.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
