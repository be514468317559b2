"""Datasets, versions and what changed, as people see them; a version is published under their eyes."""

import json
import random
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts.sign_ins import actor_for
from app.core.worker import work
from app.projects.models import Category
from app.prompts.models import Prompt, PromptStatus
from app.writing.models import Submission
from app.writing.withdrawing import withdraw_for
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.visitor import Visitor
from tests.chromium import press

DATA = Path(__file__).parents[1] / "data"
ANSWER = "Because air scatters short waves more than long ones, so the light that reaches us from all sides is blue."


@pytest.fixture
def approved(site: Site) -> list[str]:
    """Forty approved responses to real prompts in two categories by two writers."""
    lines = (DATA / "near_duplicate_prompts.jsonl").read_text("utf-8").splitlines()
    asked = [json.loads(line) for line in lines if json.loads(line)["licence"] == "CC-BY-SA-3.0"][:40]
    with site.sessions.begin() as session:
        categories = session.scalars(select(Category).where(Category.project_id == site.project.id)).all()
        for number, row in enumerate(asked):
            prompt = factories.prompt(
                session,
                site.project,
                site.admin,
                row["prompt"],
                status=PromptStatus.APPROVED,
                category_id=categories[number % 5 // 3].id,
                licence=row["licence"],
                source=row["source"],
            )
            writer = (site.writer, site.other_writer)[number % 3 // 2]
            factories.review(session, factories.submission(session, prompt, writer, ANSWER), site.reviewer)
    return [row["prompt"] for row in asked]


def do_jobs(site: Site) -> None:
    """What a worker beside the site does."""
    worker = Thread(target=work, args=[site.database_url], kwargs={"queues": ["default"], "wait": False})
    worker.start()
    worker.join(60)


def test_an_admin_names_a_rule_and_publishes_it_with_one_key(visit: Visit, site: Site, approved: list[str]) -> None:
    admin = visit(site.admin)
    page = admin.go(f"/projects/{site.project.id}/datasets/new")
    page.get_by_label("Name").fill("Everyday pairs")
    page.get_by_role("button", name="Make the dataset").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Everyday pairs")
    expect(page.get_by_text("would hold 40 of 40")).to_be_visible()
    press(page, "p")
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    do_jobs(site)
    expect(page.get_by_text("30 train, 5 validation, 5 test")).to_be_visible()
    page.get_by_role("link", name="Version 1").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="train.jsonl").click()
    assert len(Path(download.value.path()).read_bytes().splitlines()) == 30
    page.get_by_role("link", name="test", exact=True).click()
    expect(page.get_by_text(ANSWER)).to_have_count(5)


def test_without_scripts_a_dataset_is_made_and_published_as_well(visit: Visit, site: Site, approved: list[str]) -> None:
    page = visit(site.admin, scripts=False).go(f"/projects/{site.project.id}/datasets/new")
    page.get_by_label("Name").fill("Plain")
    page.get_by_role("button", name="Make the dataset").click()
    page.get_by_role("button", name="Publish the next version").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    do_jobs(site)
    page.reload()
    expect(page.get_by_role("link", name="Version 1")).to_be_visible()


def test_how_the_room_of_datasets_looks(visit: Visit, site: Site, approved: list[str]) -> None:
    admin = visit(site.admin)
    page = admin.go(f"/projects/{site.project.id}/datasets")
    admin.look("datasets-empty")
    admin.go(f"/projects/{site.project.id}/datasets/new")
    admin.look("datasets-new")
    of_one = page.get_by_label("At most so many of one writer")
    of_one.fill("12")
    expect(page.get_by_role("rowheader", name="at most 12 of one writer")).to_be_visible()  # before it has a name
    of_one.fill("")
    page.get_by_label("Name").fill("Everyday pairs")
    page.get_by_role("button", name="Make the dataset").click()
    page.get_by_role("button", name="Publish the next version").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    admin.look("datasets-publishing")
    do_jobs(site)
    write_anew(site)
    expect(page.get_by_role("button", name="Publish the next version")).to_be_visible()
    page.get_by_role("button", name="Publish the next version").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    do_jobs(site)
    page.reload()
    admin.look("datasets-show")
    narrow_the_rule(page)
    admin.look("datasets-rule")
    page.get_by_role("button", name="Save the rule").click()
    page.get_by_role("link", name="Why is one in or out?").click()
    page.get_by_label("Submission").fill("3")
    page.get_by_role("button", name="Ask").click()
    admin.look("datasets-left-out")
    admin.go(f"/projects/{site.project.id}/datasets")
    admin.look("datasets-index")
    admin.go("/versions/2")
    admin.look("datasets-version")
    page.get_by_role("link", name="Compare with version 1").click()
    admin.look("datasets-diff")
    admin.go("/versions/2")
    page.get_by_role("link", name="Where it comes from").first.click()
    expect(page.get_by_role("heading", name="Versions that hold it")).to_be_visible()
    admin.look("training-row")
    look_at_the_rest(admin, site)


def look_at_the_rest(admin: Visitor, site: Site) -> None:
    """What new versions are compared with, how they are prepared, what to drop from one, and what may be an example."""
    with site.sessions.begin() as session:
        actor = actor_for(session, site.admin)
        withdraw_for(session, actor, 1, reason="They asked by mail.")
        category = session.scalars(select(Category.id).where(Category.project_id == site.project.id).limit(1)).one()
    admin.context.request.post(
        f"{site.address}/projects/{site.project.id}/benchmarks/import",
        headers={"Sec-Fetch-Site": "same-origin"},
        multipart={"name": "Of others", "licence": "MIT", "file": {
            "name": "of-others.jsonl", "mimeType": "application/x-ndjson", "buffer": b'{"question": "Why?"}',
        }},
    )  # fmt: skip
    for name, address, shows in (
        ("datasets-benchmarks", f"/projects/{site.project.id}/benchmarks", "Of others"),
        ("datasets-preparation", "/datasets/1/preparation", "How versions are prepared"),
        ("training-withdrawn", "/versions/2/withdrawn", "s1-r1"),
        ("review-examples", f"/categories/{category}/examples", "What is usual in"),
    ):
        page = admin.go(address)
        expect(page.get_by_text(shows).first).to_be_visible()
        admin.look(name)


def narrow_the_rule(page: Page) -> None:
    """Conditions in the form of the rule; the preview follows while one types."""
    page.get_by_role("link", name="Change the rule").click()
    page.get_by_label("Rated at least, on average").fill("4.5")
    page.get_by_label("Approved from").fill("2026-01-01")
    page.get_by_label("At most so many of one writer").fill("12")
    page.get_by_label("At most so many percent in one category").fill("55")
    page.get_by_label("Why it changes").fill("No writer and no category may outweigh the others.")
    expect(page.get_by_role("rowheader", name="at most 55 % in one category")).to_be_visible()


def write_anew(site: Site) -> None:
    """Some responses are approved in a second revision, some are new."""
    with site.sessions.begin() as session:
        rules = factories.guidelines(session, site.project, site.admin, 2)
        found = session.scalars(select(Submission).order_by(Submission.id)).all()
        for submission in random.Random(1).sample(found, 5):
            prompt = session.get_one(Prompt, submission.prompt_id)
            words = ANSWER.replace("short waves", "blue light").replace("long ones", "red")
            factories.revision(session, submission, prompt, rules, 2, words)
            submission.current_revision = 2
            factories.review(session, submission, site.reviewer)
        for number in range(8):
            prompt = factories.prompt(
                session, site.project, site.admin, f"What rhymes with {number * 77}?", status=PromptStatus.APPROVED
            )
            factories.review(session, factories.submission(session, prompt, site.writer, ANSWER), site.reviewer)
