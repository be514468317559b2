"""The doors and the account, as people see them: signing in, joining, tokens, the people of an installation."""

import pytest
from playwright.sync_api import Page, expect

from app.accounts.links import make_link
from app.accounts.models import LinkPurpose, User
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site

NEW_PASSWORD = "a heap of new words"


@pytest.fixture
def operator(site: Site) -> User:
    """Who runs the installation."""
    with site.sessions.begin() as session:
        return factories.user(session, "Otto Operator", is_admin=True)


def link(site: Site, purpose: LinkPurpose, user: User) -> str:
    """The path of a new one-time link."""
    with site.sessions.begin() as session:
        return f"/{purpose}/{make_link(session, purpose, user_id=user.id, made_by=site.admin.id)}"


def sign_in(page: Page, email: str, password: str) -> None:
    """Fill in the sign-in and press its button."""
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_somebody_signs_in_after_a_wrong_password(visit: Visit, site: Site) -> None:
    stranger = visit(None)
    page = stranger.go("/account")
    expect(page).to_have_title("Sign in to Penset · Penset")
    stranger.look("sign-in")
    stranger.expect_refusals(401)
    sign_in(page, site.writer.email, "not the password")
    expect(page.get_by_text("This password does not fit this e-mail.")).to_be_visible()
    stranger.look("sign-in-refused")
    sign_in(page, site.writer.email, factories.PASSWORD)
    expect(page.get_by_role("heading", name="Account")).to_be_visible()
    page.locator("details.me summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Penset")).to_be_visible()


def test_after_sign_out_the_back_button_shows_nothing(visit: Visit, site: Site) -> None:  # S28
    visitor = visit(site.writer)
    page = visitor.go("/account")
    page.locator("details.me summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in to Penset")).to_be_visible()
    assert "Ann Author" not in page.content()


def test_somebody_signs_in_without_scripts(visit: Visit, site: Site) -> None:
    page = visit(None, scripts=False).go("/sign-in?next=/account")
    sign_in(page, site.writer.email, factories.PASSWORD)
    expect(page.get_by_role("heading", name="Account")).to_be_visible()


def test_an_invited_person_joins(visit: Visit, site: Site) -> None:
    with site.sessions.begin() as session:
        newcomer = factories.user(session, "Nia", password_hash=None)
    stranger = visit(None)
    page = stranger.go(link(site, LinkPurpose.INVITE, newcomer))
    assert page.url == f"{site.address}/invite"
    stranger.look("join")
    page.get_by_label("Your name").fill("Nia Newcomer")
    page.get_by_label("Password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url(f"{site.address}/")
    expect(page.locator("details.me summary")).to_contain_text("NN")


def test_a_new_password_is_set_by_a_link_that_then_is_gone(visit: Visit, site: Site) -> None:
    address = link(site, LinkPurpose.RESET, site.writer)
    stranger = visit(None)
    page = stranger.go(address)
    stranger.look("new-password")
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set this password").click()
    page.wait_for_url(f"{site.address}/")
    stranger.expect_refusals(410)
    stranger.go(address)
    expect(page.get_by_text("This link was used or has run out.")).to_be_visible()
    stranger.look("link-gone")
    stranger.go("/forgot")
    stranger.look("forgot")


def test_a_token_is_made_copied_and_revoked(visit: Visit, site: Site) -> None:
    visitor = visit(site.writer)
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.go("/account/tokens")
    visitor.look("tokens-none")
    page.get_by_label("Name").fill("nightly <b>export</b>")
    page.get_by_label("Read and download dataset versions").check()
    page.get_by_role("button", name="Make token").click()
    secret = page.get_by_label("The token", exact=True).inner_text()
    assert secret.startswith("pen_")
    visitor.look("tokens-made")
    page.get_by_role("button", name="Copy the token").click()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    assert page.evaluate("document.cookie") == ""
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("heading", name="No token yet")).to_be_visible()


def test_the_account_as_its_owner_sees_it(visit: Visit, site: Site) -> None:
    visitor = visit(site.writer)
    site.cookie_of(site.writer)
    page = visitor.go("/account")
    visitor.look("account")
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_text("Signed out.", exact=True)).to_be_visible()
    assert page.evaluate("document.cookie") == ""


def test_the_people_of_an_installation(visit: Visit, site: Site, operator: User) -> None:
    with site.sessions.begin() as session:  # whose address is wider than a phone
        factories.user(session, "Lea Long", email=f"{'many.names.' * 5}long@subdomain.of.example.org")
    visitor = visit(operator)
    page = visitor.go("/admin/people")
    page.get_by_label("Name").fill("Nia Newcomer")
    page.get_by_label("E-mail").fill("nia@example.org")
    page.get_by_role("button", name="Make an invitation").click()
    expect(page.get_by_text("Hand this link to nia@example.org")).to_be_visible()
    visitor.look("people")
    page.get_by_role("link", name="Ann Author").click()
    visitor.look("person")
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("button", name="Enable")).to_be_visible()
    visitor.look("person-disabled")
    page.get_by_role("link", name="Erase this person…").click()
    expect(page.get_by_role("heading", name="What stays")).to_be_visible()
    visitor.look("erase-person")
    page.get_by_label("Their e-mail address, to confirm").fill(site.writer.email)
    page.get_by_role("button", name="Erase this person for ever").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    visitor.look("erasing")
