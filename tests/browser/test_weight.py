"""What a writer waits for: how many bytes the page on which they write has, and that nothing on it jumps."""

import json
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, update

from app.prompts.models import PromptStatus
from app.writing.models import Draft
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.visitor import Visitor

MOST = 150_000
SHIFTS = """() => {
  window.shifts = [];
  const words = ({ node }) => node?.outerHTML ?? node?.textContent;
  const what = ({ value, sources }) => [value, ...sources.map(words)];
  new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map(what)))
    .observe({ type: "layout-shift", buffered: true });
}"""


@pytest.fixture
def address(site: Site) -> str:
    """Where the writer goes on with a text of some length."""
    with site.sessions.begin() as session:
        asked = factories.prompt(
            session, site.project, site.admin, "Why is ice *so* slippery?", status=PromptStatus.APPROVED
        )
        written = factories.assignment(session, asked, site.writer, "A thin film of it melts. " * 40)
        session.execute(update(Draft).values(saved_at=func.now() - timedelta(minutes=5)))
        return f"/write/{written.id}"


@pytest.fixture
def writer(visit: Visit, site: Site) -> Visitor:
    """The writer's browser, which nothing of the site has reached yet."""
    return visit(site.writer, first=True)


def test_the_page_on_which_people_write_weighs_less_than_150_kb_with_its_fonts(writer: Visitor, address: str) -> None:
    received = weights(writer.page)
    writer.go(address).wait_for_load_state("networkidle")
    assert sum(received.values()) < MOST, json.dumps(received, indent=1)
    assert len([name for name in received if ".woff2" in name]) == 2, "each face once"
    received.clear()
    writer.page.reload()
    writer.page.wait_for_load_state("networkidle")
    assert [name for name in received if "/static/" in name and received[name]] == [], "all of it is kept"


def weights(page: Page) -> dict[str, int]:
    """Bytes as they come over the line, heads and packed bodies, by address."""
    received: dict[str, int] = {}
    addresses: dict[str, str] = {}
    line = page.context.new_cdp_session(page)

    def answered(event: dict[str, Any]) -> None:
        addresses[event["requestId"]] = event["response"]["url"]

    def finished(event: dict[str, Any]) -> None:
        received[addresses.get(event["requestId"], event["requestId"])] = event["encodedDataLength"]

    line.on("Network.responseReceived", answered)
    line.on("Network.loadingFinished", finished)
    line.send("Network.enable")
    return received


@pytest.mark.parametrize("held", [False, True], ids=["at once", "late"])
def test_nothing_moves_when_the_fonts_come(writer: Visitor, address: str, held: bool) -> None:
    waiting: list[Route] = []
    if held:
        writer.page.route("**/*.woff2*", lambda route: waiting.append(route))
    writer.page.add_init_script(f"({SHIFTS})()")
    page = writer.page
    page.goto(address, wait_until="commit")
    expect(page.get_by_label("Your response")).to_be_focused()
    drawn = "performance.getEntriesByName('first-contentful-paint').length"
    writer.until(lambda: bool(page.evaluate(drawn)))
    for route in waiting:
        route.continue_()
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    assert (len(waiting) > 0) is held
    assert page.evaluate("window.shifts") == []
