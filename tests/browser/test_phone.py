"""A writer's way on a phone, by fingers alone: from signing in to handing in, and on with another's draft of theirs."""

from playwright.sync_api import expect
from sqlalchemy import select

from app.prompts.models import PromptStatus
from app.writing.models import Revision
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.visitor import findings, overflow

BREAD = "Why does bread go stale faster in the fridge than on the counter?"
BEGUN = "Begun at the desk."


def test_from_signing_in_to_handing_in_by_fingers(visit: Visit, site: Site) -> None:
    with site.sessions.begin() as session:
        factories.prompt(session, site.project, site.admin, BREAD, status=PromptStatus.APPROVED)
    phone = visit(None, phone=True)
    page = phone.go(f"/projects/{site.project.id}/write")
    page.get_by_label("E-mail").fill(site.writer.email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").tap()
    page.get_by_role("button", name="Write the next").tap()
    expect(page.get_by_text(BREAD)).to_be_visible()
    page.get_by_label("Your response").tap()
    page.keyboard.type("Its starch crystallises faster in the cold.")
    expect(page.locator("[data-save-status]")).to_contain_text("Saved")
    assert overflow(page) == []
    assert findings(page) == []
    page.get_by_role("link", name="Guidelines").first.tap()
    expect(page.get_by_role("complementary", name="Guidelines")).to_contain_text("Answer what was asked.")
    page.get_by_role("link", name="Close").tap()
    page.get_by_role("button", name="Preview").tap()
    expect(page.locator(".rendered", has_text="crystallises")).to_be_visible()
    page.get_by_role("button", name="Write", exact=True).tap()
    page.get_by_role("button", name="Hand in").tap()
    expect(page.locator("#messages")).to_contain_text("Handed in.")
    with site.sessions() as session:
        said = session.scalars(select(Revision.messages)).one()
    assert said == [{"role": "assistant", "content": "Its starch crystallises faster in the cold."}]


def test_the_phone_opens_the_draft_that_was_begun_at_the_desk(visit: Visit, site: Site) -> None:
    with site.sessions.begin() as session:
        asked = factories.prompt(session, site.project, site.admin, BREAD, status=PromptStatus.APPROVED)
        factories.assignment(session, asked, site.writer, BEGUN)
    page = visit(site.writer, phone=True).go("/")
    page.get_by_role("link", name="Go on writing").tap()
    expect(page.get_by_label("Your response")).to_have_value(BEGUN)
