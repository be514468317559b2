"""Hostile names and texts in every field, and every page of the house opened on them: they stay what they are, text."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.accounts.sign_ins import actor_for
from app.accounts.tokens import create_token
from app.core.jobs import surroundings
from app.datasets.rule.changes import change_rule
from app.datasets.service import create_dataset, publish
from app.main import create_app
from app.preferences.desk import take_next
from app.preferences.lines import checked
from app.preferences.making.sets import Wish, close_set
from app.preferences.models import ComparisonPair, ComparisonSet
from app.preferences.ranking.desk import take_ranking
from app.projects import service as projects
from app.projects.models import Category, Project
from app.prompts.models import PromptStatus
from app.review.desk.sheets import seal
from app.training.service import start_run
from app.writing.models import AssignmentStatus
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.visitor import INTRUSIONS, NARROW, Visitor, overflow
from tests.hostile import Hostile, load, rows
from tests.jobs import do_jobs
from tests.knocking import every_door
from tests.preferences.publishing import filled_set, listed
from tests.training.made import a_report, done, sample
from tests.world import furnish_project

# Those that lead: every kind of way out is among the first, which stand where only a few fit.
FIRST_NAMES = ("h132", "h134", "h135", "h136", "h137", "h236", "h238", "h240", "h264", "h635", "h962", "h912")
FIRST_TEXTS = (
    "h001", "h012", "h014", "h016", "h055", "h065", "h073", "h089", "h116", "h117", "h126", "h127", "h205", "h224",
)  # fmt: skip
LONG = 3000  # characters; what is longer is hostile by its length alone
# Each is a file, and a browser saves it instead of showing it.
FILES = {
    "datasets.comments", "datasets.file", "datasets.format_file", "datasets.changes", "evaluation.answers_file",
    "training.model_file", "api.datasets.changes", "api.datasets.comments", "api.datasets.file",
    "api.datasets.format_file", "api.evaluation.answers_file", "api.training.model_file",
}  # fmt: skip
# Here all texts stand one after another, some in signs between which no browser breaks a line on a phone.
UNBROKEN = {"datasets.compare", "datasets.version", "evaluation.report", "preferences.row", "training.row"}


def payloads(*ids: str) -> list[str]:
    """The texts of these rows."""
    found: Mapping[str, Hostile] = {row.id: row for row in load()}
    return [found[one].text for one in ids]


def every(field: str, *first: str) -> list[str]:
    """The texts of all rows of a field that are stored, these first."""
    others = [row.text for row in rows(field, stored=True) if row.id not in first and len(row.text) < LONG]
    return list(dict.fromkeys([*payloads(*first), *others]))


@dataclass(frozen=True)
class Haunted:
    """A site in which everything is called or says something hostile: who may look, and the ids of its addresses."""

    operator: User
    ids: Mapping[str, int | str]


@pytest.fixture
def haunted(site: Site, tmp_path: Path) -> Haunted:
    """The site of the other browser tests, with hostile names and texts in every field."""
    names, text = every("name", *FIRST_NAMES), "\n\n".join(every("text", *FIRST_TEXTS))
    with site.sessions() as session:
        operator = factories.user(session, "Otto Operator", is_admin=True)
        rename(session, site, names)
        project = session.get_one(Project, site.project.id)
        people = [session.get_one(User, one.id) for one in (site.admin, site.writer, site.reviewer)]
        write_rules(session, people[0], project, names, text)
        ids = furnish_project(session, surroundings.storage, project, *people)
        session.commit()
        ids |= write_texts(session, project, names, text)
        ids |= lay_pairs(session, project, people[0], people[1], names, text)
        pair = session.get_one(ComparisonPair, ids["pair_id"])
        listed(session, int(ids["version_id"]), pair)
        ids["sheet"] = seal(site.settings.signing_keys, int(ids["submission_id"]))
        session.commit()
        done(session, surroundings.storage, int(ids["run_id"]), tmp_path / "model", a_report(samples=[sample(text)]))
        session.refresh(operator)  # the jobs let go of it
    return Haunted(operator, ids)


def rename(session: Session, site: Site, names: list[str]) -> None:
    """Let people, the project and its categories be called so."""
    for number, person in enumerate((site.admin, site.writer, site.other_writer, site.reviewer)):
        session.execute(update(User).where(User.id == person.id).values(name=names[number]))
    for number, name in enumerate(names[4:]):
        person = factories.user(session, name, email=f"p{number}@example.org")
        factories.member(session, site.project, person, Role.REVIEWER)
    session.execute(update(Project).where(Project.id == site.project.id).values(name=names[0], description=names[1]))
    categories = session.query(Category).filter_by(project_id=site.project.id).order_by(Category.id).all()
    for category, name in zip(categories, names, strict=False):
        category.name = name
    session.commit()


def write_rules(session: Session, admin: User, project: Project, names: list[str], text: str) -> None:
    """Hostile guidelines, criteria, categories and tokens."""
    actor = actor_for(session, admin)
    rubric = [{"key": f"k{number}", "name": name, "description": text[:200]} for number, name in enumerate(names[:6])]
    markdown = "\n\n".join([*every("markdown"), text])
    projects.revise_guidelines(session, actor, project.id, text=markdown, rubric=[*factories.RUBRIC, *rubric])
    for name in names[2:]:
        projects.add_category(session, actor, project.id, name=name, description=text, target=1)
    for name in names:
        create_token(session, actor, name=name, scopes=["projects:read"], days=9)


def write_texts(session: Session, project: Project, names: list[str], text: str) -> dict[str, int | str]:
    """A hostile prompt, draft, response in two revisions with a note, dataset of two versions, and a run on it."""
    admin, writer, reviewer = (
        session.query(User).filter_by(email=f"{who}@example.org").one()
        for who in ("ada.admin", "ann.author", "rae.reviewer")
    )
    actor, ids = actor_for(session, admin), {}
    first = session.query(Category).filter_by(project_id=project.id).order_by(Category.id).first()
    for purpose in ("prompt", "begun", "waiting", "decided", "approved"):
        prompt = factories.prompt(
            session, project, writer, f"{purpose} {text}", source=text[:150], licence=names[0], tags=names[:2],
            status=PromptStatus.PROPOSED if purpose == "prompt" else PromptStatus.APPROVED,
            category_id=first.id if first else None,
        )  # fmt: skip
        ids[purpose] = prompt
    session.flush()
    made: dict[str, int | str] = {"prompt_id": ids["prompt"].id}
    made["assignment_id"] = factories.assignment(session, ids["begun"], writer, text).id
    left = factories.assignment(session, ids["prompt"], reviewer, text)
    left.status, left.skip_reason = AssignmentStatus.SKIPPED, text
    factories.submission(session, ids["waiting"], writer, text, f"{text} again")
    sent_back = factories.submission(session, ids["decided"], writer, text, f"{text} again")
    factories.review(session, sent_back, reviewer, note=text)
    made["submission_id"] = sent_back.id
    dataset = create_dataset(session, actor, project.id, name=names[2])
    versions = []
    for number in range(2):
        versions.append(publish(session, actor, dataset.id).id)
        session.commit()
        do_jobs(session)
        if not number:
            published = factories.submission(session, ids["approved"], writer, text)
            made["row_id"] = published.id
            factories.review(session, published, reviewer, note=text)
    change_rule(
        session, actor, dataset.id, rule={"tags": names[:2], "categories": names[2:]}, based_on=1, note=names[0]
    )
    run = start_run(session, actor, versions[1], base_model="tiny", models_root=Path("/nowhere"))
    return made | {"dataset_id": dataset.id, "other_id": versions[0], "version_id": versions[1], "run_id": run.id}


def lay_pairs(
    session: Session, project: Project, admin: User, writer: User, names: list[str], text: str
) -> dict[str, int | str]:
    """Hostile sets in place of those before: a pair lies before the administrator, a ranking before the writer."""
    actor = actor_for(session, admin)
    for before in session.scalars(select(ComparisonSet.id).where(ComparisonSet.project_id == project.id)).all():
        close_set(session, actor, before)
    asked = f"How deep is {names[0]}?"  # unlike what the other texts ask, of which some are tested on
    pair = {"prompt": asked, "chosen": f"{text} yes", "rejected": f"{text} no", "source": names[0], "licence": names[1]}
    made = filled_set(session, actor, project.id, Wish(names[2], pairs=checked([("/pairs/0", pair)])))
    lies = take_next(session, actor, project.id)
    assert lies
    three = [pair | {"prompt": f"{asked} In miles?", "rejected": f"{text} {word}"} for word in ("no", "never")]
    pairs = checked((f"/pairs/{at}", one) for at, one in enumerate(three))
    filled_set(session, actor, project.id, Wish(names[3], pairs=pairs, ranks=3))
    assert take_ranking(session, actor_for(session, writer), project.id)
    return {"set_id": made.id, "pair_id": lies.pair_id}


@pytest.fixture
def app(site: Site) -> FastAPI:
    """The application, to ask which pages it has."""
    return create_app(site.settings, "unused", sessions=site.sessions, storage=surroundings.storage)


def pages_of(app: FastAPI, ids: Mapping[str, int | str]) -> list[tuple[str, str]]:
    """Every page that can be got, by its name."""
    gets = [door for door in every_door(app) if door.method == "GET" and str(door.route.name) not in FILES]
    return [(str(door.route.name), door.address(ids)) for door in gets]


# What is hostile in a page, and whether it shows what we wrote: with all that was folded unfolded.
SHOWN = f"""() => {{
  document.querySelectorAll("details").forEach((one) => {{ one.open = true }});
  const intrusions = ({INTRUSIONS})();
  return [intrusions, (document.body.innerText + document.title).includes("window.__pwned")];
}}"""


def wander(visitor: Visitor, pages: list[tuple[str, str]]) -> tuple[set[str], list[tuple[str, str]]]:
    """Open pages: the names of those that show what is hostile, of which nothing may be alive; those not for them."""
    shown, closed = set(), []
    asked: list[str] = []
    visitor.page.set_viewport_size(NARROW)
    visitor.page.on(
        "request", lambda request: asked.append(request.url) if request.resource_type != "document" else None
    )
    for name, address in pages:
        answer = visitor.page.goto(address)
        assert answer
        if not answer.ok:
            closed.append((name, address))
        intrusions, shows = visitor.page.evaluate(SHOWN)
        assert intrusions == [], name
        if shows:
            shown.add(name)
        if answer.ok and name not in UNBROKEN:
            assert overflow(visitor.page) == [], f"{name}: the longest names keep to a phone's width"
    assert [url for url in asked if url.endswith("/health/ready")] == []
    return shown, closed


def answers_of(visitor: Visitor, doors: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Open doors whose answers no browser may take for a page: by their type, and by no other. Those not for them."""
    closed = []
    for name, address in doors:
        answer = visitor.context.request.get(address)
        kind = answer.headers["content-type"]
        assert kind.startswith(("application/json", "application/problem+json", "text/event-stream")), (name, kind)
        assert answer.headers["x-content-type-options"] == "nosniff", name
        if not answer.ok:
            closed.append((name, address))
    return closed


