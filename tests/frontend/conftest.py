"""A real browser and a desk of its own for every test of a script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.chromium import chromium
from tests.frontend.desk import Desk, Server, serving
from tests.profiles import Profile, Profiles

WIDE = {"width": 1280, "height": 800}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests here."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server for the desks of all tests here, one after another."""
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def profiles(browser: Browser, server: Server) -> Profiles:
    """Browser profiles for whoever sits at a desk."""
    return Profiles(browser, server.address)


@pytest.fixture
def context(profiles: Profiles, desk: Desk) -> Iterator[BrowserContext]:
    """A browser profile in which nobody was before."""
    profile = profiles.take(viewport=WIDE)
    yield profile.context
    profile.context.set_offline(True)  # what a page sends when it is closed would reach the next desk
    profiles.give_back(profile, viewport=WIDE)


@pytest.fixture
def own_context(browser: Browser, desk: Desk) -> Iterator[BrowserContext]:
    """A browser profile of this test alone, for one whose clock stands still."""
    profile = Profile(browser, desk.address, viewport=WIDE)
    yield profile.context
    profile.context.close()


@pytest.fixture
def desk(server: Server) -> Iterator[Desk]:
    """A server with one draft, "Once", at revision 1, of Ada, who is signed in."""
    yield server.begin()
    server.clear()
