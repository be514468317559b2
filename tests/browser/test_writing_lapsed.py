"""A lease that lapsed, another computer, a hand-in while the server is away: the text stays, and is told apart."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update

from app.prompts.models import PromptStatus, Slot
from app.writing.models import Draft, Revision
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.visitor import Visitor
from tests.chromium import press


@pytest.fixture
def page(writer: Visitor, site: Site) -> Page:
    """The writer's page, with a first sentence that is saved, of a prompt with one place."""
    with site.sessions.begin() as session:
        factories.prompt(session, site.project, site.admin, status=PromptStatus.APPROVED)
    page = writer.go(f"/projects/{site.project.id}/write")
    press(page, "n")
    write(page, "First.")
    return page


def write(page: Page, text: str) -> None:
    """Type, and wait until it is stored."""
    with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.status == 200):
        page.get_by_label("Your response").fill(text)
    expect(page.locator("[data-save-status]")).to_contain_text("Saved")


def stored(site: Site) -> str:
    """The text of the one draft."""
    with site.sessions() as session:
        return str(session.scalars(select(Draft.messages)).one()[0]["content"])


def lapse(site: Site, minutes: float = -1) -> None:
    """Let every lease of a place have ended, or end in so many minutes."""
    with site.sessions.begin() as session:
        ended = update(Slot).where(Slot.lease_holder_id.is_not(None))
        session.execute(ended.values(lease_expires_at=func.now() + timedelta(minutes=minutes)))


def test_who_reads_for_long_is_told_before_the_place_lapses_and_keeps_it_by_a_press(
    writer: Visitor, site: Site, page: Page
) -> None:
    # R24
    place = page.locator("[data-lease]")
    expect(place).to_be_empty()
    for minutes, words, way in ((4, "lapses soon", "Keep it"), (-1, "has lapsed", "Take it back")):
        lapse(site, minutes)
        page.reload()
        expect(place).to_contain_text(words)
        if minutes > 0:
            writer.look("writing-lease")
        place.get_by_role("button", name=way).click()
        expect(place).to_be_empty()
        with site.sessions() as session:
            assert session.scalars(select(Slot.lease_expires_at > func.now() + timedelta(minutes=30))).all() == [True]


def test_who_comes_back_after_the_lease_has_lapsed_goes_on_and_hands_in(site: Site, page: Page) -> None:
    # R24
    lapse(site)
    write(page, "First. And after lunch.")
    press(page, "Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Handed in.")
    with site.sessions() as session:
        assert session.scalars(select(Revision.messages)).one()[0]["content"] == "First. And after lunch."


def test_who_lost_the_place_to_another_writer_keeps_every_word(
    writer: Visitor, visit: Visit, site: Site, page: Page
) -> None:
    # R24
    lapse(site)
    other = visit(site.other_writer).go(f"/projects/{site.project.id}/write")
    press(other, "n")
    write(other, "Theirs.")
    press(other, "Control+Enter")
    expect(other.locator("#messages")).to_contain_text("Handed in.")
    writer.expect_refusals(409)
    write(page, "First. And after lunch.")
    expect(page.locator("[data-lease]")).to_contain_text("You no longer have your place in this prompt.")
    press(page, "Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("Your draft is kept.")
    expect(page.get_by_label("Your response")).to_have_value("First. And after lunch.")
    with site.sessions() as session:
        assert [one[0]["content"] for one in session.scalars(select(Revision.messages))] == ["Theirs."]
        texts = session.scalars(select(Draft.messages)).all()
    assert factories.answered("First. And after lunch.") in texts


def test_another_computer_and_this_one_overwrite_nothing_of_each_other(
    writer: Visitor, visit: Visit, site: Site, page: Page
) -> None:
    # R20
    writer.expect_refusals(409)
    laptop = visit(site.writer).go(page.url)
    write(laptop, "From the laptop.")
    page.bring_to_front()
    page.get_by_label("Your response").fill("From the desk.")
    dialog = page.get_by_role("dialog", name="This draft is newer elsewhere")
    expect(dialog).to_contain_text("From the laptop.")
    press(page, "Escape")
    expect(page.locator("[data-save-status]")).to_contain_text("Kept on this device.")
    expect(page.get_by_label("Your response")).to_have_value("From the desk.")
    page.get_by_role("button", name="Compare the two").click()
    dialog.get_by_role("button", name="Keep what is here").click()
    writer.until(lambda: stored(site) == "From the desk.", page)


def test_what_is_typed_after_another_window_handed_it_in_is_kept_and_finds_its_way_into_the_next_revision(
    writer: Visitor, site: Site, page: Page
) -> None:
    # R20
    writer.expect_refusals(409)
    newer = writer.go(page.url, writer.tab())
    press(newer, "Control+Enter")
    expect(newer.locator("#messages")).to_contain_text("Handed in.")
    page.bring_to_front()
    page.get_by_label("Your response").fill("First. And an afterthought.")
    expect(page.locator("[data-save-status]")).to_contain_text("This was handed in already.")
    writer.look("writing-over")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="See what became of it").click()
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_label("Your response")).to_have_value("First. And an afterthought.")
    press(page, "Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Handed in.")
    with site.sessions() as session:
        texts = session.scalars(select(Revision.messages).order_by(Revision.id)).all()
    assert [one[0]["content"] for one in texts] == ["First.", "First. And an afterthought."]


def test_handing_in_while_the_server_is_away_loses_nothing_and_hands_in_once_it_is_back(
    writer: Visitor, site: Site, page: Page
) -> None:
    # R22
    writer.expect_broken_line()
    site.stop()
    page.get_by_label("Your response").fill("First. Second.")
    press(page, "Control+Enter")
    expect(page.locator("[data-save-status]")).to_contain_text("Not saved: Penset cannot be reached.")
    expect(page.get_by_label("Your response")).to_have_value("First. Second.")
    site.start()
    expect(page.locator("[data-save-status]")).to_contain_text("Saved")
    press(page, "Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Handed in.")
    with site.sessions() as session:
        assert session.scalars(select(Revision.messages)).one() == factories.answered("First. Second.")
