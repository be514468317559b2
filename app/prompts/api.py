"""The JSON door of prompts."""

from typing import Annotated

from fastapi import Depends, Query
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, with_scope
from app.core.database import DB
from app.core.idempotency import FILE_ADDS_NOTHING, repeatable
from app.core.lines import page_of_lines
from app.core.paging import CursorBook
from app.core.web import api
from app.projects.queries import require_member
from app.prompts import queries, service
from app.prompts.file_kinds import LINES
from app.prompts.import_doors import carry_out, columns_by_name
from app.prompts.imports import as_prompts
from app.prompts.listing import list_lines
from app.prompts.models import Prompt
from app.prompts.schemas import (
    ImportOut,
    PromptList,
    PromptListFilter,
    PromptOut,
    ProposeIn,
    RejectIn,
    TagsIn,
    prompt_out,
)
from app.prompts.tags import set_tags
from app.prompts.upload import FORM, TABLE, LinesOrForm

router = api("prompts")
Reader = Annotated[Actor, Depends(with_scope("prompts:read"), scope="function")]
Writer = Annotated[Actor, Depends(with_scope("prompts:write"), scope="function")]
FILE = {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (LINES[0], TABLE, FORM)}}


@router.get("/projects/{project_id:id}/prompts", name="api.prompts.index", response_model=PromptList)
def index(
    session: DB, actor: Reader, settings: AppSettings, project_id: int, only: Annotated[PromptListFilter, Query()]
) -> Response:
    """The prompts of a project, the newest first."""
    require_member(actor, project_id)
    book = CursorBook(settings.signing_keys, "api.prompts", actor.user_id, [project_id, only.chosen()])
    before = book.read(only.cursor)
    lines = list_lines(session, actor, project_id, only, before=before, limit=only.limit)
    return page_of_lines("prompts", book.page(lines, size=only.limit, position=lambda prompt: prompt.id))


@router.post("/projects/{project_id:id}/prompts", name="api.prompts.propose", response_model=PromptOut, status_code=201)
def propose(session: DB, actor: Writer, project_id: int, given: ProposeIn) -> PromptOut:
    """Suggest a prompt; a reviewer decides on it."""
    details = given.model_dump(exclude={"prompt", "messages"})
    return _shown(session, actor, service.propose(session, actor, project_id, messages=given.asked(), **details))


@router.post(
    "/projects/{project_id:id}/prompts/import", name="api.prompts.import_file", openapi_extra={"requestBody": FILE}
)
@repeatable(FILE_ADDS_NOTHING)
def import_file(
    upload: LinesOrForm, session: DB, actor: Writer, project_id: int, preview: bool = False, opened: bool = False
) -> ImportOut:
    """Propose every prompt of a file of JSON lines or CSV, or nothing of it. With `preview`, only say what would be;
    with `opened`, those that are new are open to writers at once, and nobody decides on them first: a person who is
    signed in does so, no token.

    The columns of a CSV file are named like the fields of a line, and none is left out.
    """

    columns = columns_by_name(upload)
    report = carry_out(session, actor, project_id, upload, columns, as_prompts(opened=opened), keep=not preview)
    return ImportOut.model_validate(report)


@router.get("/prompts/{prompt_id:id}", name="api.prompts.show")
def show(session: DB, actor: Reader, prompt_id: int) -> PromptOut:
    """One prompt."""
    return prompt_out(actor, queries.get_prompt_for(session, actor, prompt_id))


@router.post("/prompts/{prompt_id:id}/approve", name="api.prompts.approve")
def approve(session: DB, actor: CurrentActor, prompt_id: int) -> PromptOut:
    """Open a proposed prompt to writers."""
    return _shown(session, actor, service.approve(session, actor, prompt_id))


@router.post("/prompts/{prompt_id:id}/reject", name="api.prompts.reject")
def reject(session: DB, actor: CurrentActor, prompt_id: int, given: RejectIn) -> PromptOut:
    """Turn a proposed prompt down."""
    return _shown(session, actor, service.reject(session, actor, prompt_id, reason=given.reason))


@router.put("/prompts/{prompt_id:id}/tags", name="api.prompts.tag")
def tag(session: DB, actor: Writer, prompt_id: int, given: TagsIn) -> PromptOut:
    """Give a prompt these tags instead of those it has."""
    return _shown(session, actor, set_tags(session, actor, prompt_id, given.tags))


def _shown(session: DB, actor: Actor, prompt: Prompt) -> PromptOut:
    return prompt_out(actor, queries.get_prompt_for(session, actor, prompt.id))
