"""The doors that lay runs over each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import CurrentActor, with_scope
from app.core.database import DB
from app.core.errors import Invalid
from app.core.text import WholeNumber
from app.core.web import Out, api, pages, render
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.training import policy, queries
from app.training.comparing import MOST, Comparison, compare, kind_of
from app.training.curves import Along, Measure
from app.training.models import Run
from app.training.scales import NAMES
from app.training.schemas import RunOut

router = pages()
json_router = api("training")
Reader = Annotated[Actor, Depends(with_scope("runs:read"), scope="function")]
Runs = Annotated[list[Annotated[WholeNumber, Field(ge=1, lt=2**62)]] | None, Query()]


@dataclass(frozen=True)
class ComparePage:
    """Runs over each other. `legend`: how each run's line is drawn, and its name."""

    project: Project
    runs: Sequence[Run]
    comparison: Comparison
    legend: Sequence[tuple[str, str]]
    measure: Measure
    name: str
    along: Along


@router.get("/projects/{project_id:id}/runs/compare", name="training.compare")
def show(
    request: Request,
    session: DB,
    actor: CurrentActor,
    project_id: int,
    run: Runs = None,
    measure: Measure = Measure.VALIDATION,
    along: Along = Along.STEPS,
) -> Response:
    """Which of these runs did better, and what did they do otherwise?"""
    project, runs, comparison = compared(session, actor, project_id, run, measure, along)
    legend = [(kind_of(index), f"run {one.number}") for index, one in enumerate(runs)]
    return render(request, ComparePage(project, runs, comparison, legend, measure, NAMES[measure], along))


class LineOut(Out):
    """One thing that was asked or found, a cell for each run in the order in which they were named."""

    name: str
    cells: list[str]
    differs: bool


class CurveOut(Out):
    """The line of a run as points [x, y], a long one as the means of equal pieces."""

    run_id: int
    points: list[tuple[float, float]]


class ComparisonOut(Out):
    """Runs side by side. `apart` says which runs have no curve and why, `note` what the curves are."""

    runs: list[RunOut]
    measure: Measure
    along: Along
    curves: list[CurveOut]
    apart: str
    note: str
    found: list[LineOut]
    asked: list[LineOut]


@json_router.get("/projects/{project_id:id}/runs/compare", name="api.training.compare")
def api_show(
    session: DB,
    actor: Reader,
    project_id: int,
    run: Runs = None,
    measure: Measure = Measure.VALIDATION,
    along: Along = Along.STEPS,
) -> ComparisonOut:
    """Which of these runs (`run=7&run=9`, two to six) did better, and what they did otherwise."""
    _, runs, comparison = compared(session, actor, project_id, run, measure, along)
    return ComparisonOut(
        runs=[RunOut.model_validate(one) for one in runs],
        measure=measure,
        along=along,
        curves=[CurveOut(run_id=run_id, points=list(points)) for run_id, points in comparison.curves.items()],
        apart=comparison.apart,
        note=comparison.note,
        found=[LineOut.model_validate(one) for one in comparison.found],
        asked=[LineOut.model_validate(one) for one in (*comparison.different, *comparison.alike)],
    )


def compared(
    session: Session, actor: Actor, project_id: int, run: Sequence[int] | None, measure: Measure, along: Along
) -> tuple[Project, list[Run], Comparison]:
    """The runs of a project that were named, side by side. Invalid unless they are two to six."""
    project = get_project_for(session, actor, project_id)
    policy.can_see(actor, project_id).require()
    chosen = list(dict.fromkeys(run or []))
    if not 2 <= len(chosen) <= MOST:
        raise Invalid("training.how_many_to_compare", f"Choose two to {MOST} runs of the list to compare them.")
    runs = queries.get_runs_for(session, actor, project_id, chosen)
    events = {one.id: queries.events_shown(session, one.id) for one in runs}
    return project, runs, compare(runs, events, queries.reports_of(session, chosen), measure, along)
