"""Where is a real Chromium, and how does a test open a page in it?"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.waiting import wait_until

AXE = Path(__file__).parent / "vendor/axe-core/axe.min.js"
# All rules run; the elements that break none are not described, which takes as long as the rules themselves.
VIOLATIONS = "axe.run({ resultTypes: ['violations'] }).then((result) => result.violations)"
# The same for rules of weight alone, or for some of these: each finding is a rule and an element.
SERIOUS = """(only) => {
  const grave = axe._audit.rules.filter((rule) => rule.enabled && ["serious", "critical"].includes(rule.impact));
  const values = grave.map((rule) => rule.id).filter((id) => !only || only.includes(id));
  return axe.run({ preload: false, reporter: "raw", runOnly: { type: "rule", values } }).then(
    (rules) => rules.flatMap(({ id, violations }) => violations.map(({ node }) => `${id}: ${node.selector}`)));
}"""
# What a narrow window or a dark theme can break: what is seen, and names of which a part is hidden then.
OF_THE_VIEW = [
    "color-contrast", "link-in-text-block", "scrollable-region-focusable", "button-name", "link-name", "label",
]  # fmt: skip
# How long a busy machine may take for what a test waits for, in ms.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
RUNNING: list[Browser] = []
# The shell is Chromium without windows of its own: the same engine for half the processor time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
# A frame, its compositor and its surfaces stay from one page of a site to the next: to make them anew was a third of
# what opening a page took. Only the last list counts, so the others are those that Playwright itself goes without.
WITHOUT = (
    "RenderDocument",
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "PreconnectToSearch",
)  # fmt: skip
# Nothing but this machine has an address. Tabs of a profile share a process, since starting one is dear.
ARGUMENTS = [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--renderer-process-limit=1",
    f"--disable-features={','.join(WITHOUT)}",
]  # fmt: skip
HOW = f"Chromium is missing: apt-get install -y --no-install-recommends {NAMES[0]} fonts-liberation"


def executable() -> str:
    """The path of Chromium. The test is skipped with the command that brings it, but fails where CI promises it."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found and os.environ.get("CI") == "true":
        pytest.fail(HOW)
    if not found:
        pytest.skip(HOW)
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser, gone when the one who asked first is done: playwright runs once in a process."""
    if RUNNING:
        yield RUNNING[0]
        return
    path = executable()
    with sync_playwright() as playwright:
        RUNNING.append(playwright.chromium.launch(executable_path=path, args=ARGUMENTS))
        yield RUNNING[0]
        RUNNING.pop().close()


def watched(context: BrowserContext) -> tuple[Page, list[str]]:
    """A new page, and what its console complains of: errors, warnings and reports of the content policy."""
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return page, said


def press(page: Page, key: str) -> None:
    """Press a key once the page has loaded: before, its scripts do not listen."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def until(page: Page, so: Callable[[], bool], seconds: float = PATIENCE / 1000) -> None:
    """Let the page go on until it is so."""
    wait_until(so, seconds, lambda: page.wait_for_timeout(100))


def findings(page: Page) -> list[str]:
    """What axe-core finds on the page: rule and element."""
    page.evaluate(AXE.read_text())
    return [f"{one['id']}: {node['target']}" for one in page.evaluate(VIOLATIONS) for node in one["nodes"]]
