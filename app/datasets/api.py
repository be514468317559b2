"""The JSON door to datasets and versions."""

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response, StreamingResponse

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, with_scope
from app.core.audit import record
from app.core.database import DB
from app.core.entity_tags import etag
from app.core.openapi import ASKED_OF_FILE, SENDS_FILE
from app.core.paging import CursorBook
from app.core.seen import STALE, Seen
from app.core.text import Name
from app.core.web import api
from app.datasets import policy, queries, service
from app.datasets.diff.between import counts_between, page_of_changes
from app.datasets.diff.changes import Kind
from app.datasets.diff.file import NAME, send_changes
from app.datasets.download import send
from app.datasets.files import version_files
from app.datasets.lineage import lineage_of
from app.datasets.models import Dataset, Version
from app.datasets.registry import dropped_among, dropped_of, kind_of
from app.datasets.said import NAME as SAID
from app.datasets.said import require_responses, send_comments
from app.datasets.schemas import (
    ChangeOut,
    DatasetList,
    DatasetOut,
    DatasetPage,
    DiffOut,
    FileOut,
    FoundDataset,
    KeptOutOut,
    NewDataset,
    PreparationOut,
    RowOut,
    VersionList,
    VersionOut,
)
from app.datasets.splits.preparation import Preparation, checked_preparation
from app.datasets.withdrawn import require_kept, retired_among
from app.datasets.withheld import require_told
from app.projects.queries import get_project_for

router = api("datasets")
WITHDRAWN = "/api/v1/versions/{}/withdrawn"  # of the room training, which knows what runs saw them
Reader = Annotated[Actor, Depends(with_scope("datasets:read"), scope="function")]
Publisher = Annotated[Actor, Depends(with_scope("datasets:publish"), scope="function")]


def shown(session: Session, version: Version) -> VersionOut:
    """A version with its files, and what of it should no longer be used."""
    return all_shown(session, [version])[0]


def all_shown(session: Session, versions: Sequence[Version]) -> list[VersionOut]:
    """The same of several versions of one dataset."""
    dropped, retired = dropped_among(session, versions), retired_among(session, [one.id for one in versions])
    found = []
    for version in versions:
        out = VersionOut.model_validate(version)
        out.files = [FileOut.model_validate(fact) for fact in version_files(version)]
        out.withdrawn, out.retired = dropped.get(version.id, 0), version.id in retired
        found.append(out)
    return found


@router.get("/datasets", name="api.datasets.index")
def index(
    session: DB,
    actor: Reader,
    settings: AppSettings,
    name: Name | None = None,
    cursor: str | None = None,
) -> DatasetPage:
    """The datasets of all your projects, the oldest first, 20 at a time; with `name`, those that are called so."""
    book = CursorBook(settings.signing_keys, "api.datasets", actor.user_id, name)
    rows = queries.find_datasets(session, actor, name=name, after=book.read(cursor) or 0)
    page = book.page(rows, position=lambda row: row[0].id)
    shown = [
        FoundDataset(**DatasetOut.model_validate(dataset).model_dump(), project=project, newest=newest)
        for dataset, project, newest in page.rows
    ]
    return DatasetPage(datasets=shown, next_cursor=page.next_cursor)


@router.get("/projects/{project_id:id}/datasets", name="api.datasets.list")
def list_datasets(
    session: DB, actor: Reader, settings: AppSettings, project_id: int, cursor: str | None = None
) -> DatasetList:
    """The datasets of a project, the oldest first, 20 at a time."""
    get_project_for(session, actor, project_id)
    policy.can_see(actor, project_id).require()
    book = CursorBook(settings.signing_keys, "api.project.datasets", actor.user_id, project_id)
    found = queries.datasets_after(session, actor, project_id, after=book.read(cursor) or 0)
    page = book.page(found, position=lambda one: one.id)
    return DatasetList(datasets=[DatasetOut.model_validate(one) for one in page.rows], next_cursor=page.next_cursor)


