"""A writer's day, from signing in to signing out, with nothing but a keyboard."""

import re

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts.models import User
from app.prompts.models import PromptStatus
from app.review.models import Decision
from app.writing.models import Submission, SubmissionStatus
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.test_review_story import judge
from tests.chromium import press

HELD = """() => {
  const at = document.activeElement;
  if (at === document.body || at.id === "main") return { words: "", shown: true, wide: 0 };
  const style = getComputedStyle(at), around = at.closest("label");
  const drawn = (one) => one.outlineStyle !== "none" || one.boxShadow !== "none" || one.borderStyle !== "none";
  const box = at.getBoundingClientRect();
  const shown = drawn(style) || (around !== null && drawn(getComputedStyle(around)));
  return { words: (at.ariaLabel ?? at.labels?.[0]?.innerText ?? at.innerText ?? "").trim(), shown, wide: box.width };
}"""


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what begins with these words has the focus; whatever has it on the way shows that."""
    for _ in range(80):
        held = page.evaluate(HELD)
        assert held["shown"] or held["wide"] <= 1, f"no focus is seen on {held['words']}"
        if held["words"].startswith(words):
            return
        press(page, "Tab")
    raise AssertionError(f"{words} cannot be reached by Tab")


def tab_and_press(page: Page, words: str) -> None:
    """Go to a button or a link by Tab, and press it."""
    tab_to(page, words)
    press(page, "Enter")


def sign_in(page: Page, person: User) -> None:
    """From the sign-in page to the page that says what waits."""
    tab_to(page, "E-mail")
    page.keyboard.type(person.email)
    tab_to(page, "Password")
    page.keyboard.type(factories.PASSWORD)
    press(page, "Enter")
    expect(page.get_by_role("heading", name="The next task")).to_be_visible()
    page.wait_for_load_state()


def sign_out(page: Page) -> None:
    """By the menu, which Escape closes as well."""
    tab_and_press(page, page.locator(".me summary").inner_text())
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(page.locator(".me summary")).to_be_focused()
    press(page, "Enter")
    tab_and_press(page, "Sign out")
    expect(page).to_have_url(re.compile("/sign-in"))


def search(page: Page, words: str) -> None:
    """From any page with one key."""
    press(page, "Escape")
    press(page, "/")
    page.keyboard.type(words)
    press(page, "Enter")
    expect(page.locator("mark").first).to_contain_text(words)


def test_a_writers_day_without_a_mouse(visit: Visit, site: Site) -> None:
    with site.sessions.begin() as session:
        for asked in ("Is glass a liquid?", "Who owns the moon?", "Why is ice slippery?", "Why do cats purr?"):
            factories.prompt(session, site.project, site.admin, asked, status=PromptStatus.APPROVED)
        returned = factories.prompt(session, site.project, site.admin, "What is fog?", status=PromptStatus.APPROVED)
        sent_back = factories.submission(session, returned, site.writer, "A cloud.")
        judge(session, site.reviewer, sent_back.id, Decision.CHANGES_REQUESTED, "Say of what.")
    page = visit(None).go("/sign-in")
    sign_in(page, site.writer)
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keys on this page")).to_be_visible()
    press(page, "Escape")
    press(page, "n")
    sheet = page.get_by_label("Your response")
    expect(sheet).to_be_focused()
    page.keyboard.type("Write to *me* at ann@penset-writers.com")
    expect(page.get_by_role("group", name="Hints")).to_contain_text("mail")
    press(page, "Control+p")
    expect(page.locator(".rendered em")).to_have_text("me")
    press(page, "Control+p")
    expect(sheet).to_be_focused()
    expect(sheet).to_have_value("Write to *me* at ann@penset-writers.com")
    press(page, "Escape")
    press(page, "g")
    expect(page.locator("#guidelines")).to_be_focused()
    press(page, "Escape")
    expect(page.locator("#guidelines")).to_be_hidden()
    expect(page.locator("main [href='#guidelines']")).to_be_focused()
    give_back(page, "s", "It would take too long", "Skip it", "Skipped.")
    give_back(page, "b", "It holds private data", "Report it", "Reported.")
    page.keyboard.type("A thin film melts.")
    press(page, "Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Handed in.")
    expect(sheet).to_be_focused()
    press(page, "Escape")
    press_back_to(page, "Take it back")
    page.wait_for_url("**/submissions/*")
    tab_and_press(page, "Withdraw")
    expect(page.get_by_role("main")).to_contain_text("withdrawn")
    tab_and_press(page, page.locator(".me summary").inner_text())
    tab_and_press(page, "My work")
    expect(page.get_by_text("Say of what.").first).to_be_visible()
    tab_and_press(page, "Mend it")
    expect(sheet).to_be_focused()
    press(page, "Control+End")
    page.keyboard.type(" Of water.")
    press(page, "Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Handed in.")
    search(page, "water")
    sign_out(page)
    with site.sessions() as session:
        assert [one.status for one in session.scalars(select(Submission).order_by(Submission.id))] == [
            SubmissionStatus.SUBMITTED,
            SubmissionStatus.WITHDRAWN,
        ]


def give_back(page: Page, key: str, reason: str, button: str, said: str) -> None:
    """Give a prompt back with a reason, from the dialog that a key opens. The next one is on the page then."""
    press(page, "Escape")
    press(page, key)
    press(page, "Tab")
    while page.evaluate(HELD)["words"] != reason:
        press(page, "ArrowDown")
    tab_and_press(page, button)
    expect(page.locator("#messages")).to_contain_text(said)
    expect(page.get_by_label("Your response")).to_be_focused()


def press_back_to(page: Page, words: str) -> None:
    """Press what stands earlier on the page."""
    page.evaluate("document.getElementById('main').focus()")
    tab_and_press(page, words)
