"""A reviewer's evening: a phrase by its key, the part that a return misses, the figures, a wording; their looks."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.projects.models import Category, Project, Wording
from app.prompts.models import PromptStatus
from app.review.models import Decision, Opinion, Review
from app.writing.models import Revision, Submission, SubmissionStatus
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.test_review_story import hand_in, reviewer, take
from tests.browser.visitor import Visitor
from tests.chromium import press

__all__ = ["reviewer"]
RULES = """# Answer what was asked

The first sentence answers. What follows explains it.

# Say where it is from

Name a source that the reader can open, and say early where rules differ from country to country.

# Write plainly

Short sentences, no word that the reader would have to look up.
"""
PHRASE = "Say early that the rules differ from country to country."


@pytest.fixture
def lived(site: Site) -> None:
    """A project with two opinions a response, of which 48 are judged, and a third person."""
    with site.sessions.begin() as session:
        project = session.get_one(Project, site.project.id)
        project.reviews_per_response = 2
        factories.guidelines(session, project, site.admin, version=2, text=RULES)
        session.add(Opinion(**opinion(session, project, site.reviewer, site.writer, "Alone", Decision.REJECTED)))
        third = factories.user(session, "Theo Third")
        factories.member(session, project, third, Role.REVIEWER)
        for at in range(48):
            judge(session, project, site, third, at)


def opinion(
    session: Session, project: Project, who: User, author: User, asked: str, decision: Decision, **more: object
) -> dict[str, object]:
    """What an opinion on a response of its own holds."""
    prompt = factories.prompt(session, project, who, asked, status=PromptStatus.APPROVED)
    submission = factories.submission(session, prompt, author)
    newest = session.scalars(select(Revision.id).where(Revision.submission_id == submission.id)).one()
    given = {"project_id": project.id, "submission_id": submission.id, "revision_id": newest, "note": "", "ratings": {}}
    return given | {"reviewer_id": who.id, "decision": decision} | more


def judge(session: Session, project: Project, site: Site, third: User, at: int) -> None:
    """Two opinions on one response, which differ now and then, and the decision."""
    names = select(Category).where(Category.project_id == project.id).order_by(Category.id)
    category = session.scalars(names).all()[at % 2]
    first = Decision.APPROVED if at % 3 else Decision.CHANGES_REQUESTED
    other = first if at % 6 else Decision.REJECTED
    rated = {"ratings": {"helpful": 5 - at % 3, "correct": 5 - at % 2}}
    given = opinion(session, project, site.reviewer, site.writer, f"Question {at}", first, **rated)
    session.add(Opinion(**given))
    theirs = {"reviewer_id": third.id, "decision": other, "ratings": {"helpful": 5 - at % 3, "correct": 4}}
    session.add(Opinion(**(given | theirs)))
    missed = ["Say where it is from", "Write plainly"][at % 9 == 0] if first is not Decision.APPROVED else ""
    session.flush()
    session.add(
        Review(
            **{key: given[key] for key in ("project_id", "submission_id", "revision_id", "ratings")},
            reviewer_id=third.id, decision=first, missed=missed, note="So." if missed else "",
        )
    )  # fmt: skip
    row = session.get_one(Submission, given["submission_id"])
    row.category_id, row.status = category.id, SubmissionStatus(first.value)
    session.flush()


def test_a_phrase_and_a_part_go_into_a_return_by_keys_alone(reviewer: Visitor, visit: Visit, site: Site) -> None:
    with site.sessions.begin() as session:
        factories.guidelines(session, session.get_one(Project, site.project.id), site.admin, version=2, text=RULES)
    submission_id = hand_in(site)
    page = reviewer.go("/my/phrases")
    page.get_by_label("One more").fill(PHRASE)
    press(page, "Control+Enter")
    expect(page.get_by_text(PHRASE)).to_be_visible()
    reviewer.look("review-phrases")
    page = reviewer.go(f"/projects/{site.project.id}/review")
    take(page)
    page.wait_for_load_state()
    note = page.get_by_label("Note to the writer")
    note.fill("Good. ")
    note.press("Control+.")
    expect(page.get_by_role("button", name=PHRASE)).to_be_focused()
    reviewer.look("review-desk-phrases")
    press(page, "1")
    expect(note).to_have_value("Good. " + PHRASE)
    expect(note).to_be_focused()
    press(page, "Escape")
    press(page, "m")
    page.keyboard.type("Say where")
    press(page, "Escape")
    press(page, "r")
    expect(page.locator("#messages")).to_contain_text("Asked for changes to")
    seen = visit(site.writer).go(f"/submissions/{submission_id}")
    seen.get_by_role("link", name="Say where it is from").click()
    expect(seen.get_by_role("heading", name="Say where it is from")).to_be_in_viewport()


def test_the_evening_tells_how_far_they_agree_and_leads_to_a_wording(
    reviewer: Visitor, visit: Visit, site: Site, lived: None
) -> None:
    page = reviewer.go(f"/projects/{site.project.id}/review/history")
    expect(page.get_by_text("Two reviewers decided alike on 83% of 48 responses")).to_be_visible()
    reviewer.look("review-history")
    page.get_by_role("link", name="Propose a wording of Say where it is from").click()
    page.get_by_label("Your wording").fill("# Say where it is from\n\nName a source, early.\n\n")
    page.get_by_label("What led to it").fill("Eight of sixteen returns.")
    reviewer.look("projects-wording")
    press(page, "Control+Enter")
    expect(page.get_by_text("waits for an administrator")).to_be_visible()
    admin = visit(site.admin)
    page = admin.go(f"/projects/{site.project.id}/guidelines")
    admin.look("projects-guidelines-proposed")
    page.get_by_role("link", name="Take it into the next version").click()
    expect(page.get_by_label("Guidelines", exact=True)).to_have_value(
        RULES.replace(RULES.split("# ")[2], "Say where it is from\n\nName a source, early.\n\n")
    )
    page.get_by_role("button", name="Write version 3").click()
    expect(page.get_by_text("Version 3, written")).to_be_visible()
    with site.sessions() as session:
        assert session.scalars(select(Wording.state)).all() == ["taken"]
    page = admin.go(f"/projects/{site.project.id}")
    expect(page.get_by_text("Two reviewers decided alike")).to_be_visible()
    page.get_by_role("link", name="How we decide").click()
    expect(page.get_by_text("Reviewer by reviewer")).to_be_visible()
