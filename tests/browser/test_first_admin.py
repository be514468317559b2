"""The first page of a fresh installation: from the one-time link to a project of one's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.accounts.service import make_first_admin_link
from tests.browser.conftest import Visit
from tests.browser.site import Site, serving


@pytest.fixture
def site(own_database: str, tmp_path: Path, port: int) -> Iterator[Site]:
    """A site on which nobody has an account."""
    with serving(own_database, tmp_path, port, fresh=True) as site:
        yield site


def test_whoever_has_the_link_becomes_the_administrator_and_makes_a_project(visit: Visit, site: Site) -> None:  # S8
    with site.sessions.begin() as session:
        token = make_first_admin_link(session)
    stranger = visit(None)
    page = stranger.go(f"/first-admin/{token}")
    assert page.url == f"{site.address}/first-admin"
    stranger.look("first-admin")
    page.get_by_label("Your name").fill("Fay First")
    page.get_by_label("E-mail").fill("fay@example.org")
    page.get_by_label("Password").fill("a heap of new words")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator("details.me summary")).to_contain_text("FF")
    assert page.url == f"{site.address}/"
    stranger.go("/projects/new")
    stranger.look("projects-new")
    page.get_by_label("Name").fill("Support")
    page.get_by_role("button", name="Make").click()
    expect(page.get_by_role("link", name="Support").first).to_be_visible()
