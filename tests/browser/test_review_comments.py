"""Words are picked on the page and spoken about, by key or without a script; search is one key away."""

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.review.models import Comment
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.test_review_story import hand_in, reviewer
from tests.browser.visitor import Visitor

__all__ = ["reviewer"]
TEXT = "Dear landlord 👩‍🚀,\n\nthe boiler is cold. The boiler was warm."
PICK = """([words, nth]) => {
  const root = document.querySelector('[data-part="response"] .written');
  const node = [...root.childNodes].find((one) => one.nodeType === Node.TEXT_NODE && one.data.includes(words));
  let at = -1;
  for (let n = 0; n <= nth; n++) at = node.data.indexOf(words, at + 1);
  getSelection().setBaseAndExtent(node, at, node, at + words.length);
}"""


def open_raw(visitor: Visitor, submission_id: int) -> Page:
    """The page of a submission, its text as it is stored."""
    page = visitor.go(f"/submissions/{submission_id}")
    page.wait_for_load_state()
    return page


def test_selected_words_are_commented_on_with_c_where_they_stand(reviewer: Visitor, site: Site) -> None:
    page = open_raw(reviewer, hand_in(site, TEXT))
    page.evaluate(PICK, ["boiler was", 0])
    page.keyboard.press("c")
    expect(page.get_by_label("The words")).to_have_value("boiler was")
    expect(page.get_by_label("Your comment")).to_be_focused()
    page.keyboard.type("Is it <b>warm</b> now?")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".comment")).to_contain_text("Is it <b>warm</b> now?")
    expect(page.locator('[data-part="response"] mark')).to_have_text("boiler was")
    with site.sessions() as session:
        one = session.scalars(select(Comment)).one()
        assert (one.quote, TEXT[one.starts_at : one.ends_at]) == ("boiler was", "boiler was")
    reviewer.look("submission-comments")


def test_a_comment_is_answered_and_settled_in_place(reviewer: Visitor, site: Site) -> None:
    page = open_raw(reviewer, hand_in(site, TEXT))
    page.evaluate(PICK, ["cold", 0])
    page.keyboard.press("c")
    page.keyboard.type("Since when?")
    page.get_by_role("button", name="Comment", exact=True).click()
    page.locator(".comment summary").click()
    page.get_by_label("Your answer").fill("Since Monday.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".comment-reply")).to_contain_text("Since Monday.")
    page.get_by_role("button", name="Settled").click()
    expect(page.locator(".comment[data-settled]")).to_have_count(1)


def test_without_a_script_the_quoted_words_find_their_place(visit: Visit, site: Site) -> None:
    submission_id = hand_in(site, TEXT)
    page = visit(site.reviewer, scripts=False).go(f"/submissions/{submission_id}")
    page.get_by_text("Comment on a passage").click()
    page.get_by_label("The words").fill("boiler was warm")
    page.get_by_label("Your comment").fill("Was it?")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".comment")).to_contain_text("Was it?")
    expect(page.locator('[data-part="response"] mark')).to_have_text("boiler was warm")


def test_search_is_one_key_away_and_marks_what_it_finds(reviewer: Visitor, site: Site) -> None:
    hand_in(site, TEXT)
    page = reviewer.go("/")
    page.wait_for_load_state()
    page.keyboard.press("/")
    page.keyboard.type("boiler")
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_have_text("boiler")
    reviewer.look("search")
