"""The browser's door to one row of a version: where it comes from, and which runs saw it."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor
from app.core.database import DB
from app.core.web import pages, render
from app.datasets.lineage import Lineage, lineage_of
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.training.seen import Saw, runs_that_saw

router = pages()


@dataclass(frozen=True)
class RowPage:
    """One row, everything that it comes from, everything that was made of it. `why`: the manifest's words on splits."""

    project: Project
    row: Lineage
    messages: Sequence[dict[str, str]]
    why: str
    seen: Saw


@router.get("/versions/{version_id:id}/rows/{row_id:id}", name="training.row")
def row(request: Request, session: DB, actor: CurrentActor, version_id: int, row_id: int) -> Response:
    """Where does this row come from, and who learned from it?"""
    found = lineage_of(session, actor, version_id, row_id)
    return render(
        request,
        RowPage(
            project=get_project_for(session, actor, found.version.project_id),
            row=found,
            messages=[*found.revision.prompt_messages, *found.revision.messages],
            why=str((found.version.manifest or {}).get("splits", {}).get("method", "")),
            seen=runs_that_saw(session, actor, found.submission.id),
        ),
    )
