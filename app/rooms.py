"""Which rooms the house has: their routers, and the rail that leads through them in the order of a text."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import BigInteger, Select, bindparam, literal_column, null, select
from sqlalchemy.orm import Session

from app.accounts import api as accounts_api
from app.accounts import own_api as accounts_own_api
from app.accounts import pages as accounts_pages
from app.accounts import people_api as accounts_people_api
from app.accounts.actor import Actor
from app.core.beside import Beside as BesidePage
from app.core.database import built_once
from app.core.hot import ask_one
from app.core.web import Frame, Link, Me, OpenProject, UnreadRules, theme_of
from app.datasets import api as datasets_api
from app.datasets import pages as datasets_pages
from app.datasets import rows_api
from app.datasets.contamination import pages as benchmark_pages
from app.datasets.formats import api as datasets_format_api
from app.datasets.push import api as datasets_push_api
from app.datasets.rule import api as datasets_rule_api
from app.evaluation import api as evaluation_api
from app.evaluation import first_pages as evaluation_first_pages
from app.evaluation import pages as evaluation_pages
from app.evaluation.beside import Beside
from app.insights import api as insights_api
from app.insights import audit_api, overview_api
from app.insights import pages as insights_pages
from app.preferences import api as preferences_api
from app.preferences import helped_pages
from app.preferences import import_api as preferences_import_api
from app.preferences import pages as preferences_pages
from app.preferences.helped import helped
from app.preferences.queries import has_open_set
from app.preferences.versions import api as preferences_version_api
from app.preferences.versions import row_pages as preferences_row_pages
from app.projects import api as projects_api
from app.projects import pages as projects_pages
from app.projects import wording_api as projects_wording_api
from app.projects.models import Project
from app.projects.queries import list_projects
from app.projects.reading import newest_and_read, unread_of
from app.prompts import api as prompts_api
from app.prompts import pages as prompts_pages
from app.prompts import question_api as prompts_question_api
from app.prompts.queries import waiting_for as prompts_waiting_for
from app.review import api as review_api
from app.review import own_api as review_own_api
from app.review import pages as review_pages
from app.review import reading_api
from app.review.comments import api as review_comment_api
from app.review.desk.pages import IndexPage as Queue
from app.review.mending import mending
from app.review.queries import count_waiting as reviews_waiting
from app.review.queries import first_of_queue
from app.review.worked import worked_examples
from app.training import api as training_api
from app.training import compare_pages as training_compare_pages
from app.training import erase_pages, playground_api, playground_pages, withdrawn_pages
from app.training import pages as training_pages
from app.training.models import Run
from app.writing import api as writing_api
from app.writing import consent_pages, left_pages, recall_pages, skip_pages
from app.writing import hint_api as writing_hint_api
from app.writing import import_api as writing_import_api
from app.writing import pages as writing_pages
from app.writing.models import Assignment
from app.writing.queries import drafts_of

ROUTERS: tuple[APIRouter, ...] = (
    accounts_pages.router,
    accounts_api.router,
    accounts_own_api.router,
    accounts_people_api.router,
    projects_pages.router,
    projects_api.router,
    projects_wording_api.router,
    prompts_pages.router,
    prompts_api.router,
    prompts_question_api.router,
    prompts_question_api.project_router,
    writing_pages.router,
    writing_api.router,
    writing_hint_api.router,
    writing_import_api.router,
    consent_pages.json_router,
    skip_pages.json_router,
    left_pages.json_router,
    recall_pages.json_router,
    review_pages.router,
    review_api.router,
    review_comment_api.router,
    review_own_api.router,
    reading_api.router,
    datasets_pages.router,
    datasets_api.router,
    datasets_rule_api.router,
    rows_api.router,
    benchmark_pages.json_router,
    datasets_format_api.router,
    datasets_push_api.router,
    training_compare_pages.router,
    training_compare_pages.json_router,
    training_pages.router,
    training_api.router,
    playground_pages.router,
    playground_api.router,
    erase_pages.router,
    erase_pages.json_router,
    withdrawn_pages.router,
    withdrawn_pages.json_router,
    evaluation_pages.router,
    evaluation_api.router,
    evaluation_first_pages.router,
    evaluation_first_pages.json_router,
    preferences_pages.router,
    preferences_api.router,
    preferences_import_api.router,
    helped_pages.router,
    helped_pages.json_router,
    preferences_version_api.router,
    preferences_row_pages.router,
    preferences_row_pages.json_router,
    insights_pages.router,
    insights_api.router,
    audit_api.router,
    overview_api.router,
)


def frame(request: Request, page: object) -> Frame:
    """What surrounds a page for whoever looks at it. A page's `project` field opens that project's rail."""
    actor: Actor | None = getattr(request.state, "actor", None)
    theme = theme_of(request)
    if actor is None:
        return Frame(theme=theme)
    me = Me(actor.user_id, actor.name, initials(actor.name), actor.email, actor.is_admin, actor.unread)
    project = getattr(page, "project", None)
    if project is None or project.id not in actor.roles:
        return Frame(me=me, rooms=outer_rooms(request, actor), theme=theme)
    opened = OpenProject(project.id, project.name, archived=project.archived_at is not None)
    waiting = page.waiting if isinstance(page, Queue) else None  # counted for the page, so not once more
    waits = what_waits_for(request, actor, opened, counts=waiting is None)
    rooms, foot = project_rooms(request, actor, opened, waits, waiting), project_foot(request, actor, opened)
    return Frame(me, opened, rooms, foot, theme, unread_rules(actor, waits))


def beside_report(session: Session, actor: Actor, run: Run) -> Beside | None:
    """What is known of a run beside its report: what people say of its answers."""
    return helped(session, actor, run)


def beside_draft(session: Session, actor: Actor, assignment: Assignment) -> BesidePage | None:
    """What reviewers said of what somebody mends, beside it."""
    return mending(session, actor, assignment)


def beside_guidelines(session: Session, project: Project) -> BesidePage | None:
    """The worked examples of a project, if there are any."""
    found = worked_examples(session, project)
    return found if found.examples else None


def project_names(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Ids and names of the actor's projects, for the rooms before projects."""
    return [(project.id, project.name) for project in list_projects(session, actor)]


