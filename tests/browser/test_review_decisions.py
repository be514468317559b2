"""A reviewer thinks better of a decision, puts a few words right, names the part that a return misses."""

import pytest
from playwright.sync_api import Dialog, expect
from sqlalchemy import select

from app.projects.models import Project
from app.review.models import Phrase
from app.writing.models import Revision
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.test_review_story import FIRST, NOTE, hand_in, rate, reviewer, take
from tests.browser.visitor import Visitor
from tests.chromium import press

__all__ = ["reviewer"]
# Where the next key goes, in the very moment after Ctrl and a full stop.
FOCUSED_AT_ONCE = """() => {
  const pressed = { key: ".", ctrlKey: true, bubbles: true, cancelable: true };
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", pressed));
  return document.activeElement.innerText;
}"""
# Somebody presses 3 as soon as another rubric stands on the page.
PRESSED_AT_ONCE = """() => {
  const first = document.querySelector("[data-rubric]");
  new MutationObserver((_, observer) => {
    const now = document.querySelector("[data-rubric]");
    if (!now || now === first) return;
    observer.disconnect();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "3", bubbles: true, cancelable: true }));
  }).observe(document, { childList: true, subtree: true });
}"""
RULES = """# Answer what was asked

The first sentence answers. What follows explains it.

# Say where it is from

Name a source that the reader can open, and say early where rules differ from country to country.

# Write plainly

Short sentences, no word that the reader would have to look up.
"""


@pytest.fixture
def held(site: Site) -> Site:
    """The site with ten seconds in which a decision can be taken back."""
    site.settings.undo_seconds = 10
    return site


def test_the_offer_goes_when_the_time_is_over(reviewer: Visitor, held: Site) -> None:
    held.settings.undo_seconds = 2
    hand_in(held)
    page = reviewer.go(f"/projects/{held.project.id}/review")
    take(page)
    rate(page, "4", "5")
    press(page, "a")
    expect(page.locator("[data-undo]")).to_be_visible()
    expect(page.locator("[data-undo]")).to_have_count(0)


def test_a_digit_pressed_the_moment_the_next_one_stands_there_is_not_lost(reviewer: Visitor, site: Site) -> None:
    for asked in ("Who owns the moon?", "What is fog?"):
        hand_in(site, asked=asked)
    page = reviewer.go(f"/projects/{site.project.id}/review")
    take(page)
    page.wait_for_load_state()
    page.evaluate(PRESSED_AT_ONCE)
    rate(page, "4", "5")
    press(page, "a")
    expect(page.get_by_role("heading", level=1)).to_have_text("What is fog?")
    expect(page.get_by_role("group", name="Helpful").get_by_label("3")).to_be_checked()


def test_a_digit_right_after_the_key_of_the_phrases_goes_to_them_and_not_into_the_note(
    reviewer: Visitor, site: Site
) -> None:
    hand_in(site)
    with site.sessions.begin() as session:
        session.add(Phrase(user_id=site.reviewer.id, text="Name the day."))
    page = reviewer.go(f"/projects/{site.project.id}/review")
    take(page)
    page.wait_for_load_state()
    page.get_by_label("Note to the writer").focus()
    assert page.evaluate(FOCUSED_AT_ONCE) == "Name the day."
    press(page, "1")
    expect(page.get_by_label("Note to the writer")).to_have_value("Name the day.")


