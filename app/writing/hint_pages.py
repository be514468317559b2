"""The browser's door to hints while somebody types: what there is to look at in the sheet as it stands, unsaved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor, same_person
from app.core.database import DB
from app.core.web import pages, render
from app.projects.queries import get_project_for
from app.writing.checks import OF_A_PROMPT, Finding
from app.writing.hints import about_to_propose, hints, sheet_of, told_of
from app.writing.schemas import AskedForm, DraftForm

router = pages()


@dataclass(frozen=True)
class HintsPage:
    """What stands below the sheet."""

    hints: Sequence[Finding]
    told: str = ""


@router.post("/write/{assignment_id:id}/hints", name="writing.hints")
def live(
    request: Request, session: DB, actor: CurrentActor, assignment_id: int, form: Annotated[DraftForm, Form()]
) -> Response:
    """Look at what the form holds. Nothing is stored."""
    same_person(actor, form.user_id)
    written = sheet_of(session, actor, assignment_id, form.messages, form.prompt, form.system)
    found = hints(session, actor, written, typing=form.typing)
    return render(request, HintsPage(found, told_of(found)))


@router.post("/projects/{project_id:id}/prompts/hints", name="writing.prompt_hints")
def asked(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[AskedForm, Form()]
) -> Response:
    """Look at a prompt that somebody is about to propose. Nothing is stored."""
    same_person(actor, form.user_id)
    project = get_project_for(session, actor, project_id)
    written = about_to_propose(project, form.prompt, category_id=form.category_id, language=form.language)
    found = hints(session, actor, written, only=OF_A_PROMPT, typing=form.typing) if form.prompt else []
    return render(request, HintsPage(found), template="writing/hints.html")
