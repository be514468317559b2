"""The browser's door to what contributors agree to: read and accept it, and who has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from app.accounts.doors import CurrentActor, inner_address, same_person
from app.accounts.models import Membership
from app.core.database import DB
from app.core.text import is_blank
from app.core.web import pages, render
from app.projects import consents, queries
from app.projects.models import Consent, ConsentTakenBack, Project
from app.projects.schemas import ConsentForm

router = pages("/projects/{project_id:id}")


@dataclass(frozen=True)
class ConsentPage:
    """The text and the licence to accept. `given` is what the actor accepted last; `next` leads back to their work.

    `taken_back`: what they took back last, and how far that is; `withdrawing`: it is not done, and nothing is accepted.
    """

    project: Project
    user_id: int
    asked: bool
    wanted: bool
    given: Consent | None
    taken_back: ConsentTakenBack | None
    withdrawing: bool
    mark: str
    next: str
    administers: bool


@dataclass(frozen=True)
class ConsentState:
    """What the actor took back last in a project, and how far that is."""

    project: Project
    taken_back: ConsentTakenBack | None


@dataclass(frozen=True)
class ConsentsPage:
    """Who accepted which text, and who has not accepted the one of now."""

    project: Project
    user_id: int
    accepted: Sequence[consents.Accepted]
    missing: Sequence[Membership]
    asked: bool


@router.get("/consent", name="projects.consent")
def show(
    request: Request, session: DB, actor: CurrentActor, project_id: int, back: Annotated[str, Query(alias="next")] = ""
) -> Response:
    """What do I agree to when I write here?"""
    project = queries.get_project_for(session, actor, project_id)
    taken_back = consents.last_taken_back(session, actor.user_id, project_id)
    page = ConsentPage(
        project=project,
        user_id=actor.user_id,
        asked=not is_blank(project.consent_text),
        wanted=consents.consent_wanted(session, actor, project),
        given=consents.consent_of(session, actor, project_id),
        taken_back=taken_back,
        withdrawing=taken_back is not None and taken_back.finished_at is None,
        mark=consents.mark_of(project),
        next=inner_address(back) if back else "",
        administers=actor.administers(project_id),
    )
    return render(request, page)


@router.get("/consent/state", name="projects.consent_state")
def state(request: Request, session: DB, actor: CurrentActor, project_id: int) -> Response:
    """How far is what I took back? The part of the page that asks again."""
    project = queries.get_project_for(session, actor, project_id)
    taken_back = consents.last_taken_back(session, actor.user_id, project_id)
    response = render(request, ConsentState(project, taken_back), template="projects/_taken_back.html")
    if taken_back is not None and taken_back.finished_at:
        response.headers["HX-Refresh"] = "true"  # now it can be accepted anew
    return response


@router.post("/consent", name="projects.consent")
def accept(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[ConsentForm, Form()]
) -> Response:
    """Accept it, and go back to work."""
    same_person(actor, form.user_id)
    consents.accept(session, actor, project_id, shown=form.shown)
    here = str(request.app.url_path_for("projects.consent", project_id=project_id))
    return RedirectResponse(inner_address(form.next) if form.next else here, 303)


@router.get("/consents", name="projects.consents")
def everybody(request: Request, session: DB, actor: CurrentActor, project_id: int) -> Response:
    """Who has agreed to what?"""
    project = queries.get_project_for(session, actor, project_id)
    accepted = consents.list_consents(session, actor, project_id)
    asked = not is_blank(project.consent_text)
    missing = consents.not_yet(queries.list_members(session, actor, project_id), accepted) if asked else []
    return render(request, ConsentsPage(project, actor.user_id, accepted, missing, asked))
