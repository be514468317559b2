"""The browser's door to projects, their settings and their categories."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from app.accounts.doors import CurrentActor, inner_address, same_person
from app.accounts.models import Role
from app.accounts.schemas import DrawnFor
from app.core.database import DB
from app.core.errors import Verdict
from app.core.web import pages, render, see_other
from app.projects import archiving, consent_pages, guideline_pages, member_pages, policy, queries, service
from app.projects.models import Category, HintName, Project, ReviewOrder
from app.projects.rules import ProjectForm, SettingsForm
from app.projects.schemas import CategoryChangeForm, CategoryForm, TargetForm

router: APIRouter = pages("/projects")
REVIEWS = [("1", "One"), ("2", "Two, and a third where they differ")]
ORDERS = [
    (ReviewOrder.OLDEST.value, "What waits longest"),
    (ReviewOrder.FURTHEST.value, "The category furthest from its target"),
    (ReviewOrder.NEWCOMERS.value, "New writers first"),
]
HINTS = {
    HintName.LENGTH: "Much shorter or longer than is usual here",
    HintName.NEAR: "Very like a text that is there already",
    HintName.FENCE: "A code block is not closed",
    HintName.LANGUAGE: "Another language than the prompt’s",
    HintName.PERSONAL: "Personal data: e-mail, phone, card, IBAN",
    HintName.PHRASES: "Phrases that models are known for",
}


@dataclass(frozen=True)
class IndexPage:
    """The actor's projects, each with their role in it."""

    projects: Sequence[tuple[Project, Role]]
    can_create: Verdict


@dataclass(frozen=True)
class NewPage:
    """The form of a new project."""

    user_id: int


@dataclass(frozen=True)
class SettingsPage:
    """The rules of a project and its categories. `hints`: the value and words of each, and whether it holds back."""

    project: Project
    user_id: int
    categories: Sequence[Category]
    saved: bool
    reviews: Sequence[tuple[str, str]]
    orders: Sequence[tuple[str, str]]
    hints: Sequence[tuple[str, str, bool]]


@router.get("", name="projects.index")
def index(request: Request, session: DB, actor: CurrentActor) -> Response:
    """Which projects am I in?"""
    mine = [(project, actor.roles[project.id]) for project in queries.list_projects(session, actor)]
    return render(request, IndexPage(mine, policy.can_create(actor)))


@router.get("/new", name="projects.new")
def new(request: Request, session: DB, actor: CurrentActor) -> Response:
    """What is the new project called, and what are its rules?"""
    policy.can_create(actor).require()
    return render(request, NewPage(actor.user_id))


@router.post("/new", name="projects.new")
def create(request: Request, session: DB, actor: CurrentActor, form: Annotated[ProjectForm, Form()]) -> Response:
    """Begin the project."""
    same_person(actor, form.user_id)
    project = service.create_project(session, actor, **form.model_dump(exclude={"user_id"}))
    return see_other(request, "projects.guidelines", project_id=project.id)


@router.get("/{project_id:id}/settings", name="projects.settings")
def settings(request: Request, session: DB, actor: CurrentActor, project_id: int, saved: bool = False) -> Response:
    """What are the rules?"""
    project = queries.get_project_for(session, actor, project_id)
    policy.can_administer(actor, project_id).require()
    categories = queries.list_categories(session, project_id)
    hints = [(name.value, words, name in project.blocking_hints) for name, words in HINTS.items()]
    return render(request, SettingsPage(project, actor.user_id, categories, saved, REVIEWS, ORDERS, hints))


@router.post("/{project_id:id}/settings", name="projects.settings")
def change_settings(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[SettingsForm, Form()]
) -> Response:
    """Change the rules."""
    same_person(actor, form.user_id)
    service.change_settings(session, actor, project_id, **form.model_dump(exclude={"user_id"}))
    return _back(request, project_id)


@router.post("/{project_id:id}/archive", name="projects.archive")
def archive(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[DrawnFor, Form()]
) -> Response:
    """Let nothing new be written or proposed here."""
    same_person(actor, form.user_id)
    archiving.archive(session, actor, project_id)
    return see_other(request, "projects.settings", project_id=project_id)


@router.post("/{project_id:id}/take-up", name="projects.take_up")
def take_up(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[DrawnFor, Form()]
) -> Response:
    """Let people write and propose here again."""
    same_person(actor, form.user_id)
    archiving.take_up(session, actor, project_id)
    return see_other(request, "projects.settings", project_id=project_id)


@router.post("/{project_id:id}/categories", name="projects.add_category")
def add_category(
    request: Request, session: DB, actor: CurrentActor, project_id: int, form: Annotated[CategoryForm, Form()]
) -> Response:
    """Add a kind of prompt."""
    same_person(actor, form.user_id)
    service.add_category(session, actor, project_id, **form.model_dump(exclude={"user_id"}))
    return _back(request, project_id)


@router.post("/{project_id:id}/categories/{category_id:id}", name="projects.change_category")
def change_category(
    request: Request,
    session: DB,
    actor: CurrentActor,
    project_id: int,
    category_id: int,
    form: Annotated[CategoryChangeForm, Form()],
) -> Response:
    """Say anew what a category is, and how much of it is wanted."""
    same_person(actor, form.user_id)
    changed = form.model_dump(exclude={"user_id"})
    service.change_category(session, actor, project_id, category_id, **changed)
    return _back(request, project_id)


@router.post("/{project_id:id}/categories/{category_id:id}/remove", name="projects.remove_category")
def remove_category(
    request: Request,
    session: DB,
    actor: CurrentActor,
    project_id: int,
    category_id: int,
    form: Annotated[DrawnFor, Form()],
) -> Response:
    """Take away a category under which nothing was filed."""
    same_person(actor, form.user_id)
    service.remove_category(session, actor, project_id, category_id)
    return _back(request, project_id)


@router.post("/{project_id:id}/categories/{category_id:id}/target", name="projects.set_target")
def set_target(
    request: Request,
    session: DB,
    actor: CurrentActor,
    project_id: int,
    category_id: int,
    form: Annotated[TargetForm, Form()],
) -> Response:
    """Say how much of a category is wanted, and nothing else of it; then go back to where one was."""
    same_person(actor, form.user_id)
    service.change_category(session, actor, project_id, category_id, target=form.target, seen=form.seen)
    return RedirectResponse(inner_address(form.next), 303) if form.next else _back(request, project_id)


def _back(request: Request, project_id: int) -> Response:
    answer = see_other(request, "projects.settings", project_id=project_id)
    answer.headers["location"] += "?saved=true"
    return answer


router.routes += consent_pages.router.routes
router.routes += guideline_pages.router.routes
router.routes += member_pages.router.routes
