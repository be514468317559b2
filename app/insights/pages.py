"""The browser's door to insights: what waits for me, and how far a project is. Only reads."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.actor import Actor
from app.accounts.doors import CurrentActor
from app.core.charts import Drawing, Table
from app.core.database import DB
from app.core.figures import Column, pipeline, share
from app.core.web import pages, render
from app.evaluation.aims import WhatNext
from app.evaluation.queries import what_next_in
from app.insights import admin_pages, audit_pages, health, pace, search_pages, week
from app.insights.narrow import NarrowPlace, narrow_place
from app.insights.pipeline import CategoryCount, Counts, counts
from app.insights.sentences import heading
from app.insights.stages import stages, way_on
from app.insights.standing import standing
from app.insights.week import News
from app.projects.models import Project
from app.projects.policy import can_administer
from app.projects.queries import list_projects
from app.review.deciding import stuck
from app.review.history.evening import in_short
from app.writing.cards import DraftCard, SubmissionCard, draft_card, submission_card
from app.writing.queries import changes_asked_of, list_drafts, worked_in_last

router = pages()
router.routes += health.router.routes
router.routes += admin_pages.router.routes
router.routes += audit_pages.router.routes
router.routes += search_pages.router.routes
PROJECTS_SHOWN = 9


@dataclass(frozen=True)
class Asked:
    """A response of mine to mend, and what the reviewer wrote."""

    card: SubmissionCard
    note: str


@dataclass(frozen=True)
class Task:
    """A project in which I can go to work, and how it stands. `key` takes its next task: n, 2, 3, …"""

    key: str
    counts: Counts
    reviews: bool
    administers: bool
    narrow: NarrowPlace


@dataclass(frozen=True)
class HomePage:
    """What waits for me, in all my projects."""

    title: str
    is_new: bool
    may_begin: bool
    drafts: Sequence[DraftCard]
    projects: Mapping[int, str]
    asked: Sequence[Asked]
    tasks: Sequence[Task]
    week: Drawing
    week_table: Table
    handed_in: int
    approved: int
    news: Sequence[News]


@dataclass(frozen=True)
class Target:
    """A category, and how much of its target is there."""

    count: CategoryCount
    width: str


@dataclass(frozen=True)
class OverviewPage:
    """How far a project is, and what holds it back."""

    project: Project
    counts: Counts
    columns: Sequence[Column]
    narrow: NarrowPlace
    narrow_href: str | None
    stuck: str
    agreement: str
    forecast: str
    growth: Drawing | None
    growth_table: Table | None
    targets: Sequence[Target]
    questions: int
    next: WhatNext | None
    may_aim: bool


@router.get("/", name="insights.home")
def home(request: Request, session: DB, actor: CurrentActor) -> Response:
    """What waits for the actor, in all projects."""
    projects = list_projects(session, actor)
    over = {one.id for one in projects if one.archived_at}  # nobody is asked to write there
    drafts = [draft_card(one) for one in list_drafts(session, actor) if one.project_id not in over]
    asked = asked_of(session, actor, over)
    tasks = tasks_of(session, actor, projects)
    days = week.days(session, actor.user_id)
    to_review = sum(task.counts.in_review for task in tasks if task.reviews)
    page = HomePage(
        title=home_title(len(asked), len(drafts), to_review),
        is_new=not projects,
        may_begin=actor.is_admin,
        drafts=drafts,
        projects={project.id: project.name for project in projects},
        asked=asked,
        tasks=tasks,
        week=week.drawing(days),
        week_table=week.table(days),
        handed_in=sum(day.handed_in for day in days),
        approved=sum(day.approved for day in days),
        news=week.news(session, actor.user_id, list(actor.roles)),
    )
    return render(request, page)


@router.get("/projects/{project_id:id}", name="insights.overview")
def overview(request: Request, session: DB, actor: CurrentActor, project_id: int) -> Response:
    """How far the project is, and what holds it back."""
    found = standing(session, actor, project_id)
    project, now, growing, today = found.project, found.counts, found.growth, datetime.now(UTC)
    narrow = narrow_place(now, today)
    page = OverviewPage(
        project=project,
        counts=now,
        columns=pipeline(stages(request, actor, now)),
        narrow=narrow,
        narrow_href=way_on(request, actor, project_id, narrow.route),
        stuck=stuck.in_words(stuck.stuck(session, actor, project_id)),
        agreement=in_short(session, project_id) if judged_twice(actor, project) else "",
        forecast=pace.forecast_sentence(found.forecast(today.date()), approved=now.approved, target=now.target),
        growth=pace.drawing(growing, now.target) if growing.points else None,
        growth_table=pace.table(growing) if growing.points else None,
        targets=[Target(one, share(one.approved, one.target)) for one in found.categories],
        questions=found.questions,
        next=what_next_in(session, actor, project_id) if found.is_reported else None,
        may_aim=bool(can_administer(actor, project_id)),
    )
    return render(request, page)


def judged_twice(actor: Actor, project: Project) -> bool:
    """Whether this reader decides in a project that asks for two opinions."""
    return project.reviews_per_response > 1 and actor.reviews(project.id)


def asked_of(session: Session, actor: Actor, over: Collection[int]) -> list[Asked]:
    """The actor's responses to mend, each with the newest note on it, but for projects that are `over`."""
    found = [one for one in changes_asked_of(session, actor) if one.project_id not in over]
    notes = week.newest_notes(session, [one.id for one in found])
    return [Asked(submission_card(one), notes.get(one.id, "")) for one in found]


def tasks_of(session: Session, actor: Actor, projects: Sequence[Project]) -> list[Task]:
    """The actor's projects as places to work in: where she worked last, then the newest.

    Archived ones come last, and only where she has something to review.
    """
    now = datetime.now(UTC)
    over = {one.id for one in projects if one.archived_at}
    every = dict.fromkeys([*worked_in_last(session, actor), *(one.id for one in projects)])
    wanted = sorted(every, key=lambda one: one in over)[:PROJECTS_SHOWN]
    found = sorted(counts(session, wanted), key=lambda one: wanted.index(one.project_id))
    found = [one for one in found if one.project_id not in over or (one.in_review and actor.reviews(one.project_id))]
    return [
        Task(
            key=str(number) if number > 1 else "n",
            counts=one,
            reviews=actor.reviews(one.project_id),
            administers=actor.administers(one.project_id),
            narrow=narrow_place(one, now),
        )
        for number, one in enumerate(found, 1)
    ]


def home_title(to_mend: int, drafts: int, to_review: int) -> str:
    """The finding of the page: what there is to do, in the order in which it presses."""
    return heading(
        [
            (to_mend, "response to mend", "responses to mend"),
            (drafts, "draft to go on with", "drafts to go on with"),
            (to_review, "response to review", "responses to review"),
        ],
        "Nothing waits for you.",
    )
