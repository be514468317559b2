"""The browser's door to runs."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from app.accounts.doors import AppSettings, CurrentActor
from app.core.database import DB
from app.core.errors import Verdict
from app.core.paging import CursorBook
from app.core.web import pages, render, see_other
from app.datasets.models import Version
from app.datasets.queries import get_version_for
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.training import policy, queries, service
from app.training.artefacts import list_model
from app.training.base_models import BaseModel, available, facts
from app.training.download import download
from app.training.models import Run, RunStatus
from app.training.progress import Progress, progress_of
from app.training.schemas import StartRunForm
from app.training.settings_said import Settings, settings_said
from app.training.worker.plan import Plan
from app.training.worker.report import Report

router = pages()
AT_WORK = (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.STOPPING)


@dataclass(frozen=True)
class IndexPage:
    """The runs of a project, newest first."""

    project: Project
    runs: Sequence[Run]
    reports: dict[int, Report]
    older: str | None
    can_start: Verdict


@router.get("/projects/{project_id:id}/runs", name="training.index")
def index(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    project_id: int,
    cursor: str | None = None,
) -> Response:
    """What have we tried?"""
    project = get_project_for(session, actor, project_id)
    policy.can_see(actor, project_id).require()
    book = CursorBook(settings.signing_keys, "runs", actor.user_id, project_id)
    page = book.page(
        queries.list_runs(session, actor, project_id, before=book.read(cursor)), position=lambda run: run.id
    )
    reports = queries.reports_of(session, [run.id for run in page.rows])
    older = f"{request.url.path}?cursor={page.next_cursor}" if page.next_cursor else None
    return render(request, IndexPage(project, page.rows, reports, older, policy.can_start(actor, project_id)))


@dataclass(frozen=True)
class NewPage:
    """The form of a new run, with the chosen base model's defaults."""

    project: Project
    version: Version
    models: Sequence[BaseModel]
    chosen: BaseModel
    plan: Plan
    can_start: Verdict


@router.get("/versions/{version_id:id}/train", name="training.new")
def new(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    version_id: int,
    base_model: str = "tiny",
) -> Response:
    """Which model shall learn from this version, and how?"""
    version = get_version_for(session, actor, version_id)
    project = get_project_for(session, actor, version.project_id)
    plan = service.make_plan(version, 0, base_model, settings.models_root, {})
    models = [facts(name) for name in available(settings.models_root)]
    verdict = policy.can_start(actor, project.id)
    return render(request, NewPage(project, version, models, facts(base_model), plan, verdict))


@router.post("/versions/{version_id:id}/train", name="training.start")
def start(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    version_id: int,
    form: Annotated[StartRunForm, Form()],
) -> Response:
    """Start the run and go to its page."""
    run = service.start_run(
        session,
        actor,
        version_id,
        base_model=form.base_model,
        models_root=settings.models_root,
        settings=form.model_dump(exclude={"base_model"}),
    )
    return see_other(request, "training.show", run_id=run.id)


@dataclass(frozen=True)
class ShowPage:
    """One run: how it is going."""

    project: Project
    run: Run
    base: BaseModel
    settings: Settings
    progress: Progress
    at_work: bool
    report: Report | None
    model_files: Sequence[tuple[str, int]]
    command: str
    can_stop: Verdict
    can_resume: Verdict


@router.get("/runs/{run_id:id}", name="training.show")
def show(request: Request, session: DB, actor: CurrentActor, settings: AppSettings, run_id: int) -> Response:
    """How is it going?"""
    return render(request, run_page(request, session, actor, settings, run_id))


@router.get("/runs/{run_id:id}/live", name="training.live")
def live(request: Request, session: DB, actor: CurrentActor, settings: AppSettings, run_id: int) -> Response:
    """The part of the run's page that changes while it works."""
    page = run_page(request, session, actor, settings, run_id)
    return render(request, page, template="training/_live.html")


def run_page(request: Request, session: DB, actor: CurrentActor, settings: AppSettings, run_id: int) -> ShowPage:
    """Everything that the run's page shows."""
    run = queries.get_run_for(session, actor, run_id)
    at_work = run.status in AT_WORK
    return ShowPage(
        project=get_project_for(session, actor, run.project_id),
        run=run,
        base=facts(run.base_model),
        settings=settings_said(Plan.from_dict(run.plan)),
        progress=progress_of(queries.events_of(session, run.id), ended=not at_work),
        at_work=at_work,
        report=queries.report_of(session, run.id),
        model_files=list_model(request.app.state.storage, run) if run.status is RunStatus.DONE else [],
        command=f"{settings.python or sys.executable} -m app.training.worker {settings.runs_root / run.folder}",
        can_stop=policy.can_stop(actor, run),
        can_resume=policy.can_resume(actor, run),
    )


@router.post("/runs/{run_id:id}/stop", name="training.stop")
def stop(request: Request, session: DB, actor: CurrentActor, run_id: int) -> Response:
    """Stop it, keeping the last checkpoint."""
    service.stop(session, actor, run_id)
    return see_other(request, "training.show", run_id=run_id)


@router.post("/runs/{run_id:id}/resume", name="training.resume")
def resume(request: Request, session: DB, actor: CurrentActor, run_id: int) -> Response:
    """Let it go on."""
    service.resume(session, actor, run_id)
    return see_other(request, "training.show", run_id=run_id)


@router.get("/runs/{run_id:id}/model/{name}", name="training.model_file")
def model_file(request: Request, session: DB, actor: CurrentActor, run_id: int, name: str) -> Response:
    """Download one file of the model."""
    return download(request, session, actor, run_id, name)
