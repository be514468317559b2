"""The doors to what was handed in and is put right by its writer before a review of it begins."""

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor, same_person
from app.accounts.schemas import DrawnFor
from app.core.database import DB
from app.core.web import api, pages
from app.writing.queries import get_assignment_for
from app.writing.recalling import recall
from app.writing.schemas import AssignmentOut
from app.writing.ways import to_sheet

router = pages()
json_router = api("writing")


@router.post("/submissions/{submission_id:id}/recall", name="writing.recall")
def press(
    request: Request, session: DB, actor: CurrentActor, submission_id: int, form: Annotated[DrawnFor, Form()]
) -> Response:
    """Go on writing on what was handed in and nobody reviews yet."""
    same_person(actor, form.user_id)
    return to_sheet(request, recall(session, actor, submission_id).id)


@json_router.post("/submissions/{submission_id:id}/recall", name="api.writing.recall", response_model=AssignmentOut)
def api_recall(session: DB, actor: CurrentActor, submission_id: int) -> AssignmentOut:
    """Open what you handed in for one more revision, while no reviewer has begun with it; hand it in again then."""
    return AssignmentOut.of(get_assignment_for(session, actor, recall(session, actor, submission_id).id))
