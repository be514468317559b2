"""The browser's door to the search: where was that?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor
from app.core.database import DB
from app.core.paging import PAGE_SIZE, CursorBook
from app.core.settings import Settings
from app.core.web import pages, render
from app.insights import search
from app.insights.schemas import LONGEST_QUERY, SearchFilter
from app.insights.search import Find, Kind, Only
from app.insights.words import ADVICE, Wanted, read_wanted
from app.projects.models import Project
from app.projects.queries import get_project_for, list_projects
from app.writing.models import SubmissionStatus

router = pages()
FEW = 5  # of each kind, where all kinds are shown
STATES = {
    SubmissionStatus.SUBMITTED: "In review",
    SubmissionStatus.CHANGES_REQUESTED: "Changes requested",
    SubmissionStatus.APPROVED: "Approved",
    SubmissionStatus.REJECTED: "Rejected",
    SubmissionStatus.WITHDRAWN: "Withdrawn",
}
TITLES = {Kind.PROMPTS: "Prompts", Kind.SUBMISSIONS: "Responses", Kind.GUIDELINES: "Guidelines"}


@dataclass(frozen=True)
class Group:
    """What was found of one kind. `all_href`: where the rest of it is; `older`: the next page of it."""

    kind: str
    title: str
    found: Sequence[Find]
    all_href: str | None = None
    older: str | None = None


@dataclass(frozen=True)
class SearchPage:
    """What was found; `advice` where nothing can be found by what was typed. `looked`: something was asked for."""

    project: Project | None
    q: str
    longest: int
    kind: str
    chosen_project: str
    projects: Sequence[tuple[str, str]]
    names: Mapping[int, str]
    kinds: Sequence[tuple[str, str]]
    writer: str
    state: str
    states: Sequence[tuple[str, str]]
    is_narrow: bool
    looked: bool
    groups: Sequence[Group]
    advice: str
    first: str | None


@router.get("/search", name="insights.search")
def show(
    request: Request, session: DB, actor: CurrentActor, settings: AppSettings, only: Annotated[SearchFilter, Query()]
) -> Response:
    """What one may see and these words stand in: a few of each kind, or one kind page by page."""
    project = get_project_for(session, actor, only.project) if only.project is not None else None
    names = {one.id: one.name for one in list_projects(session, actor)}
    groups, advice = found(session, actor, settings, only)
    page = SearchPage(
        project=project,
        q=only.q,
        longest=LONGEST_QUERY,
        kind=only.kind or "",
        chosen_project=str(only.project or ""),
        projects=[("", "All my projects"), *((str(key), name) for key, name in names.items())],
        names=names,
        kinds=[("", "Everything"), *((kind.value, title) for kind, title in TITLES.items())],
        writer=only.writer,
        state=only.state or "",
        states=[("", "In any state"), *((one.value, STATES[one]) for one in SubmissionStatus)],
        is_narrow=bool(only.writer or only.state or only.project or only.kind),
        looked=bool(only.q) or only.lists,
        groups=groups,
        advice=advice,
        first=address(only, only.kind) if only.cursor else None,
    )
    return render(request, page)


def found(session: Session, actor: Actor, settings: Settings, only: SearchFilter) -> tuple[list[Group], str]:
    """The groups that are not empty, and advice where nothing can be found by what was typed."""
    if not (only.q or only.lists):
        return [], ""
    wanted = read_wanted(session, only.q)
    if not (wanted.words or only.lists):
        return [], ADVICE
    if len(only.kinds) == 1:
        groups = [one_kind(session, actor, settings, only, only.kinds[0], wanted)]
    else:
        groups = [few_of(session, actor, only, kind, wanted) for kind in only.kinds]
    return [group for group in groups if group.found], ""


def few_of(session: Session, actor: Actor, only: SearchFilter, kind: Kind, wanted: Wanted) -> Group:
    """The newest few of a kind, and the way to the rest."""
    rows = search.find(session, actor, kind, wanted, only=Only(only.project), limit=FEW)
    rest = address(only, kind) if len(rows) > FEW else None
    return Group(kind.value, TITLES[kind], rows[:FEW], all_href=rest)


def one_kind(
    session: Session, actor: Actor, settings: Settings, only: SearchFilter, kind: Kind, wanted: Wanted
) -> Group:
    """One page of a kind."""
    book = CursorBook(settings.signing_keys, f"search.{kind}", actor.user_id, only.asked)
    within = Only(only.project, only.writer, only.state, book.read(only.cursor))
    rows = search.find(session, actor, kind, wanted, only=within, limit=PAGE_SIZE)
    page = book.page(rows, position=lambda one: one.id)
    older = address(only, kind, cursor=page.next_cursor) if page.next_cursor else None
    return Group(kind.value, TITLES[kind], page.rows, older=older)


def address(only: SearchFilter, kind: Kind | None, **more: str) -> str:
    """The query of the same search, of one kind, at one place."""
    of = {"project": only.project or "", "writer": only.writer, "state": only.state or ""}
    given = {"q": only.q, "kind": kind or "", **of, **more}
    return "?" + urlencode({name: value for name, value in given.items() if value})
