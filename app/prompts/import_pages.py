"""The browser's door to imports: choose a file, look at what would come in, bring it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import CurrentActor, same_person
from app.core.database import DB
from app.core.errors import PLACES_LISTED, Invalid, NamedPlace, Place
from app.core.labels import named_places
from app.core.web import environment, pages, render
from app.projects.models import Category, Project
from app.projects.queries import get_project_for, list_categories
from app.prompts import policy
from app.prompts.import_doors import Columns, carry_out
from app.prompts.import_keys import keys_of, suggest_keys
from app.prompts.import_tables import NAMES, read_table, suggest
from app.prompts.imports import ImportReport, Kind, as_prompts
from app.prompts.upload import FileOfForm, Upload

router = pages("/projects/{project_id:id}/prompts")
STEPS = ("preview", "import")
NONE: Mapping[str, str] = {"source": "", "licence": ""}


@dataclass(frozen=True)
class ImportPage:
    """The form, and below it what the file gave: a report of what would be or was done, or reasons against it.

    `looked`: the file was only looked at, so reasons are what was found, among the columns that can be chosen anew.
    `opened`: its prompts come in open to writers. `as_pairs`: its rows come in as finished pairs; `every` is the source
    and licence of those that say none.
    """

    project: Project
    user_id: int
    categories: Sequence[Category]
    as_pairs: bool
    every: Mapping[str, str]
    fields: Sequence[str] = tuple(NAMES)
    file_name: str = ""
    columns: Columns | None = None
    report: ImportReport | None = None
    done: bool = False
    opened: bool = False
    looked: bool = False
    reasons: Sequence[NamedPlace] = ()
    reasons_in_all: int = 0


@router.get("/import", name="prompts.import_file")
def import_file(request: Request, session: DB, actor: CurrentActor, project_id: int) -> Response:
    """Which file?"""
    return render(request, import_page(session, actor, project_id))


@router.post("/import", name="prompts.import_file")
def take_in(upload: FileOfForm, request: Request, session: DB, actor: CurrentActor, project_id: int) -> Response:
    """Say what the file would bring, or bring it in."""
    opened = upload.fields.get("open") == "on"
    page = replace(import_page(session, actor, project_id), opened=opened)
    page, status = taken_in(session, actor, page, upload, as_prompts(opened=opened))
    return render(request, page, status=status)


def import_page(
    session: Session, actor: Actor, project_id: int, *, as_pairs: bool = False, every: Mapping[str, str] = NONE
) -> ImportPage:
    """The form, for who may import."""
    project = get_project_for(session, actor, project_id)
    policy.can_import(actor, project).require()
    return ImportPage(project, actor.user_id, list_categories(session, project_id), as_pairs, every)


def taken_in(session: Session, actor: Actor, page: ImportPage, upload: Upload, kind: Kind) -> tuple[ImportPage, int]:
    """The page with what the file brought, or would bring, or why it does not come in; and the status."""
    same_person(actor, _number(upload, "user_id"))
    step = upload.fields.get("step", "preview")
    if step not in STEPS:
        raise Invalid("prompts.upload", "This upload was not accepted.", Place("/step", "is not known here"))
    looked = step == "preview"
    page = replace(page, file_name=upload.name, looked=looked)
    try:
        columns = _columns(upload)
        page = replace(page, columns=columns)
        report = carry_out(session, actor, page.project.id, upload, columns, kind, keep=not looked)
    except Invalid as refused:
        reasons = named_places(environment(), "prompts.import_file", refused.places[:PLACES_LISTED])
        page = replace(page, reasons=reasons, reasons_in_all=len(refused.places))
        return page, 200 if looked else refused.status
    return replace(page, report=report, done=not looked), 200


def _columns(upload: Upload) -> Columns | None:
    """The columns of a table with what was chosen for them, or before that with what they are called; so with the keys
    of JSON lines that have names of their own. None for lines that say by themselves what is which."""
    names = read_table(upload.file).columns if upload.is_table else keys_of(upload.file)
    if names is None:
        return None
    called = suggest(names) if upload.is_table else suggest_keys(list(names))
    of_another_file = upload.fields.get("step") != "import" and not set(upload.mapping.values()) <= set(names)
    return Columns(names, called if of_another_file else upload.mapping or called, are_keys=not upload.is_table)


def _number(upload: Upload, name: str) -> int:
    given = upload.fields.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
