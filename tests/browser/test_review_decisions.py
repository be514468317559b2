"""A reviewer thinks better of a decision, puts a few words right, settles what two others see differently."""

import pytest
from playwright.sync_api import Dialog, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.accounts.sign_ins import actor_for
from app.projects.models import Project
from app.review import service
from app.review.models import Decision, GoldAnswer, HeldDecision, Review
from app.writing.models import Revision, Submission
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.test_review_story import FIRST, LANDLORD, NOTE, hand_in, rate, reviewer, take
from tests.browser.visitor import Visitor
from tests.chromium import press
from tests.review.conftest import RATINGS

__all__ = ["reviewer"]
BIRTHDAY = "Plan a birthday for a child of six"


@pytest.fixture
def held(site: Site) -> Site:
    """The site with ten seconds in which a decision can be taken back."""
    site.settings.undo_seconds = 10
    return site


def test_u_takes_a_decision_back_with_all_that_was_filled_in(reviewer: Visitor, held: Site) -> None:
    hand_in(held)
    hand_in(held, "Balloons.", BIRTHDAY)
    page = reviewer.go(f"/projects/{held.project.id}/review")
    take(page)
    rate(page, "4", "2")
    page.get_by_label("Note to the writer").fill(NOTE)
    press(page, "Escape")
    press(page, "a")
    offer = page.locator("[data-undo]")
    expect(offer).to_contain_text("Approved “My landlord")
    expect(page.get_by_role("heading", level=1)).to_have_text(BIRTHDAY)
    reviewer.look("review-undo")
    press(page, "u")
    expect(page.get_by_role("heading", level=1)).to_have_text(LANDLORD)
    expect(page.get_by_label("Note to the writer")).to_have_value(NOTE)
    expect(page.get_by_role("group", name="Correct").get_by_label("2")).to_be_checked()
    expect(offer).to_have_count(0)
    with held.sessions() as session:
        assert session.scalars(select(Review.id)).all() == []
        assert session.scalars(select(HeldDecision.submission_id)).all() == []


def test_the_offer_goes_when_the_time_is_over(reviewer: Visitor, held: Site) -> None:
    held.settings.undo_seconds = 2
    hand_in(held)
    page = reviewer.go(f"/projects/{held.project.id}/review")
    take(page)
    rate(page, "4", "5")
    press(page, "a")
    expect(page.locator("[data-undo]")).to_be_visible()
    expect(page.locator("[data-undo]")).to_have_count(0)


def test_e_opens_the_text_and_its_writer_sees_what_was_changed(reviewer: Visitor, visit: Visit, site: Site) -> None:
    submission_id = hand_in(site)
    page = reviewer.go(f"/projects/{site.project.id}/review")
    take(page)
    rate(page, "4", "5")
    press(page, "e")
    text = page.get_by_label("The response", exact=True)
    expect(text).to_have_value(FIRST)
    expect(page.get_by_role("group", name="Correct").get_by_label("5")).to_be_checked()
    page.wait_for_load_state()
    reviewer.look("review-edit")
    page.get_by_label("Note to the writer").fill("So far")
    page.get_by_role("button", name="Leave it as it was").click()
    expect(page.get_by_role("button", name="Edit and approve")).to_be_visible()
    expect(page.get_by_label("Note to the writer")).to_have_value("So far")
    expect(page.get_by_role("group", name="Correct").get_by_label("5")).to_be_checked()
    press(page, "e")
    expect(text).to_have_value(FIRST)
    better = FIRST.replace("go to court", "ask an ombudsman")
    text.fill(better)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.evaluate("location.assign('/')")  # who leaves is asked first
    reviewer.until(lambda: asked == ["beforeunload"])
    reviewer.expect_refusals(401)
    reviewer.context.clear_cookies()
    press(page, "Control+Enter")  # S26: the sign-in has ended
    expect(page.locator("#messages")).to_contain_text("sign in")
    expect(text).to_have_value(better)
    reviewer.sign_in(site.reviewer)
    press(page, "Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Approved “My landlord")
    opened_by_its_address(reviewer, site)
    writer = visit(site.writer)
    seen = writer.go(f"/submissions/{submission_id}")
    expect(seen.locator("ins")).to_contain_text(["ask an ombudsman"])
    expect(seen.get_by_text("edited by a reviewer")).to_be_visible()
    with site.sessions() as session:
        authors = select(Revision.author_id).where(Revision.submission_id == submission_id)
        assert session.scalars(authors.order_by(Revision.number)).all() == [site.writer.id, site.reviewer.id]


