"""The first page, a project's overview, jobs and audit log, as people see them."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, text, update

from app.accounts.models import User
from app.core.audit import Origin, record
from app.projects.models import Category, Project
from app.prompts.models import PromptStatus
from app.review.models import Decision
from app.writing.models import Submission
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.chromium import press

ASKED = ["Why does bread go stale faster in the fridge?", "Plan a birthday for a seven-year-old who hates noise"]


@pytest.fixture
def operator(site: Site) -> User:
    """Who runs the installation, and is in no project."""
    with site.sessions.begin() as session:
        return factories.user(session, "Otto Operator", is_admin=True)


@pytest.fixture
def lived(site: Site) -> None:
    """A project in which things have happened over some weeks."""
    with site.sessions.begin() as session:
        project = session.get_one(Project, site.project.id)
        project.target = 40
        categories = session.query(Category).filter_by(project_id=project.id).order_by(Category.id).all()
        for number in range(26):
            prompt = factories.prompt(
                session,
                project,
                site.admin,
                f"{ASKED[number % 2]} ({number})",
                status=PromptStatus.APPROVED,
                category_id=categories[number % 2].id,
            )
            if number < 2:
                factories.assignment(
                    session, prompt, site.writer, "Starch crystallises quickest a few degrees above freezing."
                )
            elif number < 22:
                made = factories.submission(session, prompt, site.writer)
                decision = Decision.CHANGES_REQUESTED if number == 21 else Decision.APPROVED
                factories.review(session, made, site.reviewer, decision, note="Say early that the rules differ.")
                ago = func.now() - timedelta(days=2 * number - 3)
                session.execute(
                    update(Submission).where(Submission.id == made.id).values(decided_at=ago, created_at=ago)
                )
            elif number < 24:
                factories.submission(session, prompt, site.other_writer)


def test_a_draft_is_gone_on_with_in_one_key(visit: Visit, site: Site, lived: None) -> None:
    page = visit(site.writer).go("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("One response to mend, two drafts to go on with.")
    press(page, "Enter")
    expect(page.get_by_label("Your response")).to_contain_text("Starch crystallises")


def test_the_next_task_is_taken_in_one_key(visit: Visit, site: Site) -> None:
    with site.sessions.begin() as session:
        factories.prompt(session, site.project, site.admin, ASKED[0], status=PromptStatus.APPROVED)
    page = visit(site.writer).go("/")
    press(page, "n")
    expect(page.get_by_text(ASKED[0])).to_be_visible()


def test_an_empty_installation_leads_to_the_first_project(visit: Visit, site: Site, operator: User) -> None:
    page = visit(operator).go("/")
    press(page, "n")
    expect(page).to_have_url(f"{site.address}/projects/new")


def test_how_the_rooms_of_insights_look(visit: Visit, site: Site, lived: None, operator: User) -> None:
    writer, admin, runner = visit(site.writer), visit(site.admin), visit(operator)
    writer.go("/")
    writer.look("insights-home")
    admin.go(f"/projects/{site.project.id}")
    admin.look("insights-overview")
    runner.go("/")
    runner.look("insights-first-project")
    with site.sessions.begin() as session:
        for state in ("succeeded", "failed", "doing", "todo"):
            session.execute(
                text(
                    "INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts) "
                    "VALUES ('default', 'datasets.publish', CAST(:state AS procrastinate_job_status), 5)"
                ),
                {"state": state},
            )
        for number, action in enumerate(("accounts.signed_in", "review.approved", "datasets.published"), 1):
            origin = Origin("192.0.2.7", f"request{number}")
            record(
                session, action, "subject", number, actor_id=site.admin.id, origin=origin, project_id=site.project.id
            )
    runner.go("/admin/jobs")
    runner.look("insights-jobs")
    runner.go("/admin/audit")
    runner.look("insights-audit")
