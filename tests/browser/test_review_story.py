"""A reviewer at the desk: what is refused, who comes second, without a script, and how it looks."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.sign_ins import actor_for
from app.prompts.models import PromptStatus
from app.review import service
from app.review.models import Decision, Review
from app.writing import service as writing
from app.writing.models import Submission
from app.writing.queries import get_assignment_for
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.visitor import Visitor
from tests.chromium import press
from tests.review.conftest import RATINGS

LANDLORD = "My landlord keeps the deposit and does not answer my letters. What can I do?"
FIRST = (
    "The first steps are the same nearly everywhere.\n\n"
    "1. Write once more, on paper, and tell him you will sue.\n"
    "2. Gather what you have: the contract, photos, the transfer of the deposit.\n"
    "3. If the date passes, go to court."
)
MENDED = FIRST.replace("and tell him you will sue", "with a date, so that you can prove it arrived").replace(
    "go to court", "an ombudsman decides such cases for a small fee, usually without a lawyer"
)
NOTE = "Good and kind. Say early that the rules differ from country to country."


def hand_in(site: Site, content: str = FIRST, asked: str = LANDLORD) -> int:
    """A response of the writer's that waits."""
    with site.sessions.begin() as session:
        prompt = factories.prompt(session, site.project, site.admin, asked, status=PromptStatus.APPROVED)
        return factories.submission(session, prompt, site.writer, content).id


def mend(site: Site, submission_id: int, content: str = MENDED, writer: User | None = None) -> None:
    """The writer hands in a new revision, by the verbs."""
    with site.sessions.begin() as session:
        author = actor_for(session, writer or site.writer)
        assignment_id = session.get_one(Submission, submission_id).assignment_id
        assert assignment_id
        draft = get_assignment_for(session, author, assignment_id).draft
        saved = writing.save_draft(
            session,
            author,
            assignment_id,
            prompt_messages=[],
            messages=factories.answered(content),
            revision=draft.revision,
        )
        writing.hand_in(session, author, assignment_id, draft_revision=saved.revision)


def judge(session: Session, person: User, submission_id: int, decision: Decision, note: str) -> None:
    """What one reviewer says."""
    actor = actor_for(session, person)
    service.decide(session, actor, submission_id, decision, revision=1, ratings=RATINGS, note=note)


@pytest.fixture
def reviewer(visit: Visit, site: Site) -> Visitor:
    """The reviewer's browser."""
    return visit(site.reviewer)


def take(page: Page) -> None:
    """Press the key for the next one, and see it."""
    press(page, "n")
    expect(page.get_by_role("button", name="Approve", exact=True)).to_be_visible()


def rate(page: Page, *digits: str) -> None:
    """Press a digit for each row of the rubric, once the page listens to keys."""
    page.wait_for_load_state()
    for digit in digits:
        press(page, digit)


def test_what_is_refused_is_said_and_the_note_and_ratings_stay(reviewer: Visitor, site: Site) -> None:
    reviewer.expect_refusals()
    hand_in(site)
    page = reviewer.go(f"/projects/{site.project.id}/review")
    take(page)
    rate(page, "2")
    press(page, "x")
    expect(page.get_by_role("alert")).to_contain_text("Write to the author what to change")
    note = page.get_by_label("Note to the writer")
    expect(note).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("group", name="Helpful").get_by_label("2")).to_be_checked()
    page.get_by_label("Note to the writer").fill("Half a note")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The ratings do not fit the rubric")
    expect(page.get_by_role("alert").get_by_role("listitem")).to_have_text(["Correct is not rated"])
    row = page.get_by_role("radiogroup", name="Correct")
    expect(row).to_have_attribute("aria-invalid", "true")
    expect(row).to_have_accessible_description(re.compile("is not rated$"))
    expect(note).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator(".field-error")).to_have_count(1)
    reviewer.look("review-refused")
    expect(page.get_by_label("Note to the writer")).to_have_value("Half a note")


def test_who_comes_second_hears_who_was_first_and_keeps_the_note(reviewer: Visitor, visit: Visit, site: Site) -> None:
    reviewer.expect_refusals()
    submission_id = hand_in(site)
    page = reviewer.go(f"/projects/{site.project.id}/review")
    take(page)
    page.get_by_label("Note to the writer").fill("My own words")
    with site.sessions.begin() as session:
        factories.review(session, session.get_one(Submission, submission_id), site.admin)
    page.get_by_role("button", name="Ask for changes").click()
    expect(page.get_by_role("alert")).to_contain_text("Ada Admin has already approved this")
    expect(page.get_by_label("Note to the writer")).to_have_value("My own words")


def test_all_of_it_works_without_a_script(visit: Visit, site: Site) -> None:
    visitor = visit(site.reviewer, scripts=False)
    visitor.expect_refusals()
    submission_id = hand_in(site)
    hand_in(site, "Another answer", "Another question")
    page = visitor.go(f"/projects/{site.project.id}/review")
    page.get_by_role("button", name="Take the next one").click()
    page.get_by_role("group", name="Helpful").get_by_label("3").check()
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("alert")).to_contain_text("Write to the author")
    expect(page.get_by_role("group", name="Helpful").get_by_label("3")).to_be_checked()
    page.get_by_label("Note to the writer").fill("Copied from a book.\nSorry.")
    page.get_by_role("button", name="Reject").click()
    expect(page.locator("#messages")).to_contain_text("Rejected")
    expect(page.get_by_role("heading", level=1)).to_have_text("Another question")
    page.get_by_label("Note to the writer").fill("To be copied")
    with site.sessions.begin() as session:
        other = session.scalars(select(Submission).where(Submission.id != submission_id)).one()
        factories.review(session, other, site.admin)
        note = session.scalars(select(Review.note).where(Review.submission_id == submission_id)).one()
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_label("Your note, to copy")).to_have_value("To be copied")
    assert note == "Copied from a book.\nSorry."


def test_how_the_rooms_of_review_look(reviewer: Visitor, visit: Visit, site: Site) -> None:
    reviewer.expect_refusals()
    submission_id = hand_in(site)
    page = reviewer.go(f"/projects/{site.project.id}/review")
    reviewer.look("review-queue")
    take(page)
    reviewer.look("review-desk")
    page.get_by_label("Note to the writer").fill(NOTE)
    page.get_by_role("button", name="Ask for changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing waits for you")
    reviewer.look("review-empty")
    mend(site, submission_id, MENDED + "\n\nIt pays \u202eeno\u202c day\u200b.")
    page.reload()
    page.get_by_role("button", name="Take the next one").click()
    reviewer.look("review-changes")
    reviewer.go(f"/projects/{site.project.id}/review?view=raw")
    reviewer.shoot(page, "review-raw")
    writer = visit(site.writer)
    writer.go(f"/submissions/{submission_id}?revision=2&against=1")
    writer.look("review-submission")