@router.post(
    "/projects/{project_id:id}/datasets", name="api.datasets.create", status_code=201, response_model=DatasetOut
)
def create(session: DB, actor: Publisher, project_id: int, body: NewDataset) -> DatasetOut:
    """Give a rule a name."""
    made = service.create_dataset(session, actor, project_id, name=body.name, rule=body.rule.model_dump())
    session.refresh(made)
    return DatasetOut.model_validate(made)


@router.get("/datasets/{dataset_id:id}", name="api.datasets.show", response_model=DatasetOut)
def show(session: DB, actor: Reader, dataset_id: int) -> Dataset:
    """One dataset and its rule."""
    return queries.get_dataset_for(session, actor, dataset_id)


@router.get("/datasets/{dataset_id:id}/preparation", name="api.datasets.preparation")
def preparation(session: DB, actor: Reader, dataset_id: int, response: Response) -> PreparationOut:
    """How the next versions are prepared, and what is held out for ever."""
    return prepared(session, queries.get_dataset_for(session, actor, dataset_id), response)


@router.put("/datasets/{dataset_id:id}/preparation", name="api.datasets.prepare", responses={**STALE})
def prepare(
    session: DB, actor: Publisher, dataset_id: int, body: Preparation, response: Response, if_match: Seen = None
) -> PreparationOut:
    """Say how the next versions are prepared. 412 where it is not what If-Match names."""
    changed = service.prepare(session, actor, dataset_id, body.model_dump(), seen=if_match)
    return prepared(session, changed, response)


def prepared(session: Session, dataset: Dataset, response: Response) -> PreparationOut:
    """What is asked of the next versions beside what the project settled."""
    kept = [KeptOutOut.model_validate(one) for one in queries.kept_out(session, dataset.project_id)]
    preparation = checked_preparation(dataset.preparation)
    response.headers.update(etag(preparation.mark))
    return PreparationOut(preparation=preparation, mark=preparation.mark, kept_out=kept)


@router.get("/datasets/{dataset_id:id}/versions", name="api.datasets.versions")
def versions(
    session: DB, actor: Reader, settings: AppSettings, dataset_id: int, cursor: str | None = None
) -> VersionList:
    """The versions of a dataset, newest first, 20 at a time."""
    dataset = queries.get_dataset_for(session, actor, dataset_id)
    book = CursorBook(settings.signing_keys, "api.versions", actor.user_id, dataset.id)
    found = queries.versions_before(session, actor, dataset.id, before=book.read(cursor))
    page = book.page(found, position=lambda one: one.number)
    return VersionList(versions=all_shown(session, page.rows), next_cursor=page.next_cursor)


@router.post(
    "/datasets/{dataset_id:id}/versions", name="api.datasets.publish", status_code=202, response_model=VersionOut
)
def publish(session: DB, actor: Publisher, dataset_id: int) -> VersionOut:
    """Publish the next version: a job, whose state the version tells."""
    version = service.publish(session, actor, dataset_id)
    session.refresh(version)
    return shown(session, version)


@router.get("/versions/{version_id:id}", name="api.datasets.version")
def version(session: DB, actor: Reader, version_id: int) -> VersionOut:
    """One version with its files and their hashes."""
    return shown(session, queries.get_version_for(session, actor, version_id))


@router.post(
    "/versions/{version_id:id}/try-again", name="api.datasets.try_again", status_code=202, response_model=VersionOut
)
def try_again(session: DB, actor: Publisher, version_id: int) -> VersionOut:
    """Publish a version that failed or was cancelled once more, under the same number."""
    return _again(session, actor, version_id, service.try_again)


@router.post("/versions/{version_id:id}/cancel", name="api.datasets.cancel", response_model=VersionOut)
def cancel(session: DB, actor: Publisher, version_id: int) -> VersionOut:
    """Stop publishing a version; nothing is listed. It keeps its number and can be tried again."""
    return _again(session, actor, version_id, service.cancel)


def _again(
    session: Session, actor: Actor, version_id: int, verb: Callable[[Session, Actor, int], Version]
) -> VersionOut:
    version = verb(session, actor, version_id)
    session.refresh(version)
    return shown(session, version)


