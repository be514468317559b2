"""The ground of the browser tests: a live site, and people with real browsers that complain of nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.accounts.models import User
from tests.browser.site import Site, serving
from tests.browser.visitor import Visitor
from tests.chromium import chromium

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


@pytest.fixture
def site(own_database: str, tmp_path: Path) -> Iterator[Site]:
    """A project with an admin, two writers and a reviewer, on a live site of this test alone."""
    with serving(own_database, tmp_path) as site:
        yield site


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visit]:
    """Open a browser for somebody: `visit(site.writer)`, `visit(None)`, `visit(site.writer, scripts=False)`,
    `visit(site.writer, phone=True)`.

    At the end no console error, no report of the content policy and no request to another site may have come up.
    """
    visitors: list[Visitor] = []

    def visiting(person: User | None, *, scripts: bool = True, phone: bool = False) -> Visitor:
        visitors.append(Visitor(browser, site, person, scripts=scripts, phone=phone))
        return visitors[-1]

    yield visiting
    complaints = [complaint for visitor in visitors for complaint in visitor.close()]
    assert complaints == []


@pytest.fixture
def writer(visit: Visit, site: Site) -> Visitor:
    """The first writer's browser."""
    return visit(site.writer)
