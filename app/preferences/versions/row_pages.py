"""The doors to one pair of a version: where it comes from, and which runs saw it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import CurrentActor, with_scope
from app.core.database import DB
from app.core.web import api, pages, render
from app.preferences.models import Choice
from app.preferences.versions.lineage import PairLineage, pair_lineage_of, rows_of_pair
from app.preferences.versions.row_schemas import PairRowOut
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.training.seen import Saw, runs_on

router, json_router = pages(), api("preferences")
Reader = Annotated[Actor, Depends(with_scope("datasets:read"), scope="function")]
NEITHER = {
    Choice.TIE: "calls both as good",
    Choice.BOTH_BAD: "calls both bad",
    Choice.CANNOT_JUDGE: "could not judge",
}


@dataclass(frozen=True)
class RowPage:
    """One pair, everything that it comes from, and the runs that saw it. `why`: the manifest's words on splits."""

    project: Project
    row: PairLineage
    why: str
    seen: Saw
    neither: dict[Choice, str]


@router.get("/versions/{version_id:id}/pairs/{pair_id:id}", name="preferences.row")
def row(request: Request, session: DB, actor: CurrentActor, version_id: int, pair_id: int) -> Response:
    """Where does this pair come from, and who learned from it?"""
    found = pair_lineage_of(session, actor, version_id, pair_id)
    page = RowPage(
        project=get_project_for(session, actor, found.version.project_id),
        row=found,
        why=str((found.version.manifest or {}).get("splits", {}).get("method", "")),
        seen=runs_on(session, actor, rows_of_pair(pair_id)),
        neither=NEITHER,
    )
    return render(request, page)


@json_router.get("/versions/{version_id:id}/pairs/{pair_id:id}", name="api.preferences.row")
def row_as_json(session: DB, actor: Reader, version_id: int, pair_id: int) -> PairRowOut:
    """Where a pair of a version comes from, and which runs saw it: `pair_id` is its number, as in c12."""
    found = pair_lineage_of(session, actor, version_id, pair_id)
    return PairRowOut.of(found, runs_on(session, actor, rows_of_pair(pair_id)))
