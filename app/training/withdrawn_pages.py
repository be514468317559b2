"""What was withdrawn from a version since it was published, and which runs saw it: for the browser and for programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, with_scope
from app.core.database import DB
from app.core.paging import PAGE_SIZE, CursorBook
from app.core.web import Out, api, pages, render
from app.datasets.models import Version
from app.datasets.queries import get_version_for
from app.datasets.registry import dropped_of, kind_of
from app.datasets.withdrawn import Dropped, is_retired
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.training.descent import runs_made_of
from app.training.models import Run

router = pages()
AT_ONCE = 1_000
json_router = api("datasets")
Reader = Annotated[Actor, Depends(with_scope("datasets:read"), scope="function")]


@dataclass(frozen=True)
class WithdrawnPage:
    """A version, a page of its rows to drop, how many these are, and the runs on it, with their heirs."""

    project: Project
    version: Version
    rows: Sequence[Dropped]
    dropped: int
    first: str | None
    older: str | None
    runs: Sequence[Run]
    retired: bool


@router.get("/versions/{version_id:id}/withdrawn", name="training.withdrawn")
def withdrawn(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    version_id: int,
    cursor: str | None = None,
) -> Response:
    """What should no longer be used, and what learned from it?"""
    version = get_version_for(session, actor, version_id)
    project = get_project_for(session, actor, version.project_id)
    kind, book = kind_of(version), CursorBook(settings.signing_keys, "withdrawn", actor.user_id, version.id)
    found = kind.dropped(session, version, book.read(cursor) or 0, PAGE_SIZE + 1)
    page = book.page(found, position=lambda row: row.position)
    here = str(request.app.url_path_for("training.withdrawn", version_id=version.id))
    return render(
        request,
        WithdrawnPage(
            project=project,
            version=version,
            rows=page.rows,
            dropped=dropped_of(session, version),
            first=here if cursor else None,
            older=f"{here}?cursor={page.next_cursor}" if page.next_cursor else None,
            runs=runs_made_of(session, actor, version.id),
            retired=is_retired(session, version.id),
        ),
    )


class DroppedOut(Out):
    """A row to drop, by the `id` that it has in the files; `part` names its file.

    `submission_id` is 0 for a pair whose responses stand, and whose question was taken back.
    """

    id: str
    part: str
    submission_id: int


class SawOut(Out):
    """A run that was given the version, or was made from one that was: it may have learned from what was withdrawn."""

    id: int
    number: int
    status: str


class WithdrawnOut(Out):
    """How many rows of a version were withdrawn since, a page of them in its order, and which runs saw them.

    `retired`: a person was erased whose rows it held, so that neither its files nor these runs' models can be had.
    """

    superseded: bool
    retired: bool
    dropped: int
    rows: list[DroppedOut]
    next_cursor: str | None
    runs: list[SawOut]


@json_router.get("/versions/{version_id:id}/withdrawn", name="api.training.withdrawn")
def list_withdrawn(
    session: DB, actor: Reader, settings: AppSettings, version_id: int, cursor: str | None = None
) -> WithdrawnOut:
    """The ids of the rows to drop from a version, a thousand at a time, and the runs that saw them."""
    version = get_version_for(session, actor, version_id)
    kind, book = kind_of(version), CursorBook(settings.signing_keys, "api.withdrawn", actor.user_id, version.id)
    found = kind.dropped(session, version, book.read(cursor) or 0, AT_ONCE + 1)
    page = book.page(found, size=AT_ONCE, position=lambda row: row.position)
    dropped = dropped_of(session, version)
    return WithdrawnOut(
        superseded=bool(dropped),
        retired=is_retired(session, version.id),
        dropped=dropped,
        rows=[DroppedOut.model_validate(one) for one in page.rows],
        next_cursor=page.next_cursor,
        runs=[SawOut.model_validate(run) for run in runs_made_of(session, actor, version.id)] if dropped else [],
    )
