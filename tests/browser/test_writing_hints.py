"""While somebody types, what there is to look at stands below it; without a script once it is saved."""

import re

from playwright.sync_api import Page, expect

from app.prompts.models import PromptStatus
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.visitor import Visitor
from tests.chromium import press

MAIL = "There seems to be an e-mail address in the text."


def begin(writer: Visitor, site: Site) -> Page:
    """A prompt that the writer has taken."""
    with site.sessions.begin() as session:
        factories.prompt(session, site.project, site.admin, status=PromptStatus.APPROVED)
    page = writer.go(f"/projects/{site.project.id}/write")
    page.get_by_role("button", name="Write the next").click()
    return page


def test_hints_come_when_the_writer_pauses_and_go_when_it_is_mended(writer: Visitor, site: Site) -> None:
    page = begin(writer, site)
    hints = page.get_by_role("group", name="Hints")
    expect(hints).to_have_attribute("aria-live", "polite")
    page.get_by_label("Your response").fill("Ask ann@firm.org about the sky.")
    expect(hints).to_contain_text(MAIL)
    writer.look("writing-hints")
    page.get_by_label("Your response").fill("Ask somebody about the sky.")
    expect(hints).to_be_empty()
    expect(page.get_by_label("Your response")).to_be_focused()
    page.get_by_label("Your response").fill("Ask somebody:\n```\nwhy")
    page.get_by_label("Your response").blur()
    expect(hints).to_contain_text("A code block is opened with ``` and not closed.")


def test_hints_stand_there_without_a_script_once_the_text_is_saved(visit: Visit, site: Site) -> None:
    page = begin(visit(site.writer, scripts=False), site)
    page.get_by_label("Your response").fill("Ask ann@firm.org about the sky.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("group", name="Hints")).to_contain_text(MAIL)


def test_personal_data_is_shown_before_it_is_handed_in_however_quick_the_writer_is(writer: Visitor, site: Site) -> None:
    writer.expect_refusals(422)
    page = begin(writer, site)
    expect(page.get_by_label("Your response")).to_be_focused()
    page.keyboard.type("Ask ann@firm.org.")
    press(page, "Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text(MAIL)
    expect(page.get_by_label("Your response")).to_be_focused()
    expect(page.get_by_label("Your response")).to_have_value("Ask ann@firm.org.")
    expect(page.get_by_label("Your response")).to_have_accessible_description(re.compile("Nothing was handed in"))
    writer.look("writing-told")
    page.keyboard.type(" They know.")
    press(page, "Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Handed in.")
