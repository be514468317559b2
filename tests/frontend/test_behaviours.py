"""Keys, dialogs, drawers, counts, ratings, themes, refusals and live charts do what their attribute says."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.chromium import findings, press, watched
from tests.frontend.desk import Desk

pytestmark = pytest.mark.browser


def test_a_key_presses_its_button_but_never_while_somebody_types(context: BrowserContext, desk: Desk) -> None:
    page, _ = watched(context)
    page.goto(f"{desk.address}/review")
    page.get_by_label("Note").press("a")
    expect(page.get_by_label("Note")).to_have_value("a")
    assert desk.handed_in == []
    page.get_by_label("Note").press("Escape")
    press(page, "a")
    page.wait_for_url("**/done")
    assert desk.handed_in == [{"note": ["a"], "decision": ["approve"]}]


def test_digits_rate_row_after_row(context: BrowserContext, desk: Desk) -> None:
    page, _ = watched(context)
    page.goto(f"{desk.address}/review")
    press(page, "4")
    press(page, "9")
    press(page, "2")
    press(page, "a")
    page.wait_for_url("**/done")
    assert (desk.handed_in[0]["helpful"], desk.handed_in[0]["kind"]) == (["4"], ["2"])


def test_the_question_mark_opens_the_keys_and_escape_closes_them(context: BrowserContext, desk: Desk) -> None:
    page, _ = watched(context)
    page.goto(f"{desk.address}/review")
    press(page, "?")
    keys = page.get_by_role("dialog", name="Keys on this page")
    expect(keys).to_be_visible()
    press(page, "a")
    press(page, "Escape")
    expect(keys).to_be_hidden()
    assert desk.handed_in == []


def test_g_opens_the_drawer_closes_it_and_leaves_no_history(context: BrowserContext, desk: Desk) -> None:
    page, _ = watched(context)
    page.goto(f"{desk.address}/write")
    before = page.evaluate("history.length")
    drawer = page.get_by_role("complementary", name="Guidelines")
    press(page, "g")
    expect(drawer).to_be_visible()
    press(page, "g")
    expect(drawer).to_be_hidden()
    assert page.evaluate("history.length") == before


def test_words_and_code_points_are_counted(context: BrowserContext, desk: Desk) -> None:
    page, _ = watched(context)
    page.goto(f"{desk.address}/write")
    page.get_by_label("Your response").fill("two 👩\u200d👩\u200d👧\n")
    expect(page.locator("#count")).to_have_text("2 words, of 40 to 400, 10 characters")


def test_a_sheet_grows_with_its_text(context: BrowserContext, desk: Desk) -> None:
    page, _ = watched(context)
    page.goto(f"{desk.address}/write")
    sheet = page.get_by_label("Your response")
    sheet.fill("line\n" * 29 + "last")
    expect(sheet).to_have_attribute("rows", "30")
    sheet.fill("short")
    expect(sheet).not_to_have_attribute("rows", "30")


def test_the_theme_is_chosen_at_once_and_kept_in_a_cookie(context: BrowserContext, desk: Desk) -> None:
    page, _ = watched(context)
    page.goto(f"{desk.address}/review")
    page.locator(".me > summary").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    kept = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
    assert kept == {"theme": "dark"}


def test_a_text_is_copied_and_the_button_says_so(context: BrowserContext, desk: Desk) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page, _ = watched(context)
    page.goto(f"{desk.address}/review")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "1a2b"


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("late", "This came too late. Ben decided first."),
        ("fault", "Penset could not do this."),
        ("done", "This page has changed."),
    ],
)
def test_what_htmx_is_refused_is_told_above_the_page_and_the_part_stays(
    context: BrowserContext, desk: Desk, way: str, words: str
) -> None:
    page, _ = watched(context)
    page.goto(f"{desk.address}/review")
    title = page.title()
    page.get_by_role("button", name=way, exact=True).click()
    expect(page.locator("#messages")).to_contain_text(words)
    expect(page.locator("#part")).to_have_text("as it was")
    assert page.locator("#messages").count() == 1
    assert page.title() == title


def test_a_lost_line_is_told_too(context: BrowserContext, desk: Desk) -> None:
    page, _ = watched(context)
    page.goto(f"{desk.address}/review")
    context.set_offline(True)
    page.get_by_role("button", name="late", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("Penset cannot be reached.")
    expect(page.locator("#part")).to_have_text("as it was")


def test_htmx_evaluates_nothing(context: BrowserContext, desk: Desk) -> None:  # S37
    page, _ = watched(context)
    page.goto(f"{desk.address}/review")
    page.get_by_role("button", name="evaluated", exact=True).click()
    assert page.title() == "Review · Penset"
    assert page.evaluate("htmx.config.includeIndicatorCSS") is False
    assert page.evaluate("htmx.config.mode") == "same-origin"


def test_no_form_turns_carriage_returns_into_line_ends_unasked(context: BrowserContext, desk: Desk) -> None:
    desk.messages[0]["content"] = "one\rtwo"
    page, _ = watched(context)
    page.goto(f"{desk.address}/rules")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#messages")).to_contain_text("Nothing was sent.")
    assert desk.handed_in == []
    page.get_by_role("button", name="Send with line breaks").click()
    page.wait_for_url("**/done")
    assert desk.handed_in == [{"text": ["one\r\ntwo"], "how": ["now"]}]


def test_text_in_a_data_attribute_cannot_end_it(context: BrowserContext, desk: Desk) -> None:  # S66
    desk.messages[0]["content"] = "\"'></button></textarea></script><!--\u2028<img src=x onerror=alert(1)>&quot;"
    page, complaints = watched(context)
    page.goto(f"{desk.address}/rules")
    copied = page.get_by_role("button", name="Copy it").get_attribute("data-copy")
    assert copied == page.get_by_label("Text", exact=True).input_value() == desk.text
    assert page.locator("img").count() == 0
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_writing_page_is_accessible_quiet_and_fits(
    context: BrowserContext, desk: Desk, scheme: str, width: int
) -> None:
    page, complaints = watched(context)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{desk.address}/write#guidelines")
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []
