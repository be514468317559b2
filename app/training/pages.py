"""The browser's door to runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor
from app.core.database import DB
from app.core.errors import Verdict
from app.core.paging import CursorBook
from app.core.web import drawn_part, pages, render, see_other
from app.datasets.registry import kind_of
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.training import descent, policy, queries, row_pages, service, start_pages
from app.training.artefacts import list_model
from app.training.base_models import BaseModel, facts
from app.training.blind import blind_in, samples_in
from app.training.curves import Along
from app.training.download import download
from app.training.elsewhere import Elsewhere, elsewhere
from app.training.methods import METHODS, Method
from app.training.models import Run, RunStatus
from app.training.progress import Progress, progress_of
from app.training.says_shown import SaidTo, said_while_learning
from app.training.settings_said import Settings, stored_settings_said
from app.training.watching import PACES, WATCHING
from app.training.worker.report import Report

router = pages()
AT_WORK = (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.STOPPING)


@dataclass(frozen=True)
class IndexPage:
    """The runs of a project, newest first."""

    project: Project
    runs: Sequence[Run]
    reports: dict[int, Report]
    methods: Mapping[str, Method]
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
    return render(request, IndexPage(project, page.rows, reports, METHODS, older, policy.can_start(actor, project_id)))


@dataclass(frozen=True)
class ShowPage:
    """One run: how it is going."""

    project: Project
    run: Run
    rule: str
    base: BaseModel
    method: Method
    made_from: Mapping[str, Run]
    made_with: Sequence[Run]
    settings: Settings
    progress: Progress
    says: Sequence[SaidTo]
    along: Along
    state_now: str
    pace: int
    at_work: bool
    has_no_trainer: bool
    report: Report | None
    model_files: Sequence[tuple[str, int]]
    elsewhere: Elsewhere
    can_start: Verdict
    can_stop: Verdict
    can_resume: Verdict


@router.get("/runs/{run_id:id}", name="training.show")
def show(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    run_id: int,
    along: Along = Along.STEPS,
) -> Response:
    """How is it going?"""
    state = queries.state_of(session, actor, run_id).word
    return render(request, run_page(request, session, actor, settings, run_id, along, state, PACES[0]))


@router.get("/runs/{run_id:id}/live", name="training.live")
def live(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    run_id: int,
    along: Along = Along.STEPS,
    seen: str = "",
    pace: Annotated[int, Query(ge=PACES[0], le=PACES[-1])] = PACES[0],
) -> Response:
    """The part of the run's page that changes while it works; 204 for who has `seen` this state and waits well."""
    state = queries.state_of(session, actor, run_id)
    bearable = WATCHING.pace(actor.user_id, run_id)
    if seen == state.word and pace == bearable:
        return Response(status_code=204)

    def draw() -> tuple[str, bool]:
        page = run_page(request, session, actor, settings, run_id, along, state.word, bearable)
        return drawn_part(request, page, "training/_live.html"), page.at_work and page.run.status is state.status

    # Nothing in it is of one person, but what those who lead the project may do.
    leads = bool(policy.can_start(actor, state.project_id))
    return HTMLResponse(WATCHING.drawn(f"{state.word}.{along}.{bearable}.{leads}", draw))


def run_page(
    request: Request,
    session: Session,
    actor: Actor,
    settings: AppSettings,
    run_id: int,
    along: Along,
    state: str,
    pace: int,
) -> ShowPage:
    """Everything that the run's page shows. `state`: as it was before anything of it was read."""
    run = queries.get_run_for(session, actor, run_id)
    at_work = run.status in AT_WORK
    told = queries.events_shown(session, run.id)
    blind = blind_in(session, run.project_id, samples_in(told))
    return ShowPage(
        project=get_project_for(session, actor, run.project_id),
        run=run,
        rule=kind_of(run.version).in_words(run.version.rule),
        base=facts(run.base_model),
        method=METHODS[run.method],
        made_from=descent.made_from(session, run),
        made_with=descent.made_with(session, actor, run.id),
        settings=stored_settings_said(run.plan),
        progress=progress_of(
            told, ended=not at_work, waits=run.status is RunStatus.QUEUED, along=along, method=run.method
        ),
        says=said_while_learning(told, blind.hides),
        along=along,
        state_now=state,
        pace=pace,
        at_work=at_work,
        has_no_trainer=queries.has_no_trainer(session, run),
        report=queries.report_of(session, run.id),
        model_files=list_model(request.app.state.storage, run) if run.status is RunStatus.DONE else [],
        elsewhere=elsewhere(run, settings),
        can_start=policy.can_start(actor, run.project_id),
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


router.routes += start_pages.router.routes
router.routes += row_pages.router.routes


@router.get("/runs/{run_id:id}/model/{name}", name="training.model_file")
def model_file(request: Request, session: DB, actor: CurrentActor, run_id: int, name: str) -> Response:
    """Download one file of the model."""
    return download(request, session, actor, run_id, name)