def test_e_opens_the_text_and_its_writer_sees_what_was_changed(reviewer: Visitor, visit: Visit, site: Site) -> None:
    submission_id = hand_in(site)
    page = reviewer.go(f"/projects/{site.project.id}/review")
    take(page)
    rate(page, "4", "5")
    press(page, "e")
    text = page.get_by_label("The response", exact=True)
    expect(text).to_have_value(FIRST)
    expect(page.get_by_role("group", name="Correct").get_by_label("5")).to_be_checked()
    page.wait_for_load_state()
    reviewer.look("review-edit")
    page.get_by_label("Note to the writer").fill("So far")
    page.get_by_role("button", name="Leave it as it was").click()
    expect(page.get_by_role("button", name="Edit and approve")).to_be_visible()
    expect(page.get_by_label("Note to the writer")).to_have_value("So far")
    expect(page.get_by_role("group", name="Correct").get_by_label("5")).to_be_checked()
    press(page, "e")
    expect(text).to_have_value(FIRST)
    better = FIRST.replace("go to court", "ask an ombudsman")
    text.fill(better)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.evaluate("location.assign('/')")  # who leaves is asked first
    reviewer.until(lambda: asked == ["beforeunload"])
    reviewer.expect_refusals(401)
    reviewer.context.clear_cookies()
    press(page, "Control+Enter")  # S26: the sign-in has ended
    expect(page.locator("#messages")).to_contain_text("sign in")
    expect(text).to_have_value(better)
    reviewer.sign_in(site.reviewer)
    press(page, "Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Approved “My landlord")
    opened_by_its_address(reviewer, site)
    writer = visit(site.writer)
    seen = writer.go(f"/submissions/{submission_id}")
    expect(seen.locator("ins")).to_contain_text(["ask an ombudsman"])
    expect(seen.get_by_text("edited by a reviewer")).to_be_visible()
    with site.sessions() as session:
        authors = select(Revision.author_id).where(Revision.submission_id == submission_id)
        assert session.scalars(authors.order_by(Revision.number)).all() == [site.writer.id, site.reviewer.id]


def opened_by_its_address(reviewer: Visitor, site: Site) -> None:
    """Who then approves, or leaves the text, is at the queue, and is there again after a reload."""
    queue = f"/projects/{site.project.id}/review"
    hand_in(site)
    page = reviewer.go(queue)
    take(page)
    action = page.get_by_role("form", name="Review").get_attribute("action") or ""
    for leave in (True, False):
        page = reviewer.go(action.replace("/decision", "/edit"))
        if leave:
            page.get_by_role("button", name="Leave it as it was").click()
        else:
            rate(page, "4", "5")
            page.get_by_label("The response", exact=True).fill("An ombudsman.")
            press(page, "Control+Enter")
        expect(page).to_have_url(site.address + queue)


def test_undo_and_edit_work_without_a_script(visit: Visit, held: Site) -> None:
    visitor = visit(held.reviewer, scripts=False)
    hand_in(held)
    page = visitor.go(f"/projects/{held.project.id}/review")
    page.get_by_role("button", name="Take the next one").click()
    for name in ("Helpful", "Correct"):
        page.get_by_role("group", name=name).get_by_label("3").check()
    page.get_by_role("button", name="Edit and approve").click()
    page.get_by_label("The response", exact=True).fill("Better words")
    page.get_by_role("button", name="Approve this text").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("The response", exact=True)).to_have_value("Better words")


def test_the_part_that_a_return_misses_is_named_by_a_key_and_leads_its_writer_there(
    reviewer: Visitor, visit: Visit, site: Site
) -> None:
    with site.sessions.begin() as session:
        factories.guidelines(session, session.get_one(Project, site.project.id), site.admin, version=2, text=RULES)
    submission_id = hand_in(site)
    page = reviewer.go(f"/projects/{site.project.id}/review")
    take(page)
    page.wait_for_load_state()
    page.get_by_label("Note to the writer").fill(NOTE)
    press(page, "Escape")
    press(page, "m")
    page.keyboard.type("Say where")
    press(page, "Escape")
    press(page, "r")
    expect(page.locator("#messages")).to_contain_text("Asked for changes to")
    seen = visit(site.writer).go(f"/submissions/{submission_id}")
    seen.get_by_role("link", name="Say where it is from").click()
    expect(seen.get_by_role("heading", name="Say where it is from")).to_be_in_viewport()
