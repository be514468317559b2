"""The page that lays runs over each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor
from app.core.database import DB
from app.core.errors import Invalid
from app.core.web import pages, render
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.training import policy, queries
from app.training.comparing import MOST, Comparison, compare, kind_of
from app.training.curves import Along, Measure
from app.training.models import Run
from app.training.scales import NAMES

router = pages()


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
    run: Annotated[list[int] | None, Query()] = None,
    measure: Measure = Measure.VALIDATION,
    along: Along = Along.STEPS,
) -> Response:
    """Which of these runs did better, and what did they do otherwise?"""
    project = get_project_for(session, actor, project_id)
    policy.can_see(actor, project_id).require()
    chosen = list(dict.fromkeys(run or []))
    if not 2 <= len(chosen) <= MOST:
        raise Invalid("training.how_many_to_compare", f"Choose two to {MOST} runs of the list to compare them.")
    runs = queries.get_runs_for(session, actor, project_id, chosen)
    events = {one.id: queries.events_shown(session, one.id) for one in runs}
    comparison = compare(runs, events, queries.reports_of(session, chosen), measure, along)
    legend = [(kind_of(index), f"run {one.number}") for index, one in enumerate(runs)]
    return render(request, ComparePage(project, runs, comparison, legend, measure, NAMES[measure], along))
