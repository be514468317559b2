"""A reviewer proposes how a part of the guidelines should read; an administrator declines it. In the browser."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor, same_person
from app.accounts.schemas import DrawnFor
from app.core.database import DB
from app.core.markdown import Part, parts
from app.core.web import pages, render, see_other
from app.projects import wordings
from app.projects.models import Guidelines, Project
from app.projects.policy import can_propose_wording
from app.projects.queries import current_guidelines, get_project_for
from app.projects.schemas import WordingForm

router = pages("/projects/{project_id:id}/guidelines")


@dataclass(frozen=True)
class WordingPage:
    """A part of the newest guidelines to reword, or without one the parts to choose from."""

    project: Project
    user_id: int
    newest: Guidelines
    parts: Sequence[Part]
    chosen: Part | None
    text: str


@router.get("/wording", name="projects.wording")
def wording(
    request: Request, session: DB, actor: CurrentActor, project_id: int, heading: str | None = None
) -> Response:
    """How should this part read?"""
    project = get_project_for(session, actor, project_id)
    can_propose_wording(actor, project_id).require()
    newest = current_guidelines(session, project_id)
    chosen = wordings.part_of(newest, heading) if heading else None
    text = newest.text[chosen.start : chosen.end] if chosen else ""
    return render(request, WordingPage(project, actor.user_id, newest, parts(newest.text), chosen, text))


@router.post("/wording", name="projects.wording")
def propose(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[WordingForm, Form()]
) -> Response:
    """Propose it to the administrators."""
    same_person(actor, form.user_id)
    wordings.propose(
        session, actor, project_id, version=form.version, heading=form.heading, text=form.text, reason=form.reason
    )
    return see_other(request, "projects.guidelines", say="Proposed. Administrators see it here.", project_id=project_id)


@router.post("/wordings/{wording_id:id}/decline", name="projects.decline_wording")
def decline(
    request: Request,
    session: DB,
    actor: CurrentActor,
    project_id: int,
    wording_id: int,
    form: Annotated[DrawnFor, Form()],
) -> Response:
    """Leave the part as it is."""
    same_person(actor, form.user_id)
    wordings.decline(session, actor, project_id, wording_id)
    return see_other(request, "projects.guidelines", say="Declined; the guidelines stay.", project_id=project_id)
