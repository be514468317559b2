"""The browser's door to what is asked and reported of prompts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from app.accounts.doors import AppSettings, CurrentActor, inner_address, same_person
from app.accounts.schemas import DrawnFor
from app.core.database import DB
from app.core.excerpts import beginning
from app.core.paging import CursorBook
from app.core.web import pages, render, see_other
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.prompts import questions, reports
from app.prompts.cards import question_of, state_of
from app.prompts.models import PromptQuestion
from app.prompts.schemas import AskForm

router = pages()


@dataclass(frozen=True)
class ReportedPrompt:
    """A prompt that is reported, and how often which reason was given."""

    prompt_id: int
    question: str
    language: str
    state: str
    on_offer: bool
    reasons: Mapping[str, int]


@dataclass(frozen=True)
class QuestionsPage:
    """What waits for an answer: questions, and prompts that are said to be bad."""

    project: Project
    user_id: int
    asked: Sequence[PromptQuestion]
    first: str | None
    older: str | None
    reported: Sequence[ReportedPrompt]


@router.get("/projects/{project_id:id}/questions", name="prompts.questions")
def show(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    project_id: int,
    cursor: str | None = None,
) -> Response:
    """What is asked and reported of prompts, and waits for somebody who decides?"""
    project = get_project_for(session, actor, project_id)
    book = CursorBook(settings.signing_keys, "questions", actor.user_id, project_id)
    found = questions.list_open(session, actor, project_id, after=book.read(cursor) or 0)
    page = book.page(found, position=lambda one: one.id)
    here = str(request.app.url_path_for("prompts.questions", project_id=project_id))
    older = f"{here}?cursor={page.next_cursor}" if page.next_cursor else None
    reported = [
        ReportedPrompt(one.id, beginning(question_of(one)), one.language, state_of(one), one.status == "approved", why)
        for one, why in reports.reported_prompts(session, actor, project_id)
    ]
    first = here if cursor else None
    return render(request, QuestionsPage(project, actor.user_id, page.rows, first, older, reported))


@router.post("/prompts/{prompt_id:id}/questions", name="prompts.ask")
def ask(
    request: Request, session: DB, actor: CurrentActor, prompt_id: int, form: Annotated[AskForm, Form()]
) -> Response:
    """Ask something of a prompt, or answer, and go back to where it was typed."""
    same_person(actor, form.user_id)
    questions.ask(session, actor, prompt_id, form.body, to=form.to)
    if form.back:
        return RedirectResponse(inner_address(form.back) + "#questions", 303)
    return see_other(request, "prompts.show", prompt_id=prompt_id)


@router.post("/prompts/{prompt_id:id}/send-back", name="prompts.send_back")
def send_back(
    request: Request, session: DB, actor: CurrentActor, prompt_id: int, form: Annotated[DrawnFor, Form()]
) -> Response:
    """Take a prompt off the offer, for its proposer and those who decide."""
    same_person(actor, form.user_id)
    reports.take_off(session, actor, prompt_id)
    return see_other(request, "prompts.show", prompt_id=prompt_id)
