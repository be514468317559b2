"""The ground of the browser tests: a live site, and people with real browsers that complain of nothing."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.accounts.models import User
from tests.browser.site import Site, held_port, serving
from tests.browser.visitor import NARROW, WIDE, Visitor
from tests.chromium import chromium
from tests.profiles import Profile, Profiles

Visit = Callable[..., Visitor]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs Chromium."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests here."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    """Where the sites of all tests here serve, one after another."""
    with held_port() as port:
        yield port


@pytest.fixture(scope="session")
def profiles(browser: Browser, port: int) -> Profiles:
    """Browser profiles for whoever visits."""
    return Profiles(browser, f"http://127.0.0.1:{port}")


@pytest.fixture
def site(own_database: str, tmp_path: Path, port: int) -> Iterator[Site]:
    """A project with an admin, two writers and a reviewer, on a live site of this test alone."""
    with serving(own_database, tmp_path, port) as site:
        yield site


@pytest.fixture
def visit(browser: Browser, profiles: Profiles, site: Site) -> Iterator[Visit]:
    """Open a browser for somebody: `visit(site.writer)`, `visit(None)`, `visit(site.writer, scripts=False)`,
    `visit(site.writer, phone=True)`, `visit(site.writer, first=True)` for a browser that has nothing of the site.

    At the end no console error, no report of the content policy and no way to another site may have come up.
    """
    with ExitStack() as ends:
        visitors: list[Visitor] = []

        def visiting(person: User | None, *, scripts: bool = True, phone: bool = False, first: bool = False) -> Visitor:
            options = {
                "viewport": NARROW if phone else WIDE, "has_touch": phone, "is_mobile": phone,
                "java_script_enabled": scripts, "reduced_motion": "reduce",
            }  # fmt: skip
            profile = Profile(browser, site.address, **options) if first else profiles.take(**options)
            ends.callback(profile.context.close if first else partial(profiles.give_back, profile, **options))
            visitors.append(Visitor(profile.context, site, person))
            return visitors[-1]

        yield visiting
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.fixture
def writer(visit: Visit, site: Site) -> Visitor:
    """The first writer's browser."""
    return visit(site.writer)
