"""The JSON door to proposals how a part of the guidelines should read."""

from starlette.responses import Response

from app.accounts.doors import CurrentActor
from app.core.database import DB
from app.core.web import api
from app.projects import wordings
from app.projects.schemas import WordingIn, WordingList, WordingOut

router = api("projects", "/projects/{project_id:id}/wordings")


@router.get("", name="api.projects.wordings")
def index(session: DB, actor: CurrentActor, project_id: int) -> WordingList:
    """What is proposed: to administrators all that waits, to others the newest of their own."""
    found = wordings.list_wordings(session, actor, project_id)
    return WordingList(wordings=[WordingOut.model_validate(one) for one in found])


@router.post("", name="api.projects.propose_wording", status_code=201, response_model=WordingOut)
def propose(session: DB, actor: CurrentActor, project_id: int, given: WordingIn) -> WordingOut:
    """Propose how a part should read; administrators decide."""
    made = wordings.propose(session, actor, project_id, **given.model_dump())
    session.refresh(made)
    return WordingOut.model_validate(made)


@router.post("/{wording_id:id}/decline", name="api.projects.decline_wording", status_code=204)
def decline(session: DB, actor: CurrentActor, project_id: int, wording_id: int) -> Response:
    """Leave the part as it is."""
    wordings.decline(session, actor, project_id, wording_id)
    return Response(status_code=204)