def test_what_came_alive_would_be_found(browser: Browser) -> None:
    page = browser.new_page()
    for text in payloads("h001", "h012", "h014", "h016", "h055", "h065", "h116", "h117", "h127"):
        page.set_content(f"<main><textarea>{text}</textarea>{text}</main>")
        assert page.evaluate(INTRUSIONS), text
        page.goto("about:blank")
    page.set_content(
        '<form hx-post="/account/name" hx-select="main" hx-swap="outerHTML"><p class="written">x</p></form>'
    )
    assert page.evaluate(INTRUSIONS) == []
    page.close()


def test_no_page_brings_to_life_what_somebody_wrote(
    visit: Visit, site: Site, haunted: Haunted, app: FastAPI
) -> None:  # S62
    gets = pages_of(app, haunted.ids)
    doors = [(name, address) for name, address in gets if name.startswith("api.")]
    pages = [one for one in gets if one not in doors]
    shown = set()
    for person in (site.admin, haunted.operator, site.writer):  # each opens what was closed to those before
        visitor = visit(person)
        visitor.expect_refusals(401, 403, 404, 409, 410, 422)
        doors = answers_of(visitor, doors)
        seen, pages = wander(visitor, pages)
        shown |= seen
    compare = "/projects/{project_id}/compare".format(**haunted.ids)
    ranking, _ = wander(visitor, [("ranking", compare)])  # before the writer; the administrator has a pair there
    assert visitor.page.get_by_role("group", name="Place of answer").count() == 3
    shown |= ranking
    must = {
        "accounts.account", "accounts.tokens", "projects.index", "projects.settings", "projects.guidelines",
        "projects.members", "prompts.index", "prompts.show", "prompts.propose", "review.index", "review.history",
        "review.submission", "datasets.index", "datasets.show", "datasets.new", "datasets.rule", "datasets.left_out",
        "datasets.version", "datasets.diff", "training.index",
        "training.show", "training.playground", "training.row", "evaluation.report", "evaluation.answers",
        "evaluation.first",
        "insights.overview", "insights.home", "accounts.people",
        "writing.show", "writing.index", "writing.skips", "preferences.compare", "preferences.index", "preferences.new",
        "preferences.answers", "preferences.new_dataset", "preferences.row", "preferences.rule", "ranking",
        "accounts.notices", "accounts.person", "datasets.benchmarks", "datasets.compare", "datasets.preparation",
        "insights.audit", "insights.jobs", "insights.project_audit", "insights.search", "projects.consents",
        "projects.readers", "projects.revise", "projects.wording", "prompts.import_file", "prompts.questions",
        "review.draft_comments", "review.edit", "review.examples", "review.my_work", "review.phrases",
        "training.compare", "training.new", "training.withdrawn", "writing.import_pairs", "writing.member_work",
    }  # fmt: skip
    assert must - shown == set()
