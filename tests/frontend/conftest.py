"""A real browser and a desk of its own for every test of a script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.chromium import PATIENCE, chromium
from tests.frontend.desk import Desk, serving


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests here."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile of this test alone."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A server with one draft, "Once", at revision 1, of Ada, who is signed in."""
    with serving() as desk:
        yield desk
