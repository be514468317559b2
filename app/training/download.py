"""Sending a file of a finished run's model: streamed, resumable by one range, never rendered by a browser."""

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.database import DB
from app.core.entity_tags import etag, is_known, is_meant
from app.core.errors import NotFound, Stale
from app.core.seen import mark_of
from app.core.storage import NotStored
from app.datasets.download import part
from app.training.artefacts import list_model, model_hashes, model_key
from app.training.descent import require_kept_run
from app.training.models import Run
from app.training.queries import get_run_for


def download(request: Request, session: DB, actor: Actor, run_id: int, name: str) -> Response:
    """Send a file of a run's model and write down who took it. NotFound for a name that the model has not."""
    run = get_run_for(session, actor, run_id)
    require_kept_run(session, run.id)
    answer = send(request, run, name)
    origin, project = actor.origin, run.project_id
    record(
        session, "run.downloaded", "run", run.id, actor_id=actor.user_id, origin=origin, project_id=project, file=name
    )
    return answer


def send(request: Request, run: Run, name: str) -> Response:
    """200 with the whole file, 206 with one part, 304 for who has it, 412, 416 for a part that is not there."""
    size = dict(list_model(request.app.state.storage, run)).get(name)
    if size is None:
        raise NotFound("training.no_such_file", "This run's model has no such file.")
    headers = headers_of(run, name, model_hashes(request.app.state.storage, run).get(name, ""))
    if not is_meant(request.headers.getlist("if-match"), headers["ETag"]):
        raise Stale("core.other_bytes", "The file is another than the one that If-Match names.")
    if is_known(request.headers.getlist("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    span = part(request, headers["ETag"], size)
    if span is None:
        return stream(request, run, name, (0, size), headers)
    start, end = span
    if start >= end:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    return stream(request, run, name, span, headers | {"Content-Range": f"bytes {start}-{end - 1}/{size}"})


def stream(request: Request, run: Run, name: str, span: tuple[int, int], headers: dict[str, str]) -> Response:
    """The bytes of a span as they come from storage."""
    start, end = span
    try:
        chunks = request.app.state.storage.open(model_key(run, name), span)
    except NotStored:
        raise NotFound("training.no_such_file", "This run's model has no such file.") from None
    return StreamingResponse(
        chunks,
        206 if "Content-Range" in headers else 200,
        headers | {"Content-Length": str(end - start)},
        media_type="application/octet-stream",
    )


def headers_of(run: Run, name: str, sha256: str) -> dict[str, str]:
    """What says that these bytes never change, and that they are to be saved, not shown."""
    return {
        **etag(sha256 or mark_of("run", run.id, name)),  # files in storage are never written over
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-cache",
    }
