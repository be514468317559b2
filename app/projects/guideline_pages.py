"""The browser's door to the guidelines: what a good response is, and how that changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request
from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from app.accounts.actor import Actor
from app.accounts.doors import CurrentActor, inner_address, same_person
from app.core.beside import Beside
from app.core.database import DB
from app.core.diff import Segment, diff
from app.core.markdown import render_markdown
from app.core.text import WholeNumber
from app.core.web import pages, render, see_other
from app.projects import policy, queries, reading, service, wording_pages, wordings
from app.projects.models import Guidelines, Project, Wording
from app.projects.rubric import CRITERIA_LIMIT
from app.projects.schemas import GuidelinesForm, ReadForm

router = pages("/projects/{project_id:id}/guidelines")
SPARE_CRITERIA = 2


@dataclass(frozen=True)
class GuidelinesPage:
    """One version as people read it, and what it changed against another, if that was asked."""

    project: Project
    shown: Guidelines
    html: Markup
    versions: Sequence[Guidelines]
    compared: Guidelines | None
    changes: Sequence[Segment]
    can_revise: bool
    user_id: int
    unread: reading.Unread | None
    can_propose: bool
    wordings: Sequence[Wording]
    beside: Beside | None


@dataclass(frozen=True)
class RevisePage:
    """The newest version in a form, with room for further criteria; `wording` is what is to be taken over. Where it no
    longer `fits`, it stands beside the form alone."""

    project: Project
    user_id: int
    newest: Guidelines
    criteria: Sequence[dict[str, str]]
    text: str
    wording: Wording | None
    fits: bool


@dataclass(frozen=True)
class ReadersPage:
    """The members with the versions that they read."""

    project: Project
    newest: Guidelines
    readers: Sequence[reading.Reader]
    up_to_date: int


@router.get("", name="projects.guidelines")
def guidelines(
    request: Request,
    session: DB,
    actor: CurrentActor,
    project_id: int,
    version: WholeNumber | None = None,
    against: WholeNumber | None = None,
) -> Response:
    """What is a good response, and what did that mean before?"""
    project = queries.get_project_for(session, actor, project_id)
    versions = queries.list_guidelines(session, actor, project_id)
    shown = versions[0] if version is None else _version(session, actor, project_id, version)
    compared = None if against is None else _version(session, actor, project_id, against)
    page = GuidelinesPage(
        project=project,
        shown=shown,
        html=render_markdown(shown.text, anchors=True),
        versions=versions,
        compared=compared,
        changes=diff(compared.text, shown.text) if compared else [],
        can_revise=bool(policy.can_administer(actor, project_id)),
        user_id=actor.user_id,
        unread=reading.unread(session, actor, project_id),
        can_propose=bool(policy.can_propose_wording(actor, project_id)),
        wordings=wordings.list_wordings(session, actor, project_id),
        beside=request.app.state.beside_guidelines(session, project) if not compared else None,
    )
    return render(request, page)


@router.get("/revise", name="projects.revise")
def revise(
    request: Request, session: DB, actor: CurrentActor, project_id: int, wording: WholeNumber | None = None
) -> Response:
    """How should they read from now on?"""
    project = queries.get_project_for(session, actor, project_id)
    policy.can_administer(actor, project_id).require()
    newest = queries.current_guidelines(session, project_id)
    spare = min(SPARE_CRITERIA, CRITERIA_LIMIT - len(newest.rubric))
    criteria = [*newest.rubric, *({"key": "", "name": "", "description": ""} for _ in range(spare))]
    proposed = wordings.get_wording_for(session, actor, project_id, wording) if wording else None
    text = wordings.draft_with(proposed, newest) if proposed else None
    fits = proposed is None or text is not None
    shown = newest.text if text is None else text
    return render(request, RevisePage(project, actor.user_id, newest, criteria, shown, proposed, fits))


@router.post("/revise", name="projects.revise")
def write_next(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[GuidelinesForm, Form()]
) -> Response:
    """Write the next version."""
    same_person(actor, form.user_id)
    if form.wording is not None:
        wordings.take_over(session, actor, project_id, form.wording)
    service.revise_guidelines(session, actor, project_id, text=form.text, rubric=form.rubric(), based_on=form.based_on)
    return see_other(request, "projects.guidelines", project_id=project_id)


@router.post("/{version:id}/read", name="projects.acknowledge")
def acknowledge(
    request: Request, session: DB, actor: CurrentActor, project_id: int, version: int, form: Annotated[ReadForm, Form()]
) -> Response:
    """Say that one has read a version, and go back to where one was."""
    same_person(actor, form.user_id)
    reading.acknowledge(session, actor, project_id, version=version)
    here = str(request.app.url_path_for("projects.guidelines", project_id=project_id))
    return RedirectResponse(inner_address(form.next) if form.next else here, 303)


@router.get("/readers", name="projects.readers")
def readers(request: Request, session: DB, actor: CurrentActor, project_id: int) -> Response:
    """Who has read which version?"""
    project = queries.get_project_for(session, actor, project_id)
    found = reading.list_readers(session, actor, project_id)
    up_to_date = sum(reader.up_to_date for reader in found)
    return render(request, ReadersPage(project, queries.current_guidelines(session, project_id), found, up_to_date))


def _version(session: Session, actor: Actor, project_id: int, version: int) -> Guidelines:
    return queries.get_guidelines_for(session, actor, project_id, version)


router.routes += wording_pages.router.routes
