"""The doors to benchmarks: a page with a form, and JSON."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import CurrentActor, with_scope
from app.core.database import DB
from app.core.errors import Invalid, Place, Verdict
from app.core.idempotency import repeatable
from app.core.problems import pointer, sentence_of
from app.core.text import Name
from app.core.web import FormIn, Out, api, pages, render, see_other
from app.datasets import policy
from app.datasets.contamination import benchmarks
from app.datasets.models import Benchmark
from app.projects.models import Project
from app.projects.queries import get_project_for
from app.prompts.file_kinds import AS_LINES, AS_TEXT
from app.prompts.upload import Upload, read_form

router = pages()
json_router = api("datasets")
Reader = Annotated[Actor, Depends(with_scope("datasets:read"), scope="function")]
Publisher = Annotated[Actor, Depends(with_scope("datasets:publish"), scope="function")]
FILE = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}, "required": True}


@dataclass(frozen=True)
class BenchmarksPage:
    """What new versions of a project are compared with, and the form of another."""

    project: Project
    benchmarks: Sequence[Benchmark]
    can_publish: Verdict


class NewBenchmark(FormIn):
    """What a benchmark is called, and under which licence it came."""

    name: Name
    licence: Name


async def sent_form(request: Request) -> AsyncIterator[Upload]:
    """The form with its file, before any connection is held."""
    async with read_form(request, ("file", "name", "licence"), (*AS_LINES, *AS_TEXT)) as upload:
        yield upload


class BenchmarkOut(Out):
    """A benchmark as the API shows it."""

    id: int
    name: str
    licence: str
    bytes: int
    sha256: str
    added_at: datetime


class BenchmarkList(Out):
    """All benchmarks that new versions of a project are compared with."""

    benchmarks: list[BenchmarkOut]


@router.get("/projects/{project_id:id}/benchmarks", name="datasets.benchmarks")
def list_benchmarks(request: Request, session: DB, actor: CurrentActor, project_id: int) -> Response:
    """What are new versions compared with?"""
    found = benchmarks.list_benchmarks(session, actor, project_id)
    project = get_project_for(session, actor, project_id)
    return render(request, BenchmarksPage(project, found, policy.can_publish(actor, project_id)))


@router.post("/projects/{project_id:id}/benchmarks/import", name="datasets.add_benchmark")
def add(
    request: Request,
    session: DB,
    actor: CurrentActor,
    upload: Annotated[Upload, Depends(sent_form, scope="function")],
    project_id: int,
) -> Response:
    """Compare new versions with this file from now on."""
    try:
        given = NewBenchmark.model_validate(upload.fields)
    except ValidationError as wrong:
        places = [Place(pointer(tuple(one["loc"])), sentence_of(dict(one))) for one in wrong.errors()]
        raise Invalid(
            "datasets.bad_benchmark", "This benchmark was not accepted; nothing was stored.", *places
        ) from None
    if upload.name.lower().endswith(AS_LINES):
        benchmarks.require_lines(upload.data)
    storage = request.app.state.storage
    benchmarks.add(session, storage, actor, project_id, name=given.name, licence=given.licence, data=upload.data)
    return see_other(request, "datasets.benchmarks", project_id=project_id)


@router.post("/benchmarks/{benchmark_id:id}/remove", name="datasets.remove_benchmark")
def remove(request: Request, session: DB, actor: CurrentActor, benchmark_id: int) -> Response:
    """Compare no later version with it."""
    benchmark = benchmarks.remove(session, actor, benchmark_id)
    return see_other(request, "datasets.benchmarks", project_id=benchmark.project_id)


@json_router.get("/projects/{project_id:id}/benchmarks", name="api.datasets.benchmarks")
def list_as_json(session: DB, actor: Reader, project_id: int) -> BenchmarkList:
    """The benchmarks that new versions of a project are compared with, by name."""
    found = benchmarks.list_benchmarks(session, actor, project_id)
    return BenchmarkList(benchmarks=[BenchmarkOut.model_validate(one) for one in found])


async def whole_body(request: Request) -> bytes:
    """The file as it was sent, before any connection is held."""
    return await request.body()


@json_router.post(
    "/projects/{project_id:id}/benchmarks/import",
    name="api.datasets.add_benchmark",
    status_code=201,
    response_model=BenchmarkOut,
    openapi_extra={"requestBody": FILE},
)
@repeatable("A file of up to 64 MiB: sent again, it is the benchmark that there is.")
def add_as_json(
    request: Request,
    data: Annotated[bytes, Depends(whole_body)],
    session: DB,
    actor: Publisher,
    project_id: int,
    name: Annotated[Name, Query()],
    licence: Annotated[Name, Query()],
) -> Benchmark:
    """Send a file of JSON lines or plain text as the body; every new version is compared with it."""
    storage = request.app.state.storage
    benchmark = benchmarks.add(session, storage, actor, project_id, name=name, licence=licence, data=data)
    session.refresh(benchmark)
    return benchmark


@json_router.post("/benchmarks/{benchmark_id:id}/remove", name="api.datasets.remove_benchmark", status_code=204)
def remove_by_json(session: DB, actor: Publisher, benchmark_id: int) -> None:
    """Compare no later version with it."""
    benchmarks.remove(session, actor, benchmark_id)
