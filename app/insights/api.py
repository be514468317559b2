"""The JSON door of insights."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from app.accounts.doors import AppSettings, CurrentActor
from app.core.database import DB
from app.core.paging import CursorBook
from app.core.web import api
from app.insights import job_list, search
from app.insights.policy import can_operate
from app.insights.schemas import FindOut, FindsOut, JobsOut, JobState, KindFilter
from app.insights.search import Only
from app.insights.words import ADVICE, read_wanted
from app.projects.queries import get_project_for

router = api("insights")


@router.get("/search", name="api.insights.search", response_model=FindsOut)
def find(session: DB, actor: CurrentActor, settings: AppSettings, only: Annotated[KindFilter, Query()]) -> FindsOut:
    """What one may see and these words stand in, of one kind, the newest first.

    Responses also by `writer` (a pseudonym) and `state`; without words those of a writer, of a state or of a project.
    """
    if only.project is not None:
        get_project_for(session, actor, only.project)
    wanted = read_wanted(session, only.q)
    if not (wanted.words or only.lists):
        return FindsOut(found=[], next_cursor=None, advice=ADVICE)
    book = CursorBook(settings.signing_keys, f"api.search.{only.kind}", actor.user_id, only.asked)
    within = Only(only.project, only.writer, only.state, book.read(only.cursor))
    rows = search.find(session, actor, only.kind, wanted, only=within) if only.kinds else []
    page = book.page(rows, position=lambda one: one.id)
    return FindsOut(found=[FindOut.model_validate(one) for one in page.rows], next_cursor=page.next_cursor)


@router.get("/jobs", name="api.insights.jobs")
def jobs(
    session: DB, actor: CurrentActor, settings: AppSettings, state: JobState | None = None, cursor: str | None = None
) -> JobsOut:
    """The queue and its jobs, newest first, for who runs the installation."""
    can_operate(actor).require()
    book = CursorBook(settings.signing_keys, "api.jobs", actor.user_id, state)
    rows = job_list.list_jobs(session, before=book.read(cursor), state=state)
    page = book.page(rows, position=lambda job: job.id)
    return JobsOut(standing=job_list.standing(session), jobs=list(page.rows), next_cursor=page.next_cursor)


@router.post("/jobs/{job_id:id}/retry", name="api.insights.retry", status_code=204)
def retry(session: DB, actor: CurrentActor, job_id: int) -> Response:
    """Try a failed job again."""
    can_operate(actor).require()
    job_list.try_again(session, actor, job_id)
    return Response(status_code=204)