def initials(name: str) -> str:
    """Up to two first letters of a name, for the bar."""
    return "".join(word[0] for word in name.split()[:2]).upper()


def outer_rooms(request: Request, actor: Actor) -> tuple[Link, ...]:
    """The rail where no project is open."""
    names = [("Start", "insights.home"), ("Projects", "projects.index"), ("My work", "review.my_work")]
    if actor.is_admin:
        names += [("Jobs", "insights.jobs"), ("Audit", "insights.audit"), ("People", "accounts.people")]
    return tuple(link(request, label, name) for label, name in names)


def project_rooms(
    request: Request, actor: Actor, project: OpenProject, waits: Any, waiting: int | None = None
) -> tuple[Link, ...]:
    """The rail of a project: the rooms in order, each with what waits for this person.

    `waiting`: how many submissions do, where that is known.
    """
    session: Session = request.state.session
    reviews = actor.reviews(project.id)
    rooms = [link(request, "Overview", "insights.overview", project_id=project.id)]
    rooms.append(
        link(
            request,
            "Prompts",
            "prompts.index",
            waits.proposed,
            "prompts proposed, to decide",
            minor=True,
            project_id=project.id,
        )
    )
    drafts = 0 if project.archived else waits.drafts
    rooms.append(link(request, "Write", "writing.index", drafts, "drafts of yours", project_id=project.id))
    if reviews:
        if waiting is None:
            waiting = reviews_waiting(session, actor, project.id, near=waits.near)
        rooms.append(
            link(request, "Review", "review.index", waiting, "submissions wait for you", project_id=project.id)
        )
        rooms.append(link(request, "Datasets", "datasets.index", minor=True, project_id=project.id))
        rooms.append(link(request, "Runs", "training.index", minor=True, project_id=project.id))
        rooms.append(link(request, "Playground", "training.playground", minor=True, project_id=project.id))
    if waits.compares:
        rooms.append(link(request, "Compare", "preferences.compare", project_id=project.id))
    if reviews:
        rooms.append(link(request, "Preferences", "preferences.index", minor=True, project_id=project.id))
    return tuple(rooms)


