"""The browser's door to hints while somebody types: what there is to look at in the sheet as it stands, unsaved."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor, same_person
from app.core.database import DB
from app.core.web import pages, render
from app.projects.queries import get_project_for
from app.writing import queries
from app.writing.checks import OF_A_PROMPT, Finding
from app.writing.hints import Written, draft_of, hints
from app.writing.schemas import AskedForm, DraftForm
from app.writing.turns import asking

router = pages()


@dataclass(frozen=True)
class HintsPage:
    """What stands below the sheet."""

    hints: Sequence[Finding]


@router.post("/write/{assignment_id:id}/hints", name="writing.hints")
def live(
    request: Request, session: DB, actor: CurrentActor, assignment_id: int, form: Annotated[DraftForm, Form()]
) -> Response:
    """Look at what the form holds. Nothing is stored."""
    same_person(actor, form.user_id)
    assignment = queries.get_assignment_for(session, actor, assignment_id)
    project = get_project_for(session, actor, assignment.project_id)
    written = draft_of(project, assignment, queries.submission_of(session, assignment.id))
    written = replace(written, messages=form.messages)
    if assignment.is_pair and form.prompt is not None:
        written = replace(written, prompt_messages=asking(written.prompt_messages, form.prompt))
    return render(request, HintsPage(hints(session, actor, written, typing=True)))


@router.post("/projects/{project_id:id}/prompts/hints", name="writing.prompt_hints")
def asked(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[AskedForm, Form()]
) -> Response:
    """Look at a prompt that somebody is about to propose. Nothing is stored."""
    same_person(actor, form.user_id)
    project = get_project_for(session, actor, project_id)
    written = Written(
        project=project,
        category_id=form.category_id,
        language=form.language or project.language,
        prompt_messages=asking([], form.prompt),
        messages=[],
        own_prompt=True,
        prompt_id=None,
        submission_id=None,
    )
    found = hints(session, actor, written, only=OF_A_PROMPT, typing=True) if form.prompt else []
    return render(request, HintsPage(found), template="writing/hints.html")
