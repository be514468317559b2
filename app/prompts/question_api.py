"""The JSON door to what is asked and reported of prompts."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, with_scope
from app.core.database import DB
from app.core.paging import CursorBook
from app.core.web import Out, api
from app.projects.queries import get_project_for
from app.prompts import questions, reports
from app.prompts.models import PromptStatus, ReportReason
from app.prompts.queries import get_prompt_for
from app.prompts.schemas import AskIn, PromptOut, ReportIn, ThreadOut, ThreadsOut, prompt_out

router = api("prompts", "/prompts/{prompt_id:id}")
project_router = api("prompts", "/projects/{project_id:id}")
Reader = Annotated[Actor, Depends(with_scope("prompts:read"), scope="function")]


@router.get("/questions", name="api.prompts.questions")
def index(session: DB, actor: Reader, prompt_id: int) -> ThreadsOut:
    """What was asked of a prompt and said to it."""
    return _threads(session, actor, prompt_id)


@router.post("/questions", name="api.prompts.ask", status_code=201, response_model=ThreadsOut)
def ask(session: DB, actor: CurrentActor, prompt_id: int, given: AskIn) -> ThreadsOut:
    """Ask something of a prompt, or answer."""
    questions.ask(session, actor, prompt_id, given.body, to=given.to)
    return _threads(session, actor, prompt_id)


@router.post("/send-back", name="api.prompts.send_back")
def send_back(session: DB, actor: CurrentActor, prompt_id: int) -> PromptOut:
    """Take a prompt off the offer, for its proposer and those who decide."""
    reports.take_off(session, actor, prompt_id)
    session.expire_all()
    return prompt_out(actor, get_prompt_for(session, actor, prompt_id))


@router.post("/report", name="api.prompts.report", status_code=204)
def report(session: DB, actor: CurrentActor, prompt_id: int, given: ReportIn) -> Response:
    """Say that the prompt is a bad one; again changes what you said. The third open report takes it off the offer."""
    reports.report(session, actor, prompt_id, ReportReason(given.reason), given.note)
    return Response(status_code=204)


@router.post("/reports/settle", name="api.prompts.settle_reports", status_code=204)
def settle(session: DB, actor: CurrentActor, prompt_id: int) -> Response:
    """Say that what was reported is dealt with."""
    reports.settle(session, actor, prompt_id)
    return Response(status_code=204)


class OpenQuestionOut(Out):
    """A question that waits for an answer, and the prompt that it is about."""

    id: int
    prompt_id: int
    body: str
    created_at: datetime


class ReportedOut(Out):
    """A prompt that is reported, and how often which reason was given."""

    prompt_id: int
    on_offer: bool
    reasons: dict[str, int]


class OpenOut(Out):
    """What is asked and reported of prompts: a page of questions; the prompts of the oldest 500 reports."""

    questions: list[OpenQuestionOut]
    next_cursor: str | None
    reported: list[ReportedOut]


@project_router.get("/questions", name="api.prompts.open_questions")
def open_questions(
    session: DB, actor: Reader, settings: AppSettings, project_id: int, cursor: str | None = None
) -> OpenOut:
    """What is asked and reported of the prompts of a project and waits for somebody who decides."""
    get_project_for(session, actor, project_id)
    book = CursorBook(settings.signing_keys, "api.questions", actor.user_id, project_id)
    page = book.page(
        questions.list_open(session, actor, project_id, after=book.read(cursor) or 0), position=lambda one: one.id
    )
    found = reports.reported_prompts(session, actor, project_id)
    return OpenOut(
        questions=[OpenQuestionOut.model_validate(one) for one in page.rows],
        next_cursor=page.next_cursor,
        reported=[
            ReportedOut(prompt_id=one.id, on_offer=one.status is PromptStatus.APPROVED, reasons=why)
            for one, why in found
        ],
    )


def _threads(session: Session, actor: Actor, prompt_id: int) -> ThreadsOut:
    prompt = get_prompt_for(session, actor, prompt_id)
    project = get_project_for(session, actor, prompt.project_id)
    found = questions.threads_of(session, actor, project, prompt.id)
    return ThreadsOut(threads=[ThreadOut.model_validate(one) for one in found])
