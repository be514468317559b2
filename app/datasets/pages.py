"""The browser's door to datasets and versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor
from app.core.charts import Drawing
from app.core.database import DB
from app.core.errors import Verdict
from app.core.paging import CursorBook
from app.core.settings import Settings
from app.core.web import pages, render, see_other
from app.datasets import policy, queries, service, version_pages
from app.datasets.contamination import pages as benchmark_pages
from app.datasets.contamination.left_out import overlap_limit
from app.datasets.diff import pages as diff_pages
from app.datasets.drawings import growth_of
from app.datasets.formats import pages as format_pages
from app.datasets.models import Dataset, Version
from app.datasets.push import pages as push_pages
from app.datasets.registry import dropped_among, kind_of
from app.datasets.rule import left_out_pages
from app.datasets.rule import pages as rule_pages
from app.datasets.rule.preview import Preview, count_approved, is_quick
from app.datasets.splits import pages as preparation_pages
from app.datasets.withdrawn import retired_among
from app.projects.models import Project
from app.projects.queries import get_project_for

router = pages()
COUNTED = 1_000  # of the approved responses; nobody counts further for a sentence


@dataclass(frozen=True)
class IndexPage:
    """A page of the datasets of a project by name, with their newest versions."""

    project: Project
    datasets: Sequence[tuple[Dataset, str, Version | None]]
    first: str | None
    older: str | None
    approved: int
    can_publish: Verdict
    counted: int = COUNTED


@router.get("/projects/{project_id:id}/datasets", name="datasets.index")
def index(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    project_id: int,
    cursor: str | None = None,
) -> Response:
    """What is published?"""
    project = get_project_for(session, actor, project_id)
    policy.can_see(actor, project.id).require()
    book = CursorBook(settings.signing_keys, "project.datasets", actor.user_id, project_id)
    found = queries.datasets_by_name(session, actor, project_id, after=book.read(cursor))
    page = book.page(found, position=lambda one: one.id)
    newest = queries.newest_of(session, page.rows)
    here = str(request.app.url_path_for("datasets.index", project_id=project_id))
    shown = IndexPage(
        project=project,
        datasets=[(one, kind_of(one).in_words(one.rule), newest.get(one.id)) for one in page.rows],
        first=here if cursor else None,
        older=f"{here}?cursor={page.next_cursor}" if page.next_cursor else None,
        approved=count_approved(session, project_id, most=COUNTED),
        can_publish=policy.can_publish(actor, project_id),
    )
    return render(request, shown)


@dataclass(frozen=True)
class ShowPage:
    """One dataset: its rule, what a new version would hold, the versions so far."""

    project: Project
    dataset: Dataset
    rule: str
    would_hold: Preview | None
    overlap: int | None
    listed: "Listed"
    growth: Drawing | None
    at_work: bool
    can_publish: Verdict


@router.get("/datasets/{dataset_id:id}", name="datasets.show")
def show(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    dataset_id: int,
    counted: bool = False,
    cursor: str | None = None,
) -> Response:
    """What does it hold, and what would a new version hold? With `counted`, however long that takes."""
    dataset = queries.get_dataset_for(session, actor, dataset_id)
    kind, seconds = kind_of(dataset), settings.undo_seconds
    now = counted or is_quick(session, dataset.project_id)
    return render(
        request,
        ShowPage(
            project=get_project_for(session, actor, dataset.project_id),
            dataset=dataset,
            rule=kind.in_words(dataset.rule),
            would_hold=kind.preview(session, dataset.project_id, dataset.rule, seconds) if now else None,
            overlap=overlap_limit(session, dataset),
            listed=list_versions(request, session, actor, settings, dataset, cursor),
            growth=growth_of(queries.growth_until(session, dataset.id)),
            at_work=queries.is_at_work(session, dataset.id),
            can_publish=policy.can_publish(actor, dataset.project_id),
        ),
    )


@dataclass(frozen=True)
class Listed:
    """A page of the versions of a dataset, the newest first; `here` is what this very page was asked for.

    `dropped`: how many rows were withdrawn since, by the ids of versions that have any. `retired`: ids of those whose
    files are gone.
    """

    versions: Sequence[Version]
    dropped: Mapping[int, int]
    retired: frozenset[int]
    here: str
    first: str | None
    older: str | None


def list_versions(
    request: Request, session: Session, actor: Actor, settings: Settings, dataset: Dataset, cursor: str | None
) -> Listed:
    """The newest versions, or those past a cursor."""
    book = CursorBook(settings.signing_keys, "versions", actor.user_id, dataset.id)
    found = queries.versions_before(session, actor, dataset.id, before=book.read(cursor))
    page = book.page(found, position=lambda one: one.number)
    here = str(request.app.url_path_for("datasets.show", dataset_id=dataset.id))
    return Listed(
        versions=page.rows,
        dropped=dropped_among(session, page.rows),
        retired=retired_among(session, [one.id for one in page.rows]),
        here=f"?cursor={cursor}" if cursor else "",
        first=here if cursor else None,
        older=f"{here}?cursor={page.next_cursor}#versions" if page.next_cursor else None,
    )


@dataclass(frozen=True)
class ProgressPart:
    """The part of a dataset's page that changes while a version is published."""

    dataset: Dataset
    listed: Listed
    at_work: bool
    can_publish: Verdict


@router.get("/datasets/{dataset_id:id}/progress", name="datasets.progress")
def progress(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    dataset_id: int,
    cursor: str | None = None,
) -> Response:
    """How far is it?"""
    dataset = queries.get_dataset_for(session, actor, dataset_id)
    part = ProgressPart(
        dataset=dataset,
        listed=list_versions(request, session, actor, settings, dataset, cursor),
        at_work=queries.is_at_work(session, dataset.id),
        can_publish=policy.can_publish(actor, dataset.project_id),
    )
    return render(request, part, template="datasets/_versions.html")


@router.post("/datasets/{dataset_id:id}/publish", name="datasets.publish")
def publish(request: Request, session: DB, actor: CurrentActor, dataset_id: int) -> Response:
    """Publish the next version."""
    version = service.publish(session, actor, dataset_id)
    return see_other(request, "datasets.show", dataset_id=version.dataset_id)


@router.post("/versions/{version_id:id}/try-again", name="datasets.try_again")
def try_again(request: Request, session: DB, actor: CurrentActor, version_id: int) -> Response:
    """Publish a version that failed once more."""
    version = service.try_again(session, actor, version_id)
    return see_other(request, "datasets.show", dataset_id=version.dataset_id)


@router.post("/versions/{version_id:id}/cancel", name="datasets.cancel")
def cancel(request: Request, session: DB, actor: CurrentActor, version_id: int) -> Response:
    """Stop publishing a version."""
    version = service.cancel(session, actor, version_id)
    return see_other(request, "datasets.show", dataset_id=version.dataset_id)


router.routes += benchmark_pages.router.routes
router.routes += preparation_pages.router.routes
router.routes += rule_pages.router.routes
router.routes += left_out_pages.router.routes
router.routes += version_pages.router.routes
router.routes += format_pages.router.routes
router.routes += push_pages.router.routes
router.routes += diff_pages.router.routes