def what_waits_for(request: Request, actor: Actor, project: OpenProject, *, counts: bool) -> Any:
    """What waits for this person in all rooms, and on pages of who writes or reviews what they have yet to read."""
    session: Session = request.state.session
    session.flush()
    reviews = actor.reviews(project.id)
    reads = request.scope["route"].name.split(".")[0] in ("writing", "review")
    asked = what_waits(reviews=reviews, counts=reviews and counts, reads=reads)
    return ask_one(session, asked, {"person": actor.user_id, "project": project.id}, alone=True)


@built_once
def what_waits(*, reviews: bool, counts: bool, reads: bool) -> Select[int, bool, int, int, list[int | None]]:
    """What waits for a `person` in a `project`, asked for all rooms at once: every page of a project asks."""
    person, project = bindparam("person", type_=BigInteger), bindparam("project", type_=BigInteger)
    return select(
        drafts_of(person, project).label("drafts"),
        has_open_set(project).label("compares"),
        (prompts_waiting_for(person, project) if reviews else literal_column("0")).label("proposed"),
        (first_of_queue() if counts else literal_column("0")).label("near"),
        (newest_and_read(person, project) if reads else null()).label("rules"),
    )


def project_foot(request: Request, actor: Actor, project: OpenProject) -> tuple[Link, ...]:
    """What stands under the rail: rules and people."""
    names = [("Guidelines", "projects.guidelines")]
    if actor.administers(project.id):
        names += [("Members", "projects.members"), ("Settings", "projects.settings")]
        names += [("Audit", "insights.project_audit")]
    return tuple(link(request, label, name, project_id=project.id) for label, name in names)


def unread_rules(actor: Actor, waits: Any) -> UnreadRules | None:
    """The guidelines that whoever writes or reviews here has yet to read."""
    found = unread_of(actor, waits.rules) if waits.rules else None
    return UnreadRules(found.version, found.since) if found else None


def link(
    request: Request, label: str, name: str, count: int = 0, counts: str = "", *, minor: bool = False, **params: int
) -> Link:
    """One entry of the rail; it is current where its room (the route name before the dot) is the page's."""
    href, route = str(request.app.url_path_for(name, **params)), getattr(request.scope.get("route"), "name", "")
    here = route.split(".")[0]
    current = name.split(".")[0] == WITHIN.get(here, here) and here in ROOMY and name not in ELSEWHERE
    if route in ELSEWHERE:
        current = name == ELSEWHERE[route]
    return Link(label, href, count or None, counts, current or href == request.url.path, minor)


# Rooms with one entry in the rail: every page of theirs lights it.
ROOMY = {"prompts", "writing", "review", "datasets", "training", "evaluation"}
WITHIN = {"evaluation": "training"}  # a report is a page of its run
ELSEWHERE = {  # the way that leads there
    "accounts.person": "accounts.people",
    "projects.consents": "projects.settings",
    "projects.new": "projects.index",
    "projects.readers": "projects.guidelines",
    "projects.revise": "projects.guidelines",
    "projects.wording": "projects.guidelines",
    "writing.import_pairs": "prompts.index",
    "writing.left": "prompts.index",
    "writing.member_work": "projects.members",
    "writing.skips": "prompts.index",
    "review.examples": "writing.index",
    "training.row": "datasets.index",
    "training.erasure": "accounts.people",
    "training.playground": "training.playground",
    "training.ask": "training.playground",
    "preferences.compare": "preferences.compare",
    "preferences.index": "preferences.index",
    "preferences.new": "preferences.index",
    "preferences.answers": "preferences.index",
    "preferences.new_dataset": "preferences.index",
    "preferences.rule": "datasets.index",
}
