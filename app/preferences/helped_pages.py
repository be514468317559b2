"""The door to a blind comparison of a run with the model that it went on from, and what its report shows of it."""

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor, same_person
from app.core.database import DB
from app.core.web import api, pages, see_other
from app.preferences.api import as_shown
from app.preferences.helped import compare_blindly
from app.preferences.schemas import PressedForm, SetOut

router, json_router = pages(), api("preferences")


@router.post("/runs/{run_id:id}/compare-blindly", name="preferences.compare_blindly")
def ask(
    request: Request, session: DB, actor: CurrentActor, run_id: int, form: Annotated[PressedForm, Form()]
) -> Response:
    """Let the run's model and its reference answer, for people to compare."""
    same_person(actor, form.user_id)
    made = compare_blindly(session, actor, run_id)
    return see_other(request, "preferences.index", project_id=made.project_id)


@json_router.post(
    "/runs/{run_id:id}/compare-blindly",
    name="api.preferences.compare_blindly",
    response_model=SetOut,
    status_code=201,
)
def ask_as_json(session: DB, actor: CurrentActor, run_id: int) -> SetOut:
    """Make the set that says whether people prefer a run to the model that it went on from. See its `figures`."""
    found = compare_blindly(session, actor, run_id)
    session.refresh(found)
    return as_shown(session, actor, found)[0]
