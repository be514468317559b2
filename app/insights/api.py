"""The JSON door of insights."""

from typing import Annotated

from fastapi import Query

from app.accounts.doors import AppSettings, CurrentActor
from app.core.database import DB
from app.core.paging import CursorBook
from app.core.web import api
from app.insights import search
from app.insights.schemas import FindOut, FindsOut, KindFilter
from app.insights.words import read_wanted
from app.projects.queries import get_project_for

router = api("insights")


@router.get("/search", name="api.insights.search", response_model=FindsOut)
def find(session: DB, actor: CurrentActor, settings: AppSettings, only: Annotated[KindFilter, Query()]) -> FindsOut:
    """What one may see and these words stand in, of one kind, the newest first."""
    if only.project is not None:
        get_project_for(session, actor, only.project)
    wanted = read_wanted(session, only.q)
    book = CursorBook(settings.signing_keys, f"api.search.{only.kind}", actor.user_id, [only.q, only.project])
    before = book.read(only.cursor)
    rows = search.find(session, actor, only.kind, wanted, project_id=only.project, before=before)
    page = book.page(rows, position=lambda one: one.id)
    return FindsOut(found=[FindOut.model_validate(one) for one in page.rows], next_cursor=page.next_cursor)
