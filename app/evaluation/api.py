"""The JSON door to reports."""

from typing import Annotated, Any

from fastapi import Depends

from app.accounts.actor import Actor
from app.accounts.doors import with_scope
from app.core.database import DB
from app.core.web import api
from app.evaluation.queries import get_report_for

router = api("evaluation")
Reader = Annotated[Actor, Depends(with_scope("runs:read"), scope="function")]


@router.get("/runs/{run_id:id}/report", name="api.evaluation.report")
def report(session: DB, actor: Reader, run_id: int) -> dict[str, Any]:
    """The report.json of a finished run, as its worker wrote it."""
    _, found = get_report_for(session, actor, run_id)
    return dict(found)
