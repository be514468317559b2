"""The doors to taking a consent back: one's own, and a member's by an administrator."""

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor, same_person
from app.accounts.schemas import DrawnFor
from app.core.database import DB
from app.core.text import FilledText, FormFilledText
from app.core.web import In, api, pages, see_other
from app.projects.schemas import TakenBackOut
from app.writing.consent import take_consent_back, take_consent_back_for

router = pages("/projects/{project_id:id}")
json_router = api("projects", "/projects/{project_id:id}")


class TakeBackForm(DrawnFor):
    """The press of "Take my consent back"."""


class TakeBackForForm(DrawnFor):
    """Why an administrator takes a member's consent back for them: the member reads it."""

    reason: FormFilledText


class TakeBackForIn(In):
    """Why an administrator takes a member's consent back for them: the member reads it."""

    reason: FilledText


@router.post("/consent/take-back", name="writing.take_consent_back")
def take_back(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[TakeBackForm, Form()]
) -> Response:
    """Take it back, and show how far that is."""
    same_person(actor, form.user_id)
    take_consent_back(session, actor, project_id)
    return see_other(request, "projects.consent", project_id=project_id)


@router.post("/consents/{person_id:id}/take-back", name="writing.take_consent_back_for")
def take_back_for(
    request: Request,
    session: DB,
    actor: CurrentActor,
    project_id: int,
    person_id: int,
    form: Annotated[TakeBackForForm, Form()],
) -> Response:
    """Take a member's consent back for them."""
    same_person(actor, form.user_id)
    take_consent_back_for(session, actor, project_id, person_id, reason=form.reason)
    return see_other(request, "projects.consents", project_id=project_id)


@json_router.post("/consent/take-back", name="api.writing.take_consent_back", status_code=202)
def api_take_back(session: DB, actor: CurrentActor, project_id: int) -> TakenBackOut:
    """Take back what you accepted; a job withdraws all that holds a text of yours. Again changes nothing."""
    return TakenBackOut.model_validate(take_consent_back(session, actor, project_id))


@json_router.post("/consents/{person_id:id}/take-back", name="api.writing.take_consent_back_for", status_code=202)
def api_take_back_for(
    session: DB, actor: CurrentActor, project_id: int, person_id: int, given: TakeBackForIn
) -> TakenBackOut:
    """The same for a member, as an administrator of the project; they are told, with the reason."""
    return TakenBackOut.model_validate(
        take_consent_back_for(session, actor, project_id, person_id, reason=given.reason)
    )
