"""For those who run the installation: is it healthy?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Form, Request
from starlette.responses import Response

from app.accounts.doors import AppSettings, CurrentActor, same_person
from app.core.database import DB
from app.core.paging import CursorBook
from app.core.web import FormIn, pages, render, see_other
from app.insights import job_list
from app.insights.policy import can_operate
from app.insights.schemas import JobState
from app.insights.sentences import heading
from app.review.narrowing import Id

router = pages("/admin")


class RetryForm(FormIn):
    """A press of "Try again", by the person for whom the page was drawn."""

    user_id: Id


@dataclass(frozen=True)
class JobsPage:
    """The jobs, newest first, and how the queue stands."""

    title: str
    standing: job_list.Standing
    jobs: Sequence[job_list.Job]
    states: Sequence[tuple[str, str]]
    state: str
    older: str | None


@router.get("/jobs", name="insights.jobs")
def jobs(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    state: Literal[JobState, ""] = "",
    cursor: str | None = None,
) -> Response:
    """The queue and its jobs, newest first."""
    can_operate(actor).require()
    book = CursorBook(settings.signing_keys, "jobs", actor.user_id, state)
    page = book.page(
        job_list.list_jobs(session, before=book.read(cursor), state=state or None), position=lambda job: job.id
    )
    now = job_list.standing(session)
    states = [("", "Any state"), ("failed", "failed"), ("doing", "running"), ("todo", "queued"), ("succeeded", "done")]
    older = more(request, "insights.jobs", page.next_cursor, state=state)
    return render(request, JobsPage(title(now), now, page.rows, states, state, older))


@router.post("/jobs/{job_id:id}/retry", name="insights.retry")
def retry(
    request: Request, session: DB, actor: CurrentActor, job_id: int, form: Annotated[RetryForm, Form()]
) -> Response:
    """Try a failed job again."""
    can_operate(actor).require()
    same_person(actor, form.user_id)
    job_list.try_again(session, actor, job_id)
    return see_other(request, "insights.jobs")


def title(now: job_list.Standing) -> str:
    """Two jobs run, one failed."""
    parts = [
        (now.running, "job runs", "jobs run"),
        (now.waiting, "waits", "wait"),
        (now.failed, "failed", "failed"),
    ]
    return heading(parts, "No job runs, waits or failed.")


def more(request: Request, name: str, cursor: str | None, **filters: str) -> str | None:
    """The address of the next page, or None on the last."""
    if cursor is None:
        return None
    given = {key: value for key, value in filters.items() if value}
    return f"{request.app.url_path_for(name)}?{urlencode({'cursor': cursor, **given})}"
