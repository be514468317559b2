"""A reviewer's day, from the morning's queue to the evening's figures, in its order and with nothing but a keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.accounts.sign_ins import actor_for
from app.projects.models import Category, Guidelines, Project, ReviewOrder, Wording
from app.prompts.models import PromptStatus
from app.review import gold
from app.review.deciding import held
from app.review.models import Comment, Decision, GoldAnswer, HeldDecision, Opinion, Review
from app.writing.models import Revision, Submission, SubmissionStatus
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.test_keyboard_day import press_back_to, search, sign_in, sign_out, tab_and_press, tab_to
from tests.browser.test_review_comments import PICK
from tests.browser.test_review_decisions import RULES
from tests.browser.test_review_story import judge, mend, rate
from tests.browser.visitor import Visitor
from tests.chromium import press

BETTER_RULE = "# Say where it is from\n\nName a source, early.\n\n"
PHRASE = "Say early that the rules differ from country to country."
GLASS, FIRST = "Why is glass clear?", "Glass is a liquid, and light passes. Some glass is coloured by iron."
MENDED = "Glass is a solid, and light passes. Some glass is coloured by iron."
CATS, TEA, MOON, RAIN, SALT = "Why do cats purr?", "Why is tea bitter?", "Who owns the moon?", "Why rain?", "Why salt?"
KNOWN, DISPUTED, HALF = "Why is ice slippery?", "Why do onions sting?", "Why does bread go stale?"


@pytest.fixture
def lived(site: Site) -> None:
    """A project of some weeks, where two opinions were asked for, of which 48 responses are judged."""
    with site.sessions.begin() as session:
        project = session.get_one(Project, site.project.id)
        project.review_order = ReviewOrder.NEWCOMERS
        factories.guidelines(session, project, site.admin, version=2, text=RULES)
        third = factories.user(session, "Theo Third")
        factories.member(session, project, third, Role.REVIEWER)
        for at in range(48):
            judge_of_old(session, project, site, third, at)


def judge_of_old(session: Session, project: Project, site: Site, third: User, at: int) -> None:
    """Two opinions on one response, which differ now and then, and the decision."""
    category = categories_of(session, project)[at % 2]
    first = Decision.APPROVED if at % 3 else Decision.CHANGES_REQUESTED
    other = first if at % 6 else Decision.REJECTED
    prompt = factories.prompt(session, project, site.admin, f"Question {at}", status=PromptStatus.APPROVED)
    row = factories.submission(session, prompt, site.writer)
    of_it = {"project_id": project.id, "submission_id": row.id, "revision_id": newest_of(session, row).id}
    rated = {"helpful": 5 - at % 3, "correct": 5 - at % 2}
    session.add(Opinion(**of_it, reviewer_id=site.reviewer.id, decision=first, ratings=rated))
    theirs = {"reviewer_id": third.id, "ratings": {"helpful": 5 - at % 3, "correct": 4}}
    session.add(Opinion(**of_it, **theirs, decision=other))
    missed = ["Say where it is from", "Write plainly"][at % 9 == 0] if first is not Decision.APPROVED else ""
    said = {"decision": first, "missed": missed, "note": "So." if missed else ""}
    session.add(Review(**of_it, reviewer_id=third.id, ratings=rated, **said))
    row.category_id, row.status, row.from_newcomer = category.id, SubmissionStatus(first.value), False
    session.flush()


def categories_of(session: Session, project: Project) -> list[Category]:
    """The project's two categories."""
    return [*session.scalars(select(Category).where(Category.project_id == project.id).order_by(Category.id))]


def newest_of(session: Session, submission: Submission) -> Revision:
    """The one revision of a response that was handed in once."""
    return session.scalars(select(Revision).where(Revision.submission_id == submission.id)).one()


def hand_in(site: Site, author: User, asked: str, said: str, *, is_new: bool = False, version: int = 2) -> int:
    """A response that waits, written under this version of the guidelines, by a newcomer or not."""
    with site.sessions.begin() as session:
        prompt = factories.prompt(session, site.project, site.admin, asked, status=PromptStatus.APPROVED)
        at = (Guidelines.project_id == site.project.id, Guidelines.version == version)
        rules = session.scalars(select(Guidelines).where(*at)).one()
        return factories.submission(session, prompt, author, said, guidelines=rules, from_newcomer=is_new).id


