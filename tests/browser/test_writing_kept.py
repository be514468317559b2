"""Nothing that was typed is lost, overwritten unseen, or shown to somebody else: line, server and sign-in may go."""

import pytest
from playwright.sync_api import Dialog, Locator, Page, Request, Route, expect
from sqlalchemy import select, update

from app.accounts.models import User
from app.projects.models import Category
from app.prompts.models import PromptStatus
from app.writing.models import Assignment, Draft
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.visitor import Visitor
from tests.chromium import press
from tests.hostile import rows

SECRET = "My half-finished thought"


@pytest.fixture
def page(writer: Visitor, site: Site) -> Page:
    """The writer's page, with a first sentence that is saved."""
    with site.sessions.begin() as session:
        factories.prompt(session, site.project, site.admin, status=PromptStatus.APPROVED)
    page = writer.go(f"/projects/{site.project.id}/write")
    press(page, "n")
    sheet(page).fill("First.")
    expect(status(page)).to_contain_text("Saved")
    return page


def sheet(page: Page) -> Locator:
    """Where the response is written."""
    return page.get_by_label("Your response")


def status(page: Page) -> Locator:
    """What the page says of saving."""
    return page.locator("[data-save-status]")


def stored(site: Site) -> tuple[str, int]:
    """The draft's text and revision in the database."""
    with site.sessions() as session:
        draft = session.scalars(select(Draft)).one()
    return draft.messages[0]["content"], draft.revision


def chosen(site: Site) -> int | None:
    """The category of the one pair."""
    with site.sessions() as session:
        return session.scalars(select(Assignment.category_id).where(Assignment.is_pair)).one()


