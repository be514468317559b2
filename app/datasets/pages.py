"""The browser's door to datasets and versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form, Request
from starlette.responses import Response

from app.accounts.doors import AppSettings, CurrentActor
from app.core.charts import Drawing, Marks, Series, lines
from app.core.database import DB
from app.core.errors import Verdict
from app.core.figures import split as split_drawing
from app.core.paging import CursorBook
from app.core.web import pages, render, see_other
from app.datasets import policy, queries, service
from app.datasets.api import download
from app.datasets.files import FileFact, version_files
from app.datasets.models import Dataset, Split, Version, VersionStatus
from app.datasets.queries import Shown
from app.datasets.rules import Rule, Sieve, checked_rule, in_words
from app.datasets.schemas import NewDatasetForm
from app.projects.models import Project
from app.projects.queries import get_project_for, list_categories

router = pages()
AT_WORK = (VersionStatus.QUEUED, VersionStatus.RUNNING)


@dataclass(frozen=True)
class IndexPage:
    """The datasets of a project with their newest versions, and the form of a new one."""

    project: Project
    datasets: Sequence[tuple[Dataset, str, Version | None]]
    categories: Sequence[str]
    would_hold: Sieve
    can_publish: Verdict


@router.get("/projects/{project_id:id}/datasets", name="datasets.index")
def index(request: Request, session: DB, actor: CurrentActor, project_id: int) -> Response:
    """What is published?"""
    project = get_project_for(session, actor, project_id)
    policy.can_see(actor, project.id).require()
    found = [
        (dataset, in_words(checked_rule(dataset.rule)), queries.newest_published(session, dataset.id))
        for dataset in queries.list_datasets(session, actor, project_id)
    ]
    names = [category.name for category in list_categories(session, project_id)]
    would_hold = queries.preview(session, project_id, Rule())
    return render(request, IndexPage(project, found, names, would_hold, policy.can_publish(actor, project_id)))


@router.post("/projects/{project_id:id}/datasets", name="datasets.create")
def create(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[NewDatasetForm, Form()]
) -> Response:
    """Begin a dataset and show it."""
    dataset = service.create_dataset(session, actor, project_id, name=form.name, rule=form.rule())
    return see_other(request, "datasets.show", dataset_id=dataset.id)


@dataclass(frozen=True)
class ShowPage:
    """One dataset: its rule, what a new version would hold, the versions so far."""

    project: Project
    dataset: Dataset
    rule: str
    would_hold: Sieve
    versions: Sequence[Version]
    growth: Drawing | None
    at_work: bool
    can_publish: Verdict


@router.get("/datasets/{dataset_id:id}", name="datasets.show")
def show(request: Request, session: DB, actor: CurrentActor, dataset_id: int) -> Response:
    """What does it hold, and what would a new version hold?"""
    return render(request, dataset_page(session, actor, dataset_id))


@router.get("/datasets/{dataset_id:id}/progress", name="datasets.progress")
def progress(request: Request, session: DB, actor: CurrentActor, dataset_id: int) -> Response:
    """The part of the page that changes while a version is published."""
    return render(request, dataset_page(session, actor, dataset_id), template="datasets/_versions.html")


def dataset_page(session: DB, actor: CurrentActor, dataset_id: int) -> ShowPage:
    """Everything that a dataset's page shows."""
    dataset = queries.get_dataset_for(session, actor, dataset_id)
    versions = queries.list_versions(session, actor, dataset.id)
    rule = checked_rule(dataset.rule)
    return ShowPage(
        project=get_project_for(session, actor, dataset.project_id),
        dataset=dataset,
        rule=in_words(rule),
        would_hold=queries.preview(session, dataset.project_id, rule),
        versions=versions,
        growth=growth_of(versions),
        at_work=any(version.status in AT_WORK for version in versions),
        can_publish=policy.can_publish(actor, dataset.project_id),
    )


def growth_of(versions: Sequence[Version]) -> Drawing | None:
    """Rows by version, from two versions on."""
    published = [version for version in reversed(versions) if version.status is VersionStatus.PUBLISHED]
    if len(published) < 2:
        return None
    points = [(version.number, sum(version.counts.values())) for version in published]
    said = ", ".join(str(count) for _, count in points)
    series = Series("rows", points, "unseen", dotted=True, said=f"{points[-1][1]:,}")
    return lines(f"Rows by version: {said}", [series], Marks(x=[(x, str(x)) for x, _ in points]), size="s")


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


@dataclass(frozen=True)
class VersionPage:
    """One version: its splits, its files, its rows."""

    project: Project
    version: Version
    total: int
    before: Version | None
    rule: str
    bar: Drawing
    files: Sequence[FileFact]
    categories: Sequence[tuple[str, Mapping[str, int]]]
    rows: Sequence[Shown]
    split: Split | None
    older: str | None
    address: str
    manifest: Mapping[str, Any]


@router.get("/versions/{version_id:id}", name="datasets.version")
def version(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    version_id: int,
    split: Split | None = None,
    cursor: str | None = None,
) -> Response:
    """What is in it?"""
    found = queries.get_version_for(session, actor, version_id)
    book = CursorBook(settings.signing_keys, "rows", actor.user_id, [version_id, split])
    after = book.read(cursor) or 0
    page = book.page(queries.shown_rows(session, found.id, split=split, after=after), position=lambda row: row.position)
    counts = [found.counts.get(one.value, 0) for one in Split]
    chosen = f"split={split.value}&" if split else ""
    older = f"{request.url.path}?{chosen}cursor={page.next_cursor}" if page.next_cursor else None
    label = f"Train {counts[0]} rows, validation {counts[1]}, test {counts[2]}"
    return render(
        request,
        VersionPage(
            project=get_project_for(session, actor, found.project_id),
            version=found,
            total=sum(counts),
            before=queries.published_before(session, found),
            rule=in_words(checked_rule(found.rule)),
            bar=split_drawing(label, *counts),
            files=version_files(found),
            categories=queries.category_counts(session, found.id),
            rows=page.rows,
            split=split,
            older=older,
            address=settings.public_url,
            manifest=found.manifest or {},
        ),
    )


@dataclass(frozen=True)
class DiffPage:
    """What changed from one version to another."""

    project: Project
    version: Version
    other: Version
    differences: Mapping[str, Sequence[Mapping[str, Any]]]
    test_left: bool


@router.get("/versions/{version_id:id}/diff/{other_id:id}", name="datasets.diff")
def diff(request: Request, session: DB, actor: CurrentActor, version_id: int, other_id: int) -> Response:
    """What is new, gone, reworded, moved?"""
    newer, older = (queries.get_version_for(session, actor, one) for one in (version_id, other_id))
    project = get_project_for(session, actor, newer.project_id)
    found = queries.differences(session, older.id, newer.id)
    left = any(one["was"] is Split.TEST for one in found["moved"])
    return render(request, DiffPage(project, newer, older, found, left))


@router.get("/versions/{version_id:id}/files/{name}", name="datasets.file")
def file(request: Request, session: DB, actor: CurrentActor, version_id: int, name: str) -> Response:
    """Download one file."""
    return download(request, session, actor, version_id, name)
