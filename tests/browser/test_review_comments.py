"""Words are picked on the page and spoken about, by key or without a script; search is one key away."""

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts.sign_ins import actor_for
from app.projects.models import Project
from app.review import service
from app.review.comments import comments
from app.review.comments.comments import Words
from app.review.models import Comment, Phrase
from app.writing.likeness import remember_response
from app.writing.models import Submission
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.test_review_story import NOTE, hand_in, rate, reviewer, take
from tests.browser.visitor import Visitor
from tests.chromium import press

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
    press(page, "c")
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
    press(page, "c")
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


def test_on_the_desk_words_are_commented_on_and_what_was_filled_in_stays(reviewer: Visitor, site: Site) -> None:
    other, first = hand_in(site, TEXT.replace("warm", "hot"), "What is cold?"), hand_in(site, TEXT)
    with site.sessions.begin() as session:
        remember_response(session, other)
        remember_response(session, first)
        session.get_one(Project, site.project.id).keeps_provenance = True
        session.add(Phrase(user_id=site.reviewer.id, text="Name the day."))
        session.get_one(Submission, other).submitted_at = session.get_one(Submission, first).submitted_at.replace(
            year=2099
        )
    page = reviewer.go(f"/projects/{site.project.id}/review")
    page.wait_for_load_state()
    take(page)
    rate(page, "4", "2")
    page.get_by_label("Note to the writer").fill(NOTE)
    page.get_by_role("button", name="Raw").click()
    expect(page.get_by_role("button", name="Raw")).to_have_attribute("aria-current", "true")
    page.evaluate(PICK, ["boiler was", 0])
    press(page, "Escape")
    press(page, "c")
    page.keyboard.type("When was it? ")
    press(page, "Control+.")
    expect(page.get_by_role("button", name="Name the day.")).to_be_focused()
    press(page, "1")
    expect(page.get_by_label("Your comment")).to_be_focused()
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator('[data-part="response"] mark')).to_have_text("boiler was")
    expect(page.locator(".comment")).to_contain_text("When was it? Name the day.")
    expect(page.get_by_label("Note to the writer")).to_have_value(NOTE)
    expect(page.get_by_role("group", name="Correct").get_by_label("2")).to_be_checked()
    press(page, "l")
    expect(page.locator(".alike .written del").first).to_contain_text("hot")
    expect(page.locator(".alike .written ins").first).to_contain_text("warm")
    reviewer.look("review-beside")
    page.set_viewport_size({"width": 390, "height": 844})
    pick = page.locator("[data-comment-pick]")
    expect(pick).to_be_hidden()
    page.evaluate(PICK, ["Dear", 0])
    pick.click()
    expect(page.get_by_label("The words")).to_have_value("Dear")
    expect(page.get_by_label("Your comment")).to_be_focused()


def test_a_decision_does_not_take_a_comment_along_that_was_typed_and_not_sent(reviewer: Visitor, site: Site) -> None:
    hand_in(site, TEXT)
    page = reviewer.go(f"/projects/{site.project.id}/review")
    page.wait_for_load_state()
    take(page)
    rate(page, "4", "5")
    page.get_by_role("button", name="Raw").click()
    expect(page.get_by_role("button", name="Raw")).to_have_attribute("aria-current", "true")
    page.evaluate(PICK, ["boiler was", 0])
    press(page, "Escape")
    press(page, "c")
    page.keyboard.type("When was it?")
    press(page, "Escape")
    press(page, "a")
    expect(page.locator("#messages")).to_contain_text("Nothing was sent.")
    expect(page.get_by_label("Your comment")).to_have_value("When was it?")
    page.get_by_label("Your comment").fill("")
    press(page, "Escape")
    press(page, "a")  # picked words alone are nothing that is lost
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing waits for you")


def test_where_some_decisions_are_known_the_selected_words_are_quoted_in_the_note(
    reviewer: Visitor, visit: Visit, site: Site
) -> None:
    submission_id = hand_in(site, TEXT)
    with site.sessions.begin() as session:
        session.get_one(Project, site.project.id).gold_every = 500
    page = reviewer.go(f"/projects/{site.project.id}/review")
    page.wait_for_load_state()
    take(page)
    page.get_by_role("button", name="Raw").click()
    expect(page.get_by_role("button", name="Raw")).to_have_attribute("aria-current", "true")
    note = page.get_by_label("Note to the writer")
    note.fill("Mostly good.")
    press(page, "Escape")
    page.evaluate(PICK, ["boiler was warm", 0])
    expect(page.get_by_role("button", name="Quote in the note")).to_be_visible()
    press(page, "c")
    expect(note).to_be_focused()
    page.keyboard.type("When?")
    expect(note).to_have_value("Mostly good.\n\n> boiler was warm\n\nWhen?")
    expect(page.get_by_role("button", name="Quote in the note")).to_be_hidden()
    press(page, "Escape")
    press(page, "r")
    expect(page.locator("#messages")).to_contain_text("Asked for changes to")
    seen = visit(site.writer).go(f"/submissions/{submission_id}")
    expect(seen.get_by_text("> boiler was warm")).to_be_visible()


def test_what_was_said_stands_beside_the_draft_and_is_answered_there(writer: Visitor, site: Site) -> None:
    submission_id = hand_in(site, TEXT)
    with site.sessions.begin() as session:
        actor = actor_for(session, site.reviewer)
        for quote in ("boiler was warm", "cold"):
            comments.add(session, actor, submission_id, revision=1, words=Words(quote), body=f"Why {quote}?")
        service.ask_for_changes(session, actor, submission_id, revision=1, ratings={}, note=NOTE)
        assignment_id = session.get_one(Submission, submission_id).assignment_id
    page = writer.go(f"/write/{assignment_id}")
    said = page.locator(".comment")
    expect(said).to_have_count(2)
    page.get_by_label("Your response").fill("Dear landlord 👩‍🚀,\n\nthe boiler is cold.")
    expect(page.locator("[data-save-status]")).to_contain_text("Saved")
    expect(page.locator(".comment[data-gone]")).to_contain_text("Why boiler was warm?")
    expect(page.locator("#changed del")).to_contain_text(["boiler was warm"])  # follows each save
    said.filter(has_text="Why cold?").locator("summary").click()
    page.get_by_label("Your answer").first.fill("It is winter.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".comment-reply")).to_contain_text("It is winter.")
    expect(page.get_by_label("Your response")).to_have_value("Dear landlord 👩‍🚀,\n\nthe boiler is cold.")
    writer.look("write-comments")
    writer.go(f"/write/{assignment_id}/comments")
    expect(page.get_by_text("It is winter.")).to_be_visible()
    writer.look("review-draft-comments")
