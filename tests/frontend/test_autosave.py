"""What a person writes is kept: saved soon, never lost, never sent as somebody else's, never overwriting unseen."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Dialog, Locator, Page, Route, expect

from tests.chromium import press, until, watched
from tests.frontend.desk import Desk

pytestmark = pytest.mark.browser
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TEXT = "\n  Bread 🍞 e\u0301 \u202eabc\u202c, \u2028 and so on.  \n"


def opened(context: BrowserContext, desk: Desk) -> Page:
    """The writing page, ready."""
    page, _ = watched(context)
    page.goto(f"{desk.address}/write")
    return page


def sheet(page: Page) -> Any:
    """The text that the person writes."""
    return page.get_by_label("Your response")


def status(page: Page) -> Any:
    """What the page says of saving."""
    return page.locator("[data-save-status]")


def opened_with_stopped_clock(context: BrowserContext, desk: Desk) -> Page:
    """The writing page, whose timers run only when the test lets time pass."""
    page, _ = watched(context)
    page.clock.install(time=NOON)
    page.goto(f"{desk.address}/write")
    page.clock.pause_at(NOON + timedelta(minutes=1))
    return page


def test_two_seconds_after_the_last_key_the_text_is_stored_byte_for_byte(
    own_context: BrowserContext, desk: Desk
) -> None:
    page = opened_with_stopped_clock(own_context, desk)
    sheet(page).fill(TEXT)
    assert desk.heard == []
    page.clock.run_for(2000)
    until(page, lambda: desk.text == TEXT)
    expect(status(page)).to_contain_text("Saved")
    expect(page.locator("input[name=revision]")).to_have_value("2")
    assert desk.heard == [
        {
            "messages": [{"role": "assistant", "content": TEXT}],
            "prompt": None,
            "caret": len(TEXT),
            "revision": 1,
            "user_id": 7,
        }
    ]


def test_leaving_the_field_saves_and_an_unchanged_text_is_not_sent(own_context: BrowserContext, desk: Desk) -> None:
    page = opened_with_stopped_clock(own_context, desk)
    sheet(page).focus()
    sheet(page).blur()
    sheet(page).fill("Twice")
    sheet(page).blur()
    until(page, lambda: desk.text == "Twice")
    assert len(desk.heard) == 1


def test_who_never_pauses_is_saved_within_five_seconds(own_context: BrowserContext, desk: Desk) -> None:
    page = opened_with_stopped_clock(own_context, desk)
    for _ in range(11):
        sheet(page).press_sequentially("a")
        page.clock.run_for(500)
    until(page, lambda: desk.revision > 1)


def test_offline_it_says_so_keeps_the_text_and_sends_it_when_the_line_is_back(
    context: BrowserContext, desk: Desk
) -> None:
    page = opened(context, desk)
    context.set_offline(True)
    sheet(page).fill("Written on a train")
    expect(status(page)).to_have_text("Not saved: you are offline. Kept on this device.")
    context.set_offline(False)
    until(page, lambda: desk.text == "Written on a train")
    expect(status(page)).to_contain_text("Saved")


def test_a_busy_server_is_asked_again(context: BrowserContext, desk: Desk) -> None:
    page = opened(context, desk)
    desk.mood = "busy"
    sheet(page).fill("Patience")
    expect(status(page)).to_have_text("Not saved: Penset is busy. Kept on this device.")
    desk.mood = ""
    until(page, lambda: desk.text == "Patience")


def test_a_line_that_never_answers_is_given_up_told_and_tried_again(own_context: BrowserContext, desk: Desk) -> None:
    page = opened_with_stopped_clock(own_context, desk)
    desk.mood = "silent"
    sheet(page).fill("Into the void")
    page.clock.run_for(1000)
    until(page, lambda: len(desk.heard) == 1)
    page.clock.run_for(1000)
    expect(status(page)).to_contain_text("Saving…")
    page.clock.run_for(30_000)
    expect(status(page)).to_have_text("Not saved: Penset does not answer. Kept on this device.")
    desk.mood = ""
    page.clock.run_for(2000)
    until(page, lambda: desk.text == "Into the void")
    expect(status(page)).to_contain_text("Saved")


def test_a_server_that_names_the_hour_until_which_it_is_busy_is_not_asked_without_a_pause(
    own_context: BrowserContext, desk: Desk
) -> None:
    page = opened_with_stopped_clock(own_context, desk)
    desk.mood, desk.retry_after = "busy", "Tue, 24 Nov 2099 12:00:00 GMT"
    sheet(page).fill("Patience")
    page.clock.run_for(1000)
    expect(status(page)).to_have_text("Not saved: Penset is busy. Kept on this device.")
    page.clock.run_for(60_000)
    assert len(desk.heard) == 1
    desk.mood = ""
    page.clock.run_for(300_000)
    until(page, lambda: desk.text == "Patience")


def test_what_no_other_text_would_mend_is_said_and_can_be_copied(context: BrowserContext, desk: Desk) -> None:
    page = opened(context, desk)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    refusals = [("proxy", "it is larger than the server takes (413)."), ("over", "This was handed in already.")]
    for desk.mood, reason in refusals:
        sheet(page).fill(f"What the {desk.mood} does not take")
        expect(status(page)).to_contain_text(f"Not saved: {reason} Kept on this device.")
        status(page).get_by_role("button", name="Copy it").click()
        expect(status(page).get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == f"What the {desk.mood} does not take"
    expect(status(page).get_by_role("link", name="See what became of it")).to_have_attribute("href", "/write")


def test_a_browser_that_lets_no_page_keep_anything_saves_and_hands_in_all_the_same(
    context: BrowserContext, desk: Desk
) -> None:
    page, said = watched(context)
    page.add_init_script("Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('forbidden'); } })")
    page.goto(f"{desk.address}/write")
    sheet(page).fill("Twice")
    until(page, lambda: desk.text == "Twice")
    expect(status(page)).to_contain_text("Saved")
    sheet(page).fill("Thrice")
    press(page, "Control+Enter")
    page.wait_for_url("**/done")
    assert desk.handed_in[0]["response"] == ["Thrice"]
    assert [one for one in said if "404" not in one] == []


def test_what_is_typed_before_the_scripts_have_come_is_saved_and_takes_no_place_of_unsent_text(
    context: BrowserContext, desk: Desk
) -> None:
    page = opened(context, desk)
    desk.mood = "busy"
    sheet(page).fill("Unsent from before")
    expect(status(page)).to_contain_text("Kept on this device.")
    page.on("dialog", lambda dialog: dialog.accept())
    held: list[Route] = []
    page.route("**/*.js*", lambda route: held.append(route))
    page.reload(wait_until="commit")
    sheet(page).press("End")
    sheet(page).press_sequentially(" upon")
    for script in held:
        script.continue_()
    page.unroute("**/*.js*")
    until(page, lambda: desk.heard[-1]["messages"][0]["content"] == "Once upon")
    desk.mood = ""
    until(page, lambda: desk.text == "Once upon")
    expect(page.get_by_role("alert")).to_contain_text("A text of yours was not sent.")
    expect(page.get_by_role("alert")).to_contain_text("Unsent from before")


def test_how_long_ago_it_was_saved_is_right_on_a_computer_whose_clock_is_wrong(
    own_context: BrowserContext, desk: Desk
) -> None:
    desk.saved_at = datetime.now(UTC) - timedelta(minutes=2)
    page = opened_with_stopped_clock(own_context, desk)
    expect(status(page)).to_contain_text("Saved 2 min ago")


def test_leaving_with_unsent_text_warns_and_the_text_is_there_when_the_page_comes_back(
    context: BrowserContext, desk: Desk
) -> None:
    page = opened(context, desk)
    desk.mood = "busy"
    sheet(page).fill("Not sent yet")
    expect(status(page)).to_contain_text("Kept on this device.")
    warned: list[str] = []

    def leave(dialog: Dialog) -> None:
        warned.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.reload()
    assert warned == ["beforeunload"]
    expect(sheet(page)).to_have_value("Not sent yet")
    desk.mood = ""
    until(page, lambda: desk.text == "Not sent yet")


def test_a_save_whose_answer_was_lost_is_not_a_conflict(context: BrowserContext, desk: Desk) -> None:
    page = opened(context, desk)
    desk.mood = "lost"
    sheet(page).fill("Stored, but nobody heard")
    until(page, lambda: len(desk.heard) == 2)
    expect(page.locator("input[name=revision]")).to_have_value("2")
    expect(status(page)).to_contain_text("Saved")
    assert page.locator("dialog[open]").count() == 0


def test_who_types_on_after_a_lost_answer_is_not_asked_and_each_key_counts_once(
    context: BrowserContext, desk: Desk
) -> None:
    desk.counts = True
    page = opened(context, desk)
    desk.mood = "lost"
    sheet(page).press("End")
    sheet(page).press_sequentially(" upon")
    sheet(page).blur()
    until(page, lambda: desk.text == "Once upon")
    sheet(page).press_sequentially(" a time")
    until(page, lambda: desk.text == "Once upon a time")
    expect(status(page)).to_contain_text("Saved")
    assert desk.keystrokes == len(" upon a time")
    assert page.locator("dialog[open]").count() == 0


@pytest.mark.parametrize(
    ("button", "kept"),
    [
        ("Keep what is here", "From this window"),
        ("Keep what is elsewhere", "From the other window"),
        ("Keep both", "From the other window\n\nFrom this window"),
    ],
)
def test_a_draft_that_is_newer_elsewhere_is_overwritten_only_by_choice(
    context: BrowserContext, desk: Desk, button: str, kept: str
) -> None:
    page = opened(context, desk)
    desk.move_on("From the other window")
    sheet(page).fill("From this window")
    asked = page.get_by_role("dialog", name="This draft is newer elsewhere")
    expect(asked.get_by_role("region", name="Here, not saved")).to_have_text("From this window")
    expect(asked.get_by_role("region", name="Saved elsewhere")).to_have_text("From the other window")
    assert desk.text == "From the other window"
    asked.get_by_role("button", name=button).click()
    expect(sheet(page)).to_have_value(kept)
    until(page, lambda: desk.text == kept)
    expect(status(page)).to_contain_text("Saved")


def test_an_undecided_conflict_keeps_both_texts_and_can_be_decided_later(context: BrowserContext, desk: Desk) -> None:
    page = opened(context, desk)
    desk.move_on("From the other window")
    sheet(page).fill("From this window")
    page.get_by_role("dialog", name="This draft is newer elsewhere").wait_for()
    press(page, "Escape")
    expect(sheet(page)).to_have_value("From this window")
    expect(status(page)).to_contain_text("newer elsewhere")
    assert desk.text == "From the other window"
    page.get_by_role("button", name="Compare the two").click()
    page.get_by_role("button", name="Keep what is here").click()
    until(page, lambda: desk.text == "From this window")


def left_unsent(page: Page, desk: Desk, text: str) -> None:
    """Type what cannot be sent, save something else elsewhere, and load the page again."""
    desk.mood = "busy"
    sheet(page).fill(text)
    expect(status(page)).to_contain_text("Kept on this device.")
    desk.move_on("Written on the other computer")
    desk.mood = ""
    page.reload()


def test_an_unsent_text_that_is_taken_up_again_overwrites_nothing_until_its_writer_has_chosen(
    context: BrowserContext, desk: Desk
) -> None:
    # R20
    page = opened(context, desk)
    page.on("dialog", lambda dialog: dialog.accept())
    asked = page.get_by_role("dialog", name="This draft is newer elsewhere")
    left_unsent(page, desk, "From the laptop, unsent")
    for key in ("Control+Enter", "!"):
        asked.wait_for()
        press(page, "Escape")
        expect(status(page)).to_contain_text("newer elsewhere")
        sheet(page).press(key)
    expect(status(page)).to_contain_text("newer elsewhere")
    page.reload()
    asked.wait_for()
    assert (desk.text, desk.handed_in) == ("Written on the other computer", [])
    asked.get_by_role("button", name="Keep both").click()
    kept = "Written on the other computer\n\nFrom the laptop, unsent!"
    until(page, lambda: desk.text == kept)


def test_an_unsent_text_with_other_turns_stands_beside_the_draft_until_it_is_let_go(
    context: BrowserContext, desk: Desk
) -> None:
    page = opened(context, desk)
    page.on("dialog", lambda dialog: dialog.accept())
    waiting = put_aside(page)
    sheet(page).press("End")
    sheet(page).press_sequentially("!")
    until(page, lambda: desk.text == "Once!")
    page.reload()
    waiting.get_by_text("Read it").click()
    expect(waiting).to_contain_text("One Two 3")
    waiting.get_by_role("button", name="Let it go").click()
    expect(waiting).to_be_hidden()
    page.reload()
    expect(sheet(page)).to_have_value("Once!")
    expect(waiting).to_be_hidden()


def put_aside(page: Page) -> Locator:
    """What the page says of an unsent text with other turns, "One Two 3"."""
    turns = [
        {"role": role, "content": text} for role, text in (("assistant", "One"), ("user", "Two"), ("assistant", "3"))
    ]
    page.evaluate(
        "(messages) => sessionStorage.setItem('penset:draft:7:assignment-3', "
        "JSON.stringify({ draft: { messages, prompt: null }, revision: 1 }))",
        turns,
    )
    page.reload()
    return page.get_by_role("alert").filter(has_text="A text of yours was not sent.")


@pytest.mark.parametrize(("room", "post"), [(True, "Hand in"), (False, "Preview")])
def test_a_post_after_which_an_unsent_text_would_be_shown_nowhere_asks_first(
    context: BrowserContext, desk: Desk, room: bool, post: str
) -> None:
    page = opened(context, desk)
    if not room:
        page.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }")
    waiting = put_aside(page)
    page.get_by_role("button", name=post).click()
    expect(waiting).to_contain_text("Nothing was sent just now")
    expect(waiting).to_be_focused()
    assert desk.handed_in == []
    waiting.get_by_role("button", name="Go on without it").click()
    page.wait_for_url("**/done")
    assert len(desk.handed_in) == 1


def test_a_post_that_leads_back_to_an_unsent_text_goes_on_unasked(context: BrowserContext, desk: Desk) -> None:
    page = opened(context, desk)
    put_aside(page).wait_for()
    page.get_by_role("button", name="Preview").click()
    page.wait_for_url("**/done")
    page.goto(f"{desk.address}/write")
    expect(page.get_by_role("alert")).to_contain_text("One Two 3")


def test_where_the_browser_has_no_room_the_page_says_that_it_alone_has_the_text(
    context: BrowserContext, desk: Desk
) -> None:
    page = opened(context, desk)
    page.evaluate("""() => {
      for (let size = 2 ** 22; size >= 1; size = Math.floor(size / 2)) {
        try { sessionStorage.setItem(`full-${size}`, "x".repeat(size)); } catch { /* and the next smaller */ }
      }
    }""")
    desk.mood = "busy"
    sheet(page).fill("No room for this")
    expect(status(page)).to_contain_text("It stands on this page alone")
    expect(status(page)).not_to_contain_text("Kept on this device")
    page.evaluate("sessionStorage.clear()")
    sheet(page).press_sequentially("!")
    expect(status(page)).to_contain_text("Kept on this device")


def test_a_long_text_in_characters_of_three_bytes_is_saved_from_a_tab_that_is_hidden(
    context: BrowserContext, desk: Desk
) -> None:
    page = opened(context, desk)
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
    sheet(page).fill("长" * 30_000)
    until(page, lambda: desk.text == "长" * 30_000)


def test_after_the_sign_in_ended_the_same_person_goes_on_over_the_text(context: BrowserContext, desk: Desk) -> None:
    page = opened(context, desk)
    desk.user = None
    sheet(page).fill("Still mine")
    sign_in(page, "ada@example.org")
    until(page, lambda: desk.text == "Still mine")
    expect(sheet(page)).to_have_value("Still mine")


def test_the_text_of_one_person_is_never_sent_by_another_who_signs_in(context: BrowserContext, desk: Desk) -> None:
    page = opened(context, desk)
    desk.user = None
    sheet(page).fill("Ada's own")
    sign_in(page, "ben@example.org")
    expect(status(page)).to_contain_text("you are now signed in as Ben")
    heard = len(desk.heard)
    sheet(page).press_sequentially(" and more")
    page.get_by_role("button", name="Hand in").click()
    page.evaluate("fetch('/asked')")
    until(page, lambda: desk.asked == 1)
    assert (len(desk.heard), desk.handed_in, desk.text) == (heard, [], "Once")


def sign_in(page: Page, email: str) -> None:
    """Fill the dialog that stands over the text."""
    asked = page.get_by_role("dialog", name="Please sign in again")
    asked.get_by_label("E-mail").fill(email)
    asked.get_by_label("Password").fill("correct horse battery staple")
    asked.get_by_role("button", name="Sign in").click()


def test_handing_in_saves_first_and_posts_the_revision_that_is_stored(context: BrowserContext, desk: Desk) -> None:
    page = opened(context, desk)
    sheet(page).fill("Done")
    sheet(page).press("Control+Enter")
    page.wait_for_url("**/done")
    assert desk.handed_in == [{"revision": ["2"], "user_id": ["7"], "response": ["Done"]}]


def test_a_carriage_return_is_not_turned_into_a_line_end_unasked(context: BrowserContext, desk: Desk) -> None:
    desk.messages[0]["content"] = "one\rtwo"
    page = opened(context, desk)
    sheet(page).press("End")
    sheet(page).press_sequentially("!")
    expect(status(page)).to_contain_text("carriage returns")
    page.get_by_role("button", name="Hand in").click()
    assert (desk.heard, desk.handed_in) == ([], [])
    page.get_by_role("button", name="Save with line breaks").click()
    until(page, lambda: desk.revision == 2)
    assert "\n" in desk.text
