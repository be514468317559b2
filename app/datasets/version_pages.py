"""The browser's door to one version: what is in it, what changed, its files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.responses import Response

from app.accounts.doors import AppSettings, CurrentActor
from app.core.charts import Drawing
from app.core.database import DB
from app.core.errors import Verdict
from app.core.figures import share
from app.core.figures import split as split_drawing
from app.core.markdown import render_markdown
from app.core.paging import CursorBook
from app.core.web import pages, render
from app.datasets import policy, queries
from app.datasets.api import comments_file, download
from app.datasets.drawings import growth_of
from app.datasets.files import FileFact, version_files
from app.datasets.formats import asked
from app.datasets.formats.asked import Offer
from app.datasets.formats.pages import is_making
from app.datasets.models import HubPush, Part, Split, Version
from app.datasets.push.may_go import is_offered
from app.datasets.push.pages import is_pushing
from app.datasets.push.pushes import pushes_of
from app.datasets.registry import dropped_of, kind_of
from app.datasets.withdrawn import is_retired
from app.projects.models import Project
from app.projects.queries import get_project_for

router = pages()


@dataclass(frozen=True)
class Share:
    """A category's rows by split, their sum, and the width of its bar beside the largest one's."""

    name: str
    counts: Mapping[str, int]
    total: int
    width: str


@dataclass(frozen=True)
class VersionPage:
    """One version: its splits, its files, what is in it, its rows. The manifest is empty until it is published.

    `withheld`: why its files and card are not given away now.
    """

    project: Project
    version: Version
    before: Version | None
    comparable: Sequence[tuple[int, str]]
    others: Sequence[tuple[int, int]]
    rule: str
    bar: Drawing
    growth: Drawing | None
    files: Sequence[FileFact]
    formats: Sequence[Offer]
    making: bool
    pushes: Sequence[HubPush]
    pushing: bool
    hub_is_on: bool
    can_push: Verdict
    categories: Sequence[Share]
    writers: int
    largest: tuple[str, int]
    rows: Sequence[Any]
    split: Part | None
    parts: Sequence[Part]
    older: str | None
    address: str
    manifest: Mapping[str, Any]
    card: str
    dropped: int
    retired: bool
    withheld: str


@router.get("/versions/{version_id:id}", name="datasets.version")
def version(
    request: Request,
    session: DB,
    actor: CurrentActor,
    settings: AppSettings,
    version_id: int,
    split: Part | None = None,
    cursor: str | None = None,
) -> Response:
    """What is in it?"""
    found = queries.get_version_for(session, actor, version_id)
    book = CursorBook(settings.signing_keys, "rows", actor.user_id, [version_id, split])
    after = book.read(cursor) or 0
    kind = kind_of(found)
    page = book.page(kind.shown(session, found.id, split, after), position=lambda row: row.position)
    chosen = f"split={split.value}&" if split else ""
    manifest = found.manifest or {}
    retired, withheld = is_retired(session, found.id), kind.withheld(session, found, actor.user_id)
    formats, sent = asked.offers(session, found), pushes_of(session, found.id)
    return render(
        request,
        VersionPage(
            project=get_project_for(session, actor, found.project_id),
            version=found,
            before=queries.published_before(session, found),
            comparable=queries.comparable_with(session, actor, found),
            others=[one for one in queries.newest_published_of(session, actor, found.dataset_id) if one[0] != found.id],
            rule=kind.in_words(found.rule),
            bar=bar_of(found),
            growth=growth_of(queries.growth_until(session, found.dataset_id, found.number)),
            files=version_files(found),
            formats=formats,
            making=is_making(formats),
            pushes=sent,
            pushing=is_pushing(sent),
            hub_is_on=is_offered(session, settings, found, actor.user_id),
            can_push=policy.can_publish(actor, found.project_id),
            categories=shares(manifest.get("categories", {})),
            writers=sum(1 for name in manifest.get("annotators", {}) if name),
            largest=largest_share(manifest.get("annotators", {})),
            rows=page.rows,
            split=split,
            parts=[one for one in Part if one.value in found.counts],
            older=f"?{chosen}cursor={page.next_cursor}#rows" if page.next_cursor else None,
            address=settings.public_url,
            manifest=manifest,
            dropped=dropped_of(session, found),
            retired=retired,
            withheld=withheld,
            card=render_markdown(kind.body(manifest)) if manifest and not withheld else "",
        ),
    )


def bar_of(version: Version) -> Drawing:
    """The three splits in one bar; test with all that is held out."""
    rows = dict.fromkeys(Split, 0)
    for name, count in version.counts.items():
        rows[Part(name).in_split] += count
    train, validation, test = rows.values()
    return split_drawing(f"Train {train} rows, validation {validation}, test {test}", train, validation, test)


def shares(categories: Mapping[str, Mapping[str, int]]) -> list[Share]:
    """The categories of a version, the largest first."""
    sums = {name: sum(counts.values()) for name, counts in categories.items()}
    largest = max(sums.values(), default=0)
    ordered = sorted(categories, key=lambda name: (-sums[name], name))
    return [Share(name, categories[name], sums[name], share(sums[name], largest)) for name in ordered]


def largest_share(annotators: Mapping[str, int]) -> tuple[str, int]:
    """Who wrote most of a version, by pseudonym, and how many in a hundred rows."""
    people = {name: rows for name, rows in annotators.items() if name}
    if not people:
        return "", 0
    name = max(people, key=lambda one: (people[one], one))
    return name, round(100 * people[name] / sum(annotators.values()))


@router.get("/versions/{version_id:id}/files/{name}", name="datasets.file")
def file(request: Request, session: DB, actor: CurrentActor, version_id: int, name: str) -> Response:
    """Download one file."""
    return download(request, session, actor, version_id, name)


@router.get("/versions/{version_id:id}/comments.jsonl", name="datasets.comments")
def comments(request: Request, session: DB, actor: CurrentActor, version_id: int) -> Response:
    """Download what was said of its rows."""
    return comments_file(request, session, actor, version_id)
