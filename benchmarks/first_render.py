"""How soon a writer sees the page on which they write: in a real Chromium, with an empty cache and with a full one.

Run: .venv/bin/python -m benchmarks.first_render
"""

import os
import shutil

import httpx2 as httpx
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks.measure import show
from benchmarks.site import Site, site

PAINT = """() => new Promise((done) => new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (one.name === "first-contentful-paint") done(one.startTime);
}).observe({ type: "paint", buffered: true }))"""


def measured(here: Site, browser: Browser, times: int = 20) -> dict[str, list[float]]:
    """Milliseconds until the first text is drawn, and until an empty route has answered."""
    assignment = here.client.post(f"/api/v1/projects/{here.project_id}/assignments", json={}).json()
    address = f"{here.settings.public_url}/write/{assignment['id']}"
    taken: dict[str, list[float]] = {"first visit": [], "later visit": [], "empty route": []}
    rendered(signed_in(here, browser, here.client), address)  # the server is warm from here on
    for _ in range(times):
        context = signed_in(here, browser, here.client)
        taken["first visit"].append(rendered(context, address))
        taken["later visit"].append(rendered(context, address))
        taken["empty route"].append(rendered(context, f"{here.settings.public_url}/health/live"))
        context.close()
    return taken


def signed_in(here: Site, browser: Browser, person: httpx.Client) -> BrowserContext:
    """A browser profile with nothing in its cache, in which this person is signed in."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    name = here.settings.cookie_name
    value = person.headers["Cookie"].removeprefix(f"{name}=")
    context.add_cookies([{"name": name, "value": value, "url": here.settings.public_url, "httpOnly": True}])
    return context


def rendered(context: BrowserContext, address: str) -> float:
    """Milliseconds from the request to the first text on the screen, as the browser itself measures it."""
    page = context.new_page()
    page.goto(address)
    milliseconds: float = page.evaluate(PAINT)
    page.close()
    return milliseconds


def main() -> None:
    """Measure on a warm server."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with site(100) as here, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path)
        show("First render", {"the page on which people write": measured(here, browser)}, yardstick="empty route")
        browser.close()


if __name__ == "__main__":
    main()