def time_is_over(site: Site) -> None:
    """Let the seconds be over in which a decision can be taken back, and a worker carry out what was decided."""
    with site.sessions.begin() as session:
        session.execute(update(HeldDecision).values(settles_at=HeldDecision.created_at))
        for submission_id in held.list_due(session):
            assert held.settle(session, submission_id)


def test_a_reviewers_day_without_a_mouse(visit: Visit, site: Site, lived: None) -> None:
    site.settings.undo_seconds = 10
    hand_in(site, site.reviewer, "Whose is this?", "My own words, which wait longest of all.")
    hand_in(site, site.writer, CATS, "Because of their larynx, mostly.")
    for asked in (TEA, MOON, RAIN):
        hand_in(site, site.writer, asked, f"Nobody knows {asked}")
    glass = hand_in(site, site.other_writer, GLASS, FIRST, is_new=True, version=1)
    reviewer = visit(None)
    page = reviewer.go("/sign-in")
    sign_in(page, site.reviewer)
    keep_a_phrase(reviewer)

    # 1. What is riskiest comes first, then the oldest, by a rule that the page states; never one's own, nobody named.
    page.goto("/")
    press(page, "r")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(GLASS)
    expect(page.get_by_text("New writers, with fewer than 10 approved responses, come first")).to_be_visible()
    expect(page.locator("#desk-text")).to_contain_text(f"writer a-{site.project.id}-{site.other_writer.id}")
    expect(page.locator("body")).not_to_contain_text("Ben Author")

    # 2. Prompt, response, rubric and the guidelines of that version in one view.
    expect(page.locator("#desk-text")).to_contain_text(FIRST)
    expect(page.get_by_role("group", name="Helpful")).to_be_visible()
    expect(page.get_by_text("Written under guidelines 1; they are at 2 now")).to_be_visible()
    press(page, "g")
    expect(page.locator("#guidelines")).to_be_focused()
    expect(page.locator("#guidelines")).to_contain_text("version 1")
    press(page, "Escape")
    expect(page.get_by_role("link", name="Read the guidelines")).to_be_focused()

    # 4. Two passages are spoken about, one of them by a phrase.
    comment_on(page, "a liquid", "It is a solid.")
    comment_on(page, "by iron", "Which?", phrase=True)

    # 5 and 6. It is rated by digits and returned; the note is written by a phrase as well.
    rate(page, "2", "3")
    tab_to(page, "Note to the writer")
    page.keyboard.type("Good. ")
    press(page, "Control+.")
    expect(page.get_by_role("button", name=PHRASE)).to_be_focused()
    reviewer.look("review-desk-phrases")
    press(page, "1")
    expect(page.get_by_label("Note to the writer")).to_have_value("Good. " + PHRASE)
    press(page, "Escape")
    press(page, "r")
    approve_and_think_better_of_it(reviewer)
    reject_edit_and_leave(page)

    # 3. The mended one comes back with what changed, and which comments are met.
    time_is_over(site)
    mend(site, glass, MENDED, site.other_writer)
    page.goto(f"/projects/{site.project.id}/review")
    expect(heading).to_have_text("One response waits for you.")
    press(page, "n")
    expect(page.get_by_text("Changes since revision 1")).to_be_visible()
    expect(page.locator("#desk-text del")).to_have_text(["liquid"])
    expect(page.locator("#desk-text ins")).to_have_text(["solid"])
    expect(page.get_by_text("Good. " + PHRASE)).to_be_visible()
    said = page.locator(".comment")
    expect(said.filter(has_text="It is a solid.")).to_contain_text("Outdated")
    expect(said.filter(has_text="Which?")).not_to_contain_text("Outdated")
    rate(page, "5", "5")
    press(page, "a")
    expect(heading).to_have_text("Nothing waits for you")
    time_is_over(site)

    meet_a_known_one(site, page)
    judge_blindly_and_settle(site, reviewer)
    evening(site, reviewer)
    with site.sessions() as session:
        assert session.scalars(select(Comment.quote).order_by(Comment.id)).all() == ["a liquid", "by iron"]
        today = select(Review.decision).where(Review.reviewer_id == site.reviewer.id).order_by(Review.id)
        assert session.scalars(today).all() == [
            Decision.CHANGES_REQUESTED, Decision.APPROVED, Decision.REJECTED, Decision.APPROVED,
            Decision.APPROVED, Decision.REJECTED,
        ]  # fmt: skip


