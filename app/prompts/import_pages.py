"""The browser's door to imports: choose a file, look at what would come in, bring it in."""

from collections.abc import Sequence
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
from app.prompts.imports import ImportReport
from app.prompts.upload import FileOfForm, Upload

router = pages("/projects/{project_id:id}/prompts")
STEPS = {"preview": imports.preview_jsonl, "import": imports.import_jsonl}


@dataclass(frozen=True)
class ImportPage:
    """The form, and below it what the file gave: a report of what would be or was done, or reasons against it."""

    project: Project
    user_id: int
    categories: Sequence[Category]
    file_name: str = ""
    report: ImportReport | None = None
    done: bool = False
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
    page = replace(_page(session, actor, project_id), file_name=upload.name)
    try:
        report = STEPS[step](session, actor, project_id, upload.data)
    except Invalid as refused:
        reasons = refused.places[:PLACES_LISTED]
        page = replace(page, reasons=reasons, reasons_in_all=len(refused.places))
        return render(request, page, status=refused.status)
    return render(request, replace(page, report=report, done=step == "import"))


def _page(session: Session, actor: Actor, project_id: int) -> ImportPage:
    project = get_project_for(session, actor, project_id)
    policy.can_import(actor, project_id).require()
    return ImportPage(project, actor.user_id, list_categories(session, project_id))


def _number(upload: Upload, name: str) -> int:
    given = upload.fields.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