@router.get("/versions/{version_id:id}/rows/{row_id:id}", name="api.datasets.row")
def row(session: DB, actor: Reader, version_id: int, row_id: int) -> RowOut:
    """Where a row comes from: `row_id` is the number of its submission, as in s12-r1."""
    return RowOut.of(lineage_of(session, actor, version_id, row_id))


@router.get("/versions/{version_id:id}/diff/{other_id:id}", name="api.datasets.diff")
def diff(
    session: DB,
    actor: Reader,
    settings: AppSettings,
    version_id: int,
    other_id: int,
    kind: Kind = Kind.CHANGED,
    cursor: str | None = None,
) -> DiffOut:
    """What changed from the other version to this one: counts, and the rows of one kind, page by page."""
    newer, older = queries.two_versions_for(session, actor, version_id, other_id)
    page = page_of_changes(session, actor, settings.signing_keys, (newer, older), kind, cursor)
    counts = counts_between(session, newer, older)
    listed = [ChangeOut.model_validate(change) for change in page.rows]
    return DiffOut(
        counts=counts.by_kind,
        by_category=counts.by_category,
        left_test=counts.left_test,
        rows=listed,
        next_cursor=page.next_cursor,
    )


@router.get(
    "/versions/{version_id:id}/diff/{other_id:id}/changes.jsonl",
    name="api.datasets.changes",
    response_class=StreamingResponse,
)
def all_changes(request: Request, session: DB, actor: Reader, version_id: int, other_id: int) -> Response:
    """Every change with its texts, a JSON object a line: changed, added, removed, moved, each by submission."""
    return changes_file(request, session, actor, version_id, other_id)


def changes_file(request: Request, session: Session, actor: Actor, version_id: int, other_id: int) -> Response:
    """Send the file of changes and write down who took it."""
    newer, older = queries.two_versions_for(session, actor, version_id, other_id)
    note_download(session, actor, newer, f"{older.id}-{NAME}")
    return send_changes(request, newer, older, kind_of(newer).changes)


@router.get("/versions/{version_id:id}/comments.jsonl", name="api.datasets.comments", response_class=StreamingResponse)
def comments(request: Request, session: DB, actor: Reader, version_id: int) -> Response:
    """What was said of its rows, a JSON object a row that somebody spoke of: decisions, notes, comments with their
    places in the row, answers; people are pseudonyms. Made anew each time, without what was withdrawn since."""
    return comments_file(request, session, actor, version_id)


def comments_file(request: Request, session: Session, actor: Actor, version_id: int) -> Response:
    """Send the file of comments and write down who took it."""
    found = queries.get_version_for(session, actor, version_id)
    require_kept(session, found.id)
    require_responses(found)
    note_download(session, actor, found, SAID)
    return send_comments(request, found)


@router.get(
    "/versions/{version_id:id}/files/{name}",
    name="api.datasets.file",
    response_class=StreamingResponse,
    responses=SENDS_FILE,
    openapi_extra=ASKED_OF_FILE,
)
def file(request: Request, session: DB, actor: Reader, version_id: int, name: str) -> Response:
    """One file: streamed, with ETag, SHA-256 and one range."""
    return download(request, session, actor, version_id, name)


def download(request: Request, session: DB, actor: Actor, version_id: int, name: str) -> Response:
    """Send a file of a version and write down who took it."""
    found = queries.get_version_for(session, actor, version_id)
    require_kept(session, found.id)
    require_told(session, found, actor.user_id)
    answer = send(request, request.app.state.storage, found, name)
    say_withdrawn(session, found, answer)
    note_download(session, actor, found, name)
    return answer


def note_download(session: Session, actor: Actor, version: Version, name: str) -> None:
    """Write down who took which file."""
    record(
        session,
        "datasets.downloaded",
        "version",
        version.id,
        actor_id=actor.user_id,
        origin=actor.origin,
        project_id=version.project_id,
        file=name,
    )


def say_withdrawn(session: Session, version: Version, answer: Response) -> None:
    """Tell who downloads how many rows of the version are to be dropped, if any, and where they are listed."""
    if dropped := dropped_of(session, version):
        answer.headers["X-Penset-Withdrawn"] = str(dropped)
        answer.headers["Link"] = f'<{WITHDRAWN.format(version.id)}>; rel="describedby"'