def keep_a_phrase(reviewer: Visitor) -> None:
    """What is written again and again is kept before the work begins."""
    page = reviewer.go("/my/phrases")
    tab_to(page, "One more")
    page.keyboard.type(PHRASE)
    press(page, "Control+Enter")
    expect(page.get_by_text(PHRASE)).to_be_visible()
    reviewer.look("review-phrases")


def comment_on(page: Page, words: str, body: str, *, phrase: bool = False) -> None:
    """Select words of the text as it is stored, press `c`, say something of them."""
    page.wait_for_load_state()
    if page.get_by_role("button", name="Raw").get_attribute("aria-current") is None:
        tab_and_press(page, "Raw")
        expect(page.get_by_role("button", name="Raw")).to_have_attribute("aria-current", "true")
    page.evaluate(PICK, [words, 0])
    press(page, "c")
    expect(page.get_by_label("The words")).to_have_value(words)
    expect(page.get_by_label("Your comment")).to_be_focused()
    page.keyboard.type(body)
    if phrase:
        press(page, "Control+.")
        expect(page.get_by_role("button", name=PHRASE)).to_be_focused()
        press(page, "1")
        expect(page.get_by_label("Your comment")).to_have_value(body + PHRASE)
    tab_and_press(page, "Comment")
    expect(page.locator('[data-part="response"] mark').filter(has_text=words)).to_be_visible()
    expect(page.locator(".comment").filter(has_text=body)).to_be_visible()


def approve_and_think_better_of_it(reviewer: Visitor) -> None:
    """`a` and `u`: what is taken back lies there with all that was filled in."""
    page, heading = reviewer.page, reviewer.page.get_by_role("heading", level=1)
    expect(heading).to_have_text(CATS)
    rate(page, "4", "2")
    tab_to(page, "Note to the writer")
    page.keyboard.type("Kind.")
    press(page, "Escape")
    press(page, "a")
    expect(heading).to_have_text(TEA)
    expect(page.locator("[data-undo]")).to_contain_text(f"Approved “{CATS}”")
    reviewer.look("review-undo")
    press(page, "u")
    expect(heading).to_have_text(CATS)
    expect(page.get_by_label("Note to the writer")).to_have_value("Kind.")
    expect(page.get_by_role("group", name="Correct").get_by_label("2")).to_be_checked()
    expect(page.locator("[data-undo]")).to_contain_text(f"Asked for changes to “{GLASS}”")
    press(page, "a")


def reject_edit_and_leave(page: Page) -> None:
    """`x` with a reason, `e` for a few words, `s` for what others know better."""
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(TEA)
    tab_to(page, "Note to the writer")
    page.keyboard.type("Copied from a book.")
    press(page, "Escape")
    press(page, "x")
    expect(heading).to_have_text(MOON)
    rate(page, "4", "5")
    press(page, "e")
    tab_to(page, "The response")
    press(page, "Control+End")
    page.keyboard.type(" And nobody ever will.")
    press(page, "Control+Enter")
    expect(heading).to_have_text(RAIN)
    press(page, "s")
    expect(heading).to_have_text("Nothing waits for you")
    press(page, "u")
    expect(heading).to_have_text(RAIN)
    press(page, "s")
    expect(heading).to_have_text("Nothing waits for you")


