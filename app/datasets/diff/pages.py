"""The browser's door to what changed between two versions of a project."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import Response

from app.accounts.doors import AppSettings, CurrentActor
from app.core.charts import Drawing
from app.core.database import DB
from app.core.text import WholeNumber
from app.core.web import pages, render, see_other
from app.datasets import queries
from app.datasets.api import changes_file
from app.datasets.diff.between import counts_between, page_of_changes
from app.datasets.diff.changes import Counts, Kind
from app.datasets.drawings import was_and_is
from app.datasets.models import Version
from app.projects.models import Project
from app.projects.queries import get_project_for

router = pages()


@dataclass(frozen=True)
class DiffPage:
    """What changed from `other` to `version`, and the rows of one kind. `comparable`: other versions to choose from."""

    project: Project
    version: Version
    other: Version
    comparable: Sequence[tuple[int, str]]
    counts: Counts
    was: Drawing
    now: Drawing
    kind: Kind
    changes: Sequence[Any]
    older: str | None


@router.get("/versions/{version_id:id}/diff/{other_id:id}", name="datasets.diff")
def diff(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    version_id: int,
    other_id: int,
    kind: Kind = Kind.CHANGED,
    cursor: str | None = None,
) -> Response:
    """What is new, gone, reworded, moved?"""
    newer, older = queries.two_versions_for(session, actor, version_id, other_id)
    page = page_of_changes(session, actor, settings.signing_keys, (newer, older), kind, cursor)
    counts = counts_between(session, newer, older)
    was, now = was_and_is(counts)
    return render(
        request,
        DiffPage(
            project=get_project_for(session, actor, newer.project_id),
            version=newer,
            other=older,
            comparable=queries.comparable_with(session, actor, newer),
            counts=counts,
            was=was,
            now=now,
            kind=kind,
            changes=page.rows,
            older=f"?kind={kind.value}&cursor={page.next_cursor}" if page.next_cursor else None,
        ),
    )


@router.get("/versions/{version_id:id}/compare", name="datasets.compare")
def compare(
    request: Request,
    session: DB,
    actor: CurrentActor,
    version_id: int,
    other: Annotated[WholeNumber | None, Query(ge=1, lt=2**62)] = None,
) -> Response:
    """From the choice of another version to the page of what changed; back to the version where none was chosen."""
    if other is None:
        return see_other(request, "datasets.version", version_id=queries.get_version_for(session, actor, version_id).id)
    newer, older = queries.two_versions_for(session, actor, version_id, other)
    return see_other(request, "datasets.diff", version_id=newer.id, other_id=older.id)


@router.get("/versions/{version_id:id}/diff/{other_id:id}/changes.jsonl", name="datasets.changes")
def all_changes(request: Request, session: DB, actor: CurrentActor, version_id: int, other_id: int) -> Response:
    """Download every change."""
    return changes_file(request, session, actor, version_id, other_id)
