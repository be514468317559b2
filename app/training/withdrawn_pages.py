"""What was withdrawn from a version since it was published, and which runs saw it: for the browser and for programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import CurrentActor, with_scope
from app.core.database import DB
from app.core.web import Out, api, pages, render
from app.datasets.models import Version
from app.datasets.queries import get_version_for
from app.datasets.registry import kind_of
from app.datasets.withdrawn import Dropped, is_retired
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.training.descent import runs_made_of
from app.training.models import Run

router = pages()
json_router = api("datasets")
Reader = Annotated[Actor, Depends(with_scope("datasets:read"), scope="function")]


@dataclass(frozen=True)
class WithdrawnPage:
    """A version, its rows to drop, and the runs that it was given to, with those that were made from these."""

    project: Project
    version: Version
    rows: Sequence[Dropped]
    runs: Sequence[Run]
    retired: bool


@router.get("/versions/{version_id:id}/withdrawn", name="training.withdrawn")
def withdrawn(request: Request, session: DB, actor: CurrentActor, version_id: int) -> Response:
    """What should no longer be used, and what learned from it?"""
    version = get_version_for(session, actor, version_id)
    project = get_project_for(session, actor, version.project_id)
    return render(
        request,
        WithdrawnPage(
            project=project,
            version=version,
            rows=kind_of(version).dropped(session, version),
            runs=runs_made_of(session, actor, version.id),
            retired=is_retired(session, version.id),
        ),
    )


class DroppedOut(Out):
    """A row to drop, by the `id` that it has in the files; `part` names its file."""

    id: str
    part: str
    submission_id: int


class SawOut(Out):
    """A run that was given the version, or was made from one that was: it may have learned from what was withdrawn."""

    id: int
    number: int
    status: str


class WithdrawnOut(Out):
    """Whether rows of a version were withdrawn since, which, and which runs saw them.

    `retired`: a person was erased whose rows it held, so that neither its files nor these runs' models can be had.
    """

    superseded: bool
    retired: bool
    rows: list[DroppedOut]
    runs: list[SawOut]


@json_router.get("/versions/{version_id:id}/withdrawn", name="api.training.withdrawn")
def list_withdrawn(session: DB, actor: Reader, version_id: int) -> WithdrawnOut:
    """The ids of the rows to drop from a version, and the runs that saw them."""
    version = get_version_for(session, actor, version_id)
    rows = [DroppedOut.model_validate(one) for one in kind_of(version).dropped(session, version)]
    runs = [SawOut.model_validate(run) for run in runs_made_of(session, actor, version.id)] if rows else []
    return WithdrawnOut(superseded=bool(rows), retired=is_retired(session, version.id), rows=rows, runs=runs)
