"""The JSON door to runs."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response, StreamingResponse

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, with_scope
from app.core.database import DB
from app.core.openapi import ASKED_OF_FILE, SENDS_FILE
from app.core.paging import CursorBook
from app.core.text import WholeNumber
from app.core.web import api
from app.datasets.lineage import lineage_of
from app.datasets.registry import kind_of
from app.projects.queries import get_project_for
from app.training import policy, queries, service
from app.training.artefacts import list_model, model_hashes
from app.training.base_models import available
from app.training.blind import blind_in, samples_in
from app.training.download import download
from app.training.models import Run
from app.training.schemas import DataOut, EventList, ModelFile, ModelFiles, RunList, RunOut, SeenList, SeenOut, StartRun
from app.training.seen import runs_that_saw

router = api("training")
Reader = Annotated[Actor, Depends(with_scope("runs:read"), scope="function")]
Writer = Annotated[Actor, Depends(with_scope("runs:write"), scope="function")]
Step = Annotated[WholeNumber, Query(ge=0, lt=2**31)]


@router.get("/projects/{project_id:id}/runs", name="api.training.list")
def list_runs(session: DB, actor: Reader, settings: AppSettings, project_id: int, cursor: str | None = None) -> RunList:
    """Runs of a project, newest first, 20 at a time."""
    get_project_for(session, actor, project_id)
    policy.can_see(actor, project_id).require()
    book = CursorBook(settings.signing_keys, "runs", actor.user_id, project_id)
    rows = queries.list_runs(session, actor, project_id, before=book.read(cursor))
    page = book.page(rows, position=lambda run: run.id)
    return RunList(runs=[RunOut.model_validate(run) for run in page.rows], next_cursor=page.next_cursor)


@router.post("/versions/{version_id:id}/runs", name="api.training.start", status_code=201, response_model=RunOut)
def start(session: DB, actor: Writer, settings: AppSettings, version_id: int, body: StartRun) -> RunOut:
    """Start a run on a published version: fine-tuning, a reward model, or a policy."""
    run = service.start_run(
        session,
        actor,
        version_id,
        base_model=body.base_model or "",
        models_root=settings.models_root,
        settings=body.settings,
        method=body.method,
        begins_from=body.begins_from_run_id,
        reward=body.reward_run_id,
        second_reward=body.second_reward_run_id,
        processes=settings.training_processes,
    )
    return RunOut.model_validate(run)


@router.get("/runs/{run_id:id}", name="api.training.show", response_model=RunOut)
def show(session: DB, actor: Reader, run_id: int) -> Run:
    """One run with its plan and its state."""
    return queries.get_run_for(session, actor, run_id)


@router.get("/runs/{run_id:id}/data", name="api.training.data")
def data(session: DB, actor: Reader, run_id: int) -> DataOut:
    """From a run back to what it learned from."""
    run = queries.get_run_for(session, actor, run_id)
    version = run.version
    return DataOut(
        run_id=run.id,
        project_id=run.project_id,
        dataset_id=version.dataset_id,
        dataset=version.dataset.name,
        version_id=version.id,
        version=version.number,
        content_hash=version.content_hash,
        rule=version.rule,
        rule_in_words=kind_of(version).in_words(version.rule),
        guidelines=(version.manifest or {}).get("guidelines", []),
        rows=version.counts,
        drew=run.plan.get("train_rows", 0),
    )


@router.get("/versions/{version_id:id}/rows/{row_id:id}/runs", name="api.training.seen")
def seen(session: DB, actor: Reader, version_id: int, row_id: int) -> SeenList:
    """The runs that saw a row of a version, on this version or on another that holds the same submission."""
    found = lineage_of(session, actor, version_id, row_id)
    saw = runs_that_saw(session, actor, found.submission.id)
    return SeenList(runs=[SeenOut.of(one) for one in saw.runs], more=saw.more)


@router.get("/runs/{run_id:id}/events", name="api.training.events")
def events(session: DB, actor: Reader, run_id: int, after: Step = 0) -> EventList:
    """What the run's worker told: the lines of its events.jsonl past the first `after`, a thousand at a time. A sample
    that is still judged blindly is there without its texts, and `withheld` says so."""
    run = queries.get_run_for(session, actor, run_id)
    told, more = queries.some_events(session, run.id, after=after)
    blind = blind_in(session, run.project_id, samples_in(told))
    return EventList(events=[blind.told(event) for event in told], more=more)


@router.post("/runs/{run_id:id}/stop", name="api.training.stop", response_model=RunOut)
def stop(session: DB, actor: Writer, run_id: int) -> RunOut:
    """Ask a run to stop."""
    return changed(session, actor, run_id, service.stop)


@router.post("/runs/{run_id:id}/resume", name="api.training.resume", response_model=RunOut)
def resume(session: DB, actor: Writer, run_id: int) -> RunOut:
    """Let a stopped or failed run go on."""
    return changed(session, actor, run_id, service.resume)


def changed(session: Session, actor: Actor, run_id: int, verb: Callable[[Session, Actor, int], Run]) -> RunOut:
    """The run after a verb."""
    run = verb(session, actor, run_id)
    session.refresh(run)
    return RunOut.model_validate(run)


@router.get("/runs/{run_id:id}/model", name="api.training.model")
def model(request: Request, session: DB, actor: Reader, run_id: int) -> ModelFiles:
    """The files of a finished run's model."""
    run = queries.get_run_for(session, actor, run_id)
    storage = request.app.state.storage
    hashes = model_hashes(storage, run)
    files = list_model(storage, run)
    return ModelFiles(files=[ModelFile(name=name, bytes=size, sha256=hashes.get(name)) for name, size in files])


@router.get(
    "/runs/{run_id:id}/model/{name}",
    name="api.training.model_file",
    response_class=StreamingResponse,
    responses=SENDS_FILE,
    openapi_extra=ASKED_OF_FILE,
)
def model_file(request: Request, session: DB, actor: Reader, run_id: int, name: str) -> Response:
    """One file of the model: streamed, with ETag and one range."""
    return download(request, session, actor, run_id, name)


@router.get("/models", name="api.training.base_models")
def base_models(actor: CurrentActor, settings: AppSettings) -> list[str]:
    """The names of the base models that a run may begin from."""
    return available(settings.models_root)
