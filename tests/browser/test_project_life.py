"""Rules, consent, guidelines to read and people who come and go, in a real browser, without scripts, and looks."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from app.accounts.models import Role
from app.accounts.sign_ins import actor_for
from app.projects import consents, reading
from app.projects import service as projects
from app.prompts.models import PromptStatus
from app.writing.service import save_draft, start_pair, take_next
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.chromium import press

TERMS = """\
I wrote every text that I hand in here myself.

Nobody else's words are in it, and no model's. It may be published under the licence below, under my pseudonym.
"""
CHANGED = "# Be helpful\n\nAnswer what was *meant*, as you would answer a friend.\n"


@pytest.fixture
def ruled(site: Site) -> Site:
    """The project asks for consent and calibration, has new guidelines, and a newcomer with a draft."""
    with site.sessions.begin() as session:
        admin, writer = actor_for(session, site.admin), actor_for(session, site.writer)
        reading.acknowledge(session, writer, site.project.id)
        projects.revise_guidelines(session, admin, site.project.id, text=CHANGED, rubric=factories.RUBRIC)
        rules: dict[str, Any] = {
            "qualification": 3,
            "consent_text": TERMS,
            "licence": "CC-BY-4.0",
            "blocking_hints": ["personal"],
        }
        projects.change_settings(session, admin, site.project.id, **rules)
        factories.prompt(session, site.project, site.admin, "Why is ice slippery?", status=PromptStatus.APPROVED)
    return site


@pytest.fixture
def newcomer(ruled: Site) -> Site:
    """A third writer, who has accepted the terms and begun a prompt and a pair."""
    person = ruled.person("Nora New", Role.ANNOTATOR)
    with ruled.sessions.begin() as session:
        nora = actor_for(session, person)
        consents.accept(session, nora, ruled.project.id)
        taken = take_next(session, nora, ruled.project.id)
        assert taken
        save_draft(session, nora, taken.id, messages=factories.answered("Its surface melts."), revision=0)
        start_pair(session, nora, ruled.project.id)
    return ruled


def test_a_writer_accepts_by_one_key_and_goes_on_to_write(visit: Visit, ruled: Site) -> None:
    page = visit(ruled.writer).go(f"/projects/{ruled.project.id}/write")
    press(page, "n")
    page.wait_for_url(re.compile(r"/consent\?next="))
    expect(page.get_by_text("Nobody else's words are in it")).to_be_visible()
    press(page, "a")
    page.wait_for_url(re.compile(r"^[^?]*/write$"))
    press(page, "n")
    page.wait_for_url("**/write/*")
    expect(page.get_by_text("Why is ice slippery?").first).to_be_visible()


def test_a_writer_accepts_without_scripts(visit: Visit, ruled: Site) -> None:
    page = visit(ruled.writer, scripts=False).go(f"/projects/{ruled.project.id}/prompts/propose")
    page.get_by_role("button", name="I accept").click()
    page.wait_for_url("**/prompts/propose")
    expect(page.get_by_label("Prompt", exact=True)).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_what_changed_is_read_and_the_reminder_goes(visit: Visit, ruled: Site, scripts: bool) -> None:
    page = visit(ruled.writer, scripts=scripts).go(f"/projects/{ruled.project.id}/write")
    reminder = page.locator("#unread")
    expect(reminder).to_contain_text("have changed since you last read them")
    reminder.get_by_role("link").click()
    expect(page.locator("ins").first).to_contain_text("meant")
    page.go_back()
    reminder.get_by_role("button", name="I have read them").click()
    expect(reminder).to_have_count(0)
    expect(page.get_by_role("heading", name="Write", exact=True)).to_be_visible()
    page.reload()
    expect(reminder).to_have_count(0)


def test_the_reminder_goes_from_over_a_draft_and_the_text_stays(visit: Visit, newcomer: Site) -> None:
    visitor = visit(newcomer.other_writer)
    with newcomer.sessions.begin() as session:
        ben = actor_for(session, newcomer.other_writer)
        consents.accept(session, ben, newcomer.project.id)
        pair = start_pair(session, ben, newcomer.project.id).id
    page = visitor.go(f"/write/{pair}")
    field = page.locator("textarea").last
    field.fill("A line that is not saved yet")
    page.locator("#unread").get_by_role("button", name="I have read them").click()
    expect(page.locator("#unread")).to_have_count(0)
    expect(field).to_have_value("A line that is not saved yet")


def test_an_admin_hands_a_prompt_over_and_opens_the_queue_without_scripts(visit: Visit, newcomer: Site) -> None:
    page = visit(newcomer.admin, scripts=False).go(f"/projects/{newcomer.project.id}/members")
    page.get_by_role("button", name="Qualify Nora New").click()
    expect(page.get_by_text("not qualified yet")).to_have_count(0)
    page.get_by_role("link", name="See the work of Nora New").click()
    expect(page.get_by_text("2 drafts are kept for their return.")).to_be_visible()
    page.get_by_label("Give it to").select_option(label="Ben Author")
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_text("The prompt has gone to them.")).to_be_visible()


def test_how_the_pages_of_a_projects_life_look(visit: Visit, newcomer: Site) -> None:
    here = f"/projects/{newcomer.project.id}"
    with newcomer.sessions.begin() as session:
        nora = consents.list_consents(session, actor_for(session, newcomer.admin), newcomer.project.id)[0].by[0].user_id
    admin = visit(newcomer.admin)
    for name, address in {
        "projects-settings": f"{here}/settings",
        "projects-new-consents": f"{here}/consents",
        "projects-readers": f"{here}/guidelines/readers",
        "projects-members": f"{here}/members",
        "writing-member-work": f"{here}/members/{nora}/work",
    }.items():
        admin.go(address)
        admin.look(name)
    writer = visit(newcomer.writer)
    for name, address in {
        "projects-consent": f"{here}/consent",
        "projects-reminder": f"{here}/write",
        "projects-guidelines": f"{here}/guidelines",
    }.items():
        writer.go(address)
        writer.look(name)
    with newcomer.sessions.begin() as session:
        person = session.get_one(type(newcomer.admin), nora)
    newest = visit(person)
    newest.go(f"{here}/write")
    newest.look("writing-standing")