def opened_by_its_address(reviewer: Visitor, site: Site) -> None:
    """Who then approves, or leaves the text, is at the queue, and is there again after a reload."""
    queue = f"/projects/{site.project.id}/review"
    hand_in(site)
    page = reviewer.go(queue)
    take(page)
    action = page.get_by_role("form", name="Review").get_attribute("action") or ""
    for leave in (True, False):
        page = reviewer.go(action.replace("/decision", "/edit"))
        if leave:
            page.get_by_role("button", name="Leave it as it was").click()
        else:
            rate(page, "4", "5")
            page.get_by_label("The response", exact=True).fill("An ombudsman.")
            press(page, "Control+Enter")
        expect(page).to_have_url(site.address + queue)


def test_undo_and_edit_work_without_a_script(visit: Visit, held: Site) -> None:
    visitor = visit(held.reviewer, scripts=False)
    hand_in(held)
    page = visitor.go(f"/projects/{held.project.id}/review")
    page.get_by_role("button", name="Take the next one").click()
    for name in ("Helpful", "Correct"):
        page.get_by_role("group", name=name).get_by_label("3").check()
    page.get_by_role("button", name="Edit and approve").click()
    page.get_by_label("The response", exact=True).fill("Better words")
    page.get_by_role("button", name="Approve this text").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("The response", exact=True)).to_have_value("Better words")


def test_two_opinions_that_differ_lie_side_by_side(visit: Visit, site: Site) -> None:
    submission_id = hand_in(site)
    second, third = site.person("Rob Reviewer", Role.REVIEWER), site.person("Ria Reviewer", Role.REVIEWER)
    with site.sessions.begin() as session:
        session.execute(update(Project).values(reviews_per_response=2))
        judge(session, site.reviewer, submission_id, Decision.APPROVED, NOTE)
        judge(session, second, submission_id, Decision.REJECTED, "Copied from a book.")
    visitor = visit(third)
    page = visitor.go(f"/projects/{site.project.id}/review")
    take(page)
    expect(page.get_by_role("columnheader", name="Rob Reviewer")).to_be_visible()
    expect(page.get_by_text("Copied from a book.")).to_be_visible()
    visitor.look("review-opinions")


def judge(session: Session, person: User, submission_id: int, decision: Decision, note: str) -> None:
    """What one reviewer says."""
    actor = actor_for(session, person)
    service.decide(session, actor, submission_id, decision, revision=1, ratings=RATINGS, note=note)


def test_an_admin_vouches_and_a_reviewer_learns_afterwards(visit: Visit, site: Site) -> None:
    submission_id = hand_in(site)
    with site.sessions.begin() as session:
        session.execute(update(Project).values(gold_every=2))
        factories.review(session, session.get_one(Submission, submission_id), site.admin)
    admin = visit(site.admin)
    page = admin.go(f"/submissions/{submission_id}")
    page.get_by_text("Vouch for the right decision").click()
    page.get_by_label("Why", exact=True).fill("It says what to do first.")
    page.get_by_role("button", name="Vouch for it").click()
    expect(page.get_by_text("Its right decision is known")).to_be_visible()
    admin.look("review-known")
    with site.sessions.begin() as session:
        session.add(GoldAnswer(submission_id=submission_id, reviewer_id=site.reviewer.id))
    visitor = visit(site.reviewer)
    desk = visitor.go(f"/projects/{site.project.id}/review")
    rate(desk, "4", "5")
    press(desk, "a")
    expect(desk.locator("#messages")).to_contain_text("Approved “My landlord")
    history = visitor.go(f"/projects/{site.project.id}/review/history")
    expect(history.get_by_text("1 of 1 agrees.")).to_be_visible()
    expect(history.get_by_text("It says what to do first.")).to_be_visible()
    visitor.look("review-calibration")
