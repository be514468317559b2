"""A person's real browser: what they do, what it complains of, and how a page looks in it."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from playwright.sync_api import BrowserContext, ConsoleMessage, Frame, Page, ViewportSize

from app.accounts.models import User
from tests.browser.site import AXE_ADDRESS, Site
from tests.chromium import OF_THE_VIEW, PATIENCE, SERIOUS, until

SCREENSHOTS = Path(__file__).resolve().parents[2] / "screenshots"
WIDE = ViewportSize(width=1280, height=800)
NARROW = ViewportSize(width=390, height=844)
# A browser writes each refused answer into its console. Those that a test provokes are no complaint.
UNREACHED = re.compile(r"Failed to load resource: net::ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED|EMPTY_RESPONSE)")
# Who leaves a page ends what it asks for, and htmx says so. Of a broken line the browser itself complains as well.
LEFT = re.compile(r"^htmx: htmx:error: Failed to fetch TypeError: Failed to fetch\b")

# Our own pages have no handlers, no frames, and of htmx only what is named here.
INTRUSIONS = r"""() => {
  const found = window.__pwned ? ["a script ran"] : [];
  const ours = /^hx-(get|post|include|select|swap|target|encoding|headers|sync|trigger)$/;
  const program = /^\s*(javascript|data|vbscript):/i;
  for (const one of document.querySelectorAll("*")) {
    const tag = one.localName;
    if (/^(iframe|object|embed|base|marquee|style|math|xss|video|audio)$/.test(tag)) found.push(tag);
    if (tag === "script" && !one.src.startsWith(`${location.origin}/static/`)) found.push("script");
    for (const { name, value } of one.attributes) {
      const said = `${tag} ${name}=${value}`;
      if (/^on|^_$|^data-hx-/.test(name) || (name.startsWith("hx-") && !ours.test(name))) found.push(said);
      const when =
        /^(every \d+s|load|(load, )?change(, input delay:500ms)?|intersect once|toggle from:closest details once)$/;
      if (name === "hx-trigger" && !when.test(value)) found.push(said);
      if (/^hx-(get|post)$/.test(name) && !/^\/[a-z][\w\/?=&.-]*$/.test(value)) found.push(said);
      if (/^(href|src|action|formaction|srcset)$/.test(name) && program.test(value)) found.push(said);
      if (name === "hx-get" && value === "/health/ready") found.push(said);
    }
  }
  return found;
}"""


class Visitor:
    """One browser profile in which somebody is signed in, with one open page, `page`."""

    def __init__(self, context: BrowserContext, site: Site, person: User | None) -> None:
        self.site = site
        self.complaints: list[str] = []
        self.expected: list[re.Pattern[str]] = [LEFT]
        self.context = context
        if person:
            self.sign_in(person)
        self.page = self.tab()

    def sign_in(self, person: User) -> None:
        """Put this person's session into the profile, in place of another's."""
        name = self.site.settings.cookie_name
        cookie = self.site.cookie_of(person)
        self.context.add_cookies([{"name": name, "value": cookie, "url": self.site.address, "httpOnly": True}])

    def tab(self) -> Page:
        """A new tab of the same profile."""
        page = self.context.new_page()
        page.on("console", self._look_at_console)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("framenavigated", self._look_at_address)
        return page

    def go(self, address: str, page: Page | None = None) -> Page:
        """Open a page of the site."""
        page = page or self.page
        page.goto(address)
        return page

    def expect_refusals(self, *statuses: int) -> None:
        """From here on the test itself provokes refused answers of these statuses."""
        for status in statuses or (401, 409, 422):
            said = f"Failed to load resource: the server responded with a status of {status} "
            self.expected.append(re.compile(re.escape(said)))

    def expect_broken_line(self) -> None:
        """From here on the test itself cuts the line or stops the site."""
        self.expected.append(UNREACHED)

    def until(self, so: Callable[[], bool], page: Page | None = None, seconds: float = PATIENCE / 1000) -> None:
        """Let the page go on until it is so."""
        until(page or self.page, so, seconds)

    def intrusions(self, page: Page | None = None) -> list[str]:
        """What somebody only wrote and yet is alive on a page: a script that ran, a handler, an attribute of htmx."""
        found: list[str] = (page or self.page).evaluate(INTRUSIONS)
        return found

    def look(self, name: str, page: Page | None = None) -> None:
        """How the page looks, wide in light and narrow in dark: nothing overflows, axe-core finds nothing serious.

        What does not depend on the view, such as roles and ids, is looked at once.
        """
        page = page or self.page
        for view in (WIDE, NARROW):
            page.set_viewport_size(view)
            theme: Literal["light", "dark"] = "light" if view is WIDE else "dark"
            page.emulate_media(color_scheme=theme)
            self.shoot(page, f"{name}-{view['width']}-{theme}")
            assert overflow(page) == [], f"{name} at {view['width']}"
            rules = None if view is WIDE else OF_THE_VIEW
            assert findings(page, rules) == [], f"{name} at {view['width']}, {theme}"
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light")

    def shoot(self, page: Page, name: str) -> None:
        """Leave a screenshot for people who asked for it: drawing them takes a while."""
        if not os.environ.get("SCREENSHOTS"):
            return
        SCREENSHOTS.mkdir(exist_ok=True)
        # With the caret as it is: hiding it leaves empty style attributes on the page, and htmx copies attributes.
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True, caret="initial")

    def _look_at_console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if not any(pattern.search(message.text) for pattern in self.expected):
            self.complaints.append(f"console: {message.text}")

    def _look_at_address(self, frame: Frame) -> None:
        """Other sites cannot be reached (tests/chromium.py): what a page asks of them is in its console."""
        if not frame.url.startswith((self.site.address + "/", "about:", "blob:")) and UNREACHED not in self.expected:
            self.complaints.append(f"left the site: {frame.url}")


def overflow(page: Page) -> list[str]:
    """Elements that make the page wider than its window."""
    wide: list[str] = page.evaluate(
        """() => document.scrollingElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
        .map((one) => `${one.tagName} ${one.className}`)"""
    )
    return wide


def findings(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe-core finds that is serious or critical, by these rules or by all: rule and element."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(url=AXE_ADDRESS)
    found: list[str] = page.evaluate(SERIOUS, rules)
    return found