def meet_a_known_one(site: Site, page: Page) -> None:
    """7. Now and then comes one whose decision is known; nothing marks it, and how it went is told afterwards."""
    submission_id = hand_in(site, site.writer, KNOWN, "A thin film of it melts.")
    with site.sessions.begin() as session:
        session.get_one(Project, site.project.id).gold_every = 2
        factories.review(session, session.get_one(Submission, submission_id), site.admin)
        gold.mark(session, actor_for(session, site.admin), submission_id, decision=Decision.APPROVED, note="It is so.")
        session.add(GoldAnswer(submission_id=submission_id, reviewer_id=site.reviewer.id))
    page.goto(f"/projects/{site.project.id}/review")
    expect(page.get_by_role("heading", level=1)).to_have_text(KNOWN)
    expect(page.locator("#desk-text")).not_to_contain_text(re.compile("known|approved|handed in", re.IGNORECASE))
    rate(page, "4", "5")
    press(page, "a")
    expect(page.locator("[data-undo]")).to_contain_text(f"Approved “{KNOWN}”")


def judge_blindly_and_settle(site: Site, reviewer: Visitor) -> None:
    """8. Where two are asked for, each judges blindly; what they differ on, a third settles with both before them."""
    second, third = site.person("Rob Reviewer", Role.REVIEWER), site.person("Ria Reviewer", Role.REVIEWER)
    half = hand_in(site, site.writer, HALF, "Its starch crystallises.")
    disputed = hand_in(site, site.writer, DISPUTED, "They cut back.")
    with site.sessions.begin() as session:
        project = session.get_one(Project, site.project.id)
        project.reviews_per_response, project.gold_every = 2, 0
        judge(session, second, half, Decision.REJECTED, "What Rob thinks.")
        judge(session, second, disputed, Decision.APPROVED, "What Rob likes.")
        judge(session, third, disputed, Decision.REJECTED, "Copied from a book.")
    page = reviewer.go(f"/projects/{site.project.id}/review")
    press(page, "n")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(HALF)
    expect(page.locator("body")).not_to_contain_text("Rob")
    rate(page, "5", "4")
    press(page, "a")
    expect(heading).to_have_text(DISPUTED)
    expect(page.get_by_role("columnheader", name="Rob Reviewer")).to_be_visible()
    expect(page.get_by_text("Copied from a book.")).to_be_visible()
    reviewer.look("review-opinions")
    tab_to(page, "Note to the writer")
    page.keyboard.type("It is in a book.")
    press(page, "Escape")
    press(page, "x")
    expect(heading).to_have_text("Nothing waits for you")
    time_is_over(site)
    with site.sessions() as session:
        settled = session.get_one(Submission, disputed).status, session.get_one(Submission, half).status
        assert settled == (SubmissionStatus.REJECTED, SubmissionStatus.SUBMITTED)  # Rob and she differ on the other


def evening(site: Site, reviewer: Visitor) -> None:
    """9. How long they wait, how far people agree, which rule is behind most returns, and how it should read."""
    site.settings.undo_seconds = 0
    page = reviewer.page
    press_back_to(page, "How decisions fell")
    page.wait_for_url("**/review/history")
    expect(page.get_by_text("median time from handing in to the decision")).to_be_visible()
    expect(page.get_by_text("Two reviewers decided alike on 8")).to_be_visible()
    expect(page.get_by_role("figure").filter(has_text="Agreement beyond chance")).to_be_visible()
    expect(page.get_by_text("1 of 1 agrees.")).to_be_visible()
    expect(page.get_by_text("It is so.")).to_be_visible()
    reviewer.look("review-history")
    tab_and_press(page, "Propose a wording")
    expect(page.get_by_role("heading", level=1)).to_have_text("How should “Say where it is from” read?")
    tab_to(page, "Your wording")
    press(page, "Control+a")
    page.keyboard.insert_text(BETTER_RULE)
    tab_to(page, "What led to it")
    page.keyboard.type("Eight of sixteen returns.")
    reviewer.look("projects-wording")
    press(page, "Control+Enter")
    expect(page.get_by_text("waits for an administrator")).to_be_visible()
    search(page, "Nobody")
    reviewer.look("search")
    sign_out(page)
    with site.sessions() as session:
        assert session.scalars(select(Wording.text)).all() == [BETTER_RULE]
