"""The browser's door to reports."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor
from app.core.database import DB
from app.core.web import pages, render
from app.evaluation.reading import Reading, read
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.training.models import Run, RunStatus
from app.training.queries import get_run_for, report_of
from app.training.worker.report import Report, Sample, upgraded

router = pages()


@dataclass(frozen=True)
class ReportPage:
    """What a run learned, and what it only memorised."""

    project: Project
    run: Run
    report: Report
    reading: Reading
    samples: Sequence[Sample]


@dataclass(frozen=True)
class WaitingPage:
    """What will stand there; `waits` while the run may still come to its end by itself."""

    project: Project
    run: Run
    waits: bool


@router.get("/runs/{run_id:id}/report", name="evaluation.report")
def report(request: Request, session: DB, actor: CurrentActor, run_id: int) -> Response:
    """What did it learn, and what did it only memorise?"""
    run = get_run_for(session, actor, run_id)
    project = get_project_for(session, actor, run.project_id)
    found = report_of(session, run.id)
    if found is None:
        waits = run.status in (RunStatus.QUEUED, RunStatus.RUNNING)
        return render(request, WaitingPage(project, run, waits), template="evaluation/waiting.html")
    whole = upgraded(found)
    return render(request, ReportPage(project, run, whole, read(whole), whole["samples"]))