def sign_in_again(page: Page, person: User) -> None:
    """Answer the sign-in that stands over the text."""
    dialog = page.get_by_role("dialog", name="Please sign in again")
    dialog.get_by_label("E-mail").fill(person.email)
    dialog.get_by_label("Password").fill(factories.PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()


def test_without_a_line_the_page_says_so_keeps_the_text_and_saves_when_it_is_back(
    writer: Visitor, site: Site, page: Page
) -> None:
    # R22
    writer.expect_broken_line()
    writer.context.set_offline(True)
    sheet(page).fill("First. Second, on a train.")
    expect(status(page)).to_contain_text("Not saved: you are offline. Kept on this device.")
    assert stored(site) == ("First.", 1)
    sheet(page).press_sequentially(" Third.")
    writer.context.set_offline(False)
    writer.until(lambda: stored(site) == ("First. Second, on a train. Third.", 2))
    expect(status(page)).to_contain_text("Saved")


def test_closing_the_tab_warns_while_text_is_not_saved(writer: Visitor, site: Site, page: Page) -> None:
    # R22
    writer.expect_broken_line()
    writer.context.set_offline(True)
    sheet(page).fill(SECRET)
    expect(status(page)).to_contain_text("Not saved")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.close(run_before_unload=True)
    writer.until(lambda: asked == ["beforeunload"])
    expect(sheet(page)).to_have_value(SECRET)
    writer.context.set_offline(False)
    writer.until(lambda: stored(site)[0] == SECRET)


def test_after_the_server_was_started_again_the_text_is_saved_without_a_reload(
    writer: Visitor, site: Site, page: Page
) -> None:
    # R22
    writer.expect_broken_line()
    site.stop()
    sheet(page).fill("First. While the server was away.")
    expect(status(page)).to_contain_text("Not saved: Penset cannot be reached. Kept on this device.")
    site.start()
    writer.until(lambda: stored(site) == ("First. While the server was away.", 2))
    expect(status(page)).to_contain_text("Saved")


def test_text_that_could_not_be_sent_is_there_when_the_page_is_opened_again_in_the_tab(
    writer: Visitor, site: Site, page: Page
) -> None:
    # R23
    writer.expect_broken_line()
    writer.expect_refusals()
    site.stop()
    sheet(page).fill("First. And then the tab was reloaded.")
    expect(status(page)).to_contain_text("Kept on this device")
    page.on("dialog", lambda dialog: dialog.accept())
    site.start()
    page.reload()
    expect(sheet(page)).to_have_value("First. And then the tab was reloaded.")
    writer.until(lambda: stored(site)[0] == "First. And then the tab was reloaded.")


def test_a_page_that_was_drawn_before_the_last_save_arrived_still_shows_what_was_saved(
    writer: Visitor, site: Site, page: Page
) -> None:
    # R23: the reload is answered from the draft before the save that the page was still sending
    writer.expect_refusals()
    saves: list[Request] = []
    sheet(page).fill("First. Typed just before the reload.")
    page.on("dialog", lambda dialog: dialog.accept())

    def answer_late(route: Route) -> None:
        drawn = route.fetch()
        writer.until(lambda: saves != [])
        route.fulfill(response=drawn)

    page.route(page.url, answer_late, times=1)
    page.on("requestfinished", lambda request: saves.append(request) if request.method == "PUT" else None)
    page.reload()
    expect(sheet(page)).to_have_value("First. Typed just before the reload.")
    assert stored(site) == ("First. Typed just before the reload.", 2)


def test_the_same_person_signs_in_over_the_text_and_it_is_saved(writer: Visitor, site: Site, page: Page) -> None:
    # S24
    writer.expect_refusals()
    site.end_sign_ins(site.writer)
    sheet(page).fill(SECRET)
    expect(page.get_by_role("dialog", name="Please sign in again")).to_be_visible()
    expect(sheet(page)).to_have_value(SECRET)
    sign_in_again(page, site.writer)
    writer.until(lambda: stored(site) == (SECRET, 2))
    expect(status(page)).to_contain_text("Saved")
    page.keyboard.type(", finished")
    writer.until(lambda: stored(site) == (SECRET + ", finished", 3))


def test_without_a_script_what_was_sent_after_the_sign_in_ended_is_sent_again(
    writer: Visitor, site: Site, page: Page
) -> None:
    # S24
    writer.expect_refusals()
    site.end_sign_ins(site.writer)
    page.on("dialog", lambda dialog: dialog.accept())
    page.evaluate(
        """(text) => {
          document.querySelector("textarea[name=response]").value = text;
          document.querySelector("form.editor").submit(); // as a button does where no script runs
        }""",
        SECRET,
    )
    expect(page.get_by_role("region", name="What you sent")).to_contain_text(SECRET)
    writer.look("core-posted")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in").click()
    entrance = opened.value
    entrance.get_by_label("E-mail").fill(site.writer.email)
    entrance.get_by_label("Password").fill(factories.PASSWORD)
    entrance.get_by_role("button", name="Sign in").click()
    expect(entrance.get_by_label("Your response")).to_have_value("First.")
    page.bring_to_front()
    page.get_by_role("button", name="Send it again").click()
    expect(page.locator("#messages")).to_contain_text("Handed in.")
    assert stored(site) == (SECRET, 2)


def test_after_signing_in_a_draft_that_moved_on_elsewhere_is_still_not_overwritten(
    writer: Visitor, visit: Visit, site: Site, page: Page
) -> None:
    # S24
    writer.expect_refusals()
    site.end_sign_ins(site.writer)
    sheet(page).fill(SECRET)
    elsewhere = visit(site.writer).go(page.url)
    sheet(elsewhere).fill("Elsewhere.")
    writer.until(lambda: stored(site) == ("Elsewhere.", 2), elsewhere)
    sign_in_again(page, site.writer)
    expect(page.get_by_role("dialog", name="This draft is newer elsewhere")).to_be_visible()
    assert stored(site) == ("Elsewhere.", 2)


def test_another_person_who_signs_in_never_sends_or_sees_the_text(writer: Visitor, site: Site, page: Page) -> None:
    # S25
    writer.expect_refusals(401, 404, 409)
    address = page.url
    site.end_sign_ins(site.writer)
    sheet(page).fill(SECRET)
    sign_in_again(page, site.other_writer)
    expect(status(page)).to_contain_text("you are now signed in as Ben Author")
    sheet(page).press_sequentially("!")
    sheet(page).blur()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/projects/{site.project.id}/write")
    expect(page.get_by_role("main")).to_contain_text("No drafts")
    assert SECRET not in page.content()
    page.goto(address)
    assert SECRET not in page.content()
    assert stored(site) == ("First.", 1)
    writer.sign_in(site.writer)
    page.goto(address)
    writer.until(lambda: stored(site)[0] == SECRET + "!")


def test_in_the_old_tab_of_somebody_else_nothing_is_written(writer: Visitor, site: Site, page: Page) -> None:
    # S26
    writer.expect_refusals()
    writer.sign_in(site.other_writer)
    sheet(page).fill(SECRET)
    expect(status(page)).to_contain_text("You are now signed in as Ben Author")
    assert stored(site) == ("First.", 1)
    expect(sheet(page)).to_have_value(SECRET)


def test_two_tabs_show_both_texts_and_nothing_is_overwritten_unseen(writer: Visitor, site: Site, page: Page) -> None:
    # R20
    writer.expect_refusals()
    newer = writer.go(page.url, writer.tab())
    sheet(newer).fill("From the newer tab.")
    expect(status(newer)).to_contain_text("Saved")
    writer.until(lambda: stored(site) == ("From the newer tab.", 2))
    page.bring_to_front()
    sheet(page).fill("From the older tab.")
    dialog = page.get_by_role("dialog", name="This draft is newer elsewhere")
    expect(dialog).to_contain_text("From the older tab.")
    expect(dialog).to_contain_text("From the newer tab.")
    expect(dialog.locator("mark")).to_have_text(["older", "newer"])
    assert stored(site) == ("From the newer tab.", 2)
    dialog.get_by_role("button", name="Keep both").click()
    writer.until(lambda: stored(site) == ("From the newer tab.\n\nFrom the older tab.", 3), page)


def test_who_looks_at_other_turns_from_elsewhere_still_has_what_was_typed_here(
    writer: Visitor, site: Site, page: Page
) -> None:
    # R20
    writer.expect_refusals()
    newer = writer.go(page.url, writer.tab())
    newer.get_by_role("button", name="Add a turn").click()
    expect(newer.get_by_label("User, turn 2")).to_be_visible()
    page.bring_to_front()
    sheet(page).fill("Two hours of work.")
    page.get_by_role("button", name="Show what is elsewhere").click()
    expect(page.get_by_label("User, turn 2")).to_be_visible()
    waiting = page.get_by_role("alert").filter(has_text="A text of yours was not sent.")
    waiting.get_by_text("Read it").click()
    expect(waiting).to_contain_text("Two hours of work.")
    writer.look("writing-put-aside")
    page.get_by_label("Assistant, turn 3").fill("And then.")
    writer.until(lambda: stored(site)[1] == 3)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    waiting.get_by_role("button", name="Copy it").click()
    expect(waiting.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "Two hours of work."
    page.reload()
    expect(page.get_by_label("Assistant, turn 3")).to_have_value("And then.")
    expect(waiting).to_be_hidden()


def test_what_a_browser_would_fill_in_again_stands_over_nothing_that_was_saved_elsewhere(
    writer: Visitor, site: Site, page: Page
) -> None:
    # R20
    with site.sessions.begin() as session:
        kinds = [Category(project_id=site.project.id, name=name) for name in ("Rhymes", "Recipes")]
        session.add_all(kinds)
        session.flush()
        here, elsewhere = (kind.id for kind in kinds)
    writer.go(f"/projects/{site.project.id}/write")
    press(page, "w")
    page.get_by_label("Rhymes").check()
    writer.until(lambda: chosen(site) == here)
    writer.go("/account")
    with site.sessions.begin() as session:
        session.execute(update(Assignment).where(Assignment.is_pair).values(category_id=elsewhere))
    page.go_back()
    expect(page.get_by_label("Recipes")).to_be_checked()


def test_after_signing_out_the_way_back_shows_no_text_and_no_copy_is_left(
    writer: Visitor, site: Site, page: Page
) -> None:
    # S28
    writer.expect_refusals()
    sheet(page).fill(SECRET)
    writer.until(lambda: stored(site)[0] == SECRET)
    sheet(page).fill(SECRET + "\0")
    expect(status(page)).to_contain_text("holds a NUL character")
    assert SECRET in page.evaluate("JSON.stringify({...sessionStorage})")
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("details.me summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    assert SECRET not in page.evaluate("JSON.stringify({...sessionStorage})")
    page.go_back()
    page.wait_for_url("**/sign-in**")
    assert SECRET not in page.content()


def test_every_text_comes_back_in_the_editor_as_it_was_stored(writer: Visitor, site: Site, page: Page) -> None:
    # I1
    kept = [row for row in rows("text", stored=True) if "\r" not in row.text and len(row.text) < 20_000]
    for start in range(0, len(kept), 99):
        together = kept[start : start + 99]
        together += together[:1] * (1 - len(together) % 2)
        turns = [{"role": "user" if at % 2 else "assistant", "content": row.text} for at, row in enumerate(together)]
        with site.sessions.begin() as session:
            draft = session.scalars(select(Draft)).one()
            draft.messages, draft.revision = turns, draft.revision + 1
        page.reload()
        shown = page.eval_on_selector_all("textarea[name=response]", "fields => fields.map((one) => one.value)")
        assert shown == [row.text for row in together]


def test_carriage_returns_are_not_turned_into_line_ends_unasked(writer: Visitor, site: Site, page: Page) -> None:
    # I1
    with site.sessions.begin() as session:
        draft = session.scalars(select(Draft)).one()
        draft.messages, draft.revision = factories.answered("one\rtwo\r\nthree"), 2
    page.reload()
    sheet(page).press("End")
    sheet(page).press_sequentially("!")
    expect(status(page)).to_contain_text("this text holds carriage returns")
    assert stored(site) == ("one\rtwo\r\nthree", 2)
    page.get_by_role("button", name="Save with line breaks").click()
    writer.until(lambda: stored(site)[1] == 3)
    assert stored(site)[0].count("\r") == 0
