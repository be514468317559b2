"""How long from the key that hands in or decides until the next text is on the screen: in a real Chromium.

Run: .venv/bin/python -m benchmarks.next_item
"""

import os
import shutil

from playwright.sync_api import BrowserContext, Page, sync_playwright

from app.accounts.models import Role
from benchmarks.first_render import rendered, signed_in
from benchmarks.measure import show
from benchmarks.site import Site, site

TIMES = 30
WAITING = 200
# The key's own time; kept for the page that follows, which has a clock that begins anew.
PRESSED = """() => addEventListener("keydown", (event) => {
  if (event.key.length > 1 && !event.ctrlKey) return;
  sessionStorage.setItem("pressed", String(performance.timeOrigin + event.timeStamp));
}, { capture: true })"""
PAINTED = """() => new Promise((done) => new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (one.name === "first-contentful-paint")
    done(performance.timeOrigin + one.startTime - Number(sessionStorage.getItem("pressed")));
}).observe({ type: "paint", buffered: true }))"""
# Until another form stands there and the frame with it has been drawn.
SWAPPED = """() => {
  const before = document.querySelector("form[aria-label=Review]").action;
  window.swapped = new Promise((done) => {
    const taken = () => performance.timeOrigin + performance.now() - Number(sessionStorage.getItem("pressed"));
    const look = () => {
      const now = document.querySelector("form[aria-label=Review]");
      if (!now || now.action === before) return requestAnimationFrame(look);
      requestAnimationFrame(() => done(taken()));
    };
    look();
  });
}"""


def handed_in(here: Site, context: BrowserContext) -> list[float]:
    """Milliseconds from Ctrl+Enter, some words in the editor, to the first text of the next prompt's page."""
    page = context.new_page()
    page.add_init_script(f"({PRESSED})()")
    assignment = here.client.post(f"/api/v1/projects/{here.project_id}/assignments", json={}).json()
    page.goto(f"{here.settings.public_url}/write/{assignment['id']}")
    return [one_handed_in(page, number) for number in range(TIMES)]


def one_handed_in(page: Page, number: int) -> float:
    """Write, hand in, and wait for the next."""
    page.wait_for_load_state()
    page.locator("form.editor textarea").first.fill(f"Answer {number}: that is so, since it was measured before.")
    here = page.url
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url != here)
    taken: float = page.evaluate(PAINTED)
    return taken


def decided(here: Site, context: BrowserContext) -> list[float]:
    """Milliseconds from `a` to the next submission on the screen."""
    page = context.new_page()
    page.add_init_script(f"({PRESSED})()")
    page.goto(f"{here.settings.public_url}/projects/{here.project_id}/review")
    page.get_by_role("button", name="Take the next one").click()
    page.get_by_role("form", name="Review").wait_for()
    return [one_decided(page) for _ in range(TIMES)]


def one_decided(page: Page) -> float:
    """Rate, approve, and wait for the next."""
    page.wait_for_load_state()
    page.keyboard.type("555")
    page.keyboard.press("Escape")
    page.evaluate(SWAPPED)
    page.keyboard.press("a")
    taken: float = page.evaluate("() => window.swapped")
    return taken


def main() -> None:
    """Measure one writer and one reviewer, nobody else at work."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with site(2 * WAITING) as here, sync_playwright() as driver, here.people(1, Role.REVIEWER) as reviewers:
        here.hand_in_all(WAITING)
        browser = driver.chromium.launch(executable_path=path)
        writer, reviewer = signed_in(here, browser, here.client), signed_in(here, browser, reviewers[0])
        empty = [rendered(writer, f"{here.settings.public_url}/health/live") for _ in range(TIMES)]
        rows = {
            "hand in: the next prompt": {"key to screen": handed_in(here, writer), "empty route": empty},
            "approve: the next submission": {"key to screen": decided(here, reviewer), "empty route": empty},
        }
        show("From the key to the next text", rows, yardstick="empty route")
        browser.close()


if __name__ == "__main__":
    main()
