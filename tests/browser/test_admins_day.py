"""An administrator's day: what the project asks, by which rules, of whom, how it goes, and whether it is healthy."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, text

from app.accounts.models import Role, User
from app.accounts.sign_ins import actor_for
from app.projects import wordings
from app.projects.models import Project, Wording
from app.prompts import reports
from app.prompts.models import PromptStatus, ReportReason
from app.review.models import Decision, GoldItem
from app.writing.models import Submission
from app.writing.service import save_draft, start_pair, take_next
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.test_review_decisions import RULES
from tests.browser.test_reviewers_day import BETTER_RULE, hand_in, lived
from tests.browser.visitor import Visitor
from tests.chromium import press

__all__ = ["lived"]
LINES = (
    '{"prompt": "Why is the sky blue?", "category": "Explain"}\n'
    '{"prompt": "友達にどう声をかければいいですか。", "language": "ja"}\n'
)
BREAD, NEIGHBOUR = "Why does bread go stale in the fridge?", "Where does my neighbour live?"
AGAIN, ICE, CATS = "Why is the sea salty?", "Why is ice slippery?", "Why do cats purr?"
OLD_RULE = f"# {RULES.split('# ')[2]}"
# What the day leaves in the project's audit log.
ACTS = (
    "prompts.rejected", "prompts.approved", "prompts.imported", "projects.settings_changed", "projects.member_added",
    "projects.wording_taken", "projects.guidelines_revised", "review.gold_marked", "writing.handed_over",
)  # fmt: skip


@pytest.fixture
def morning(site: Site, lived: None) -> int:
    """What happened since yesterday: prompts proposed, one reported, a wording proposed, a newcomer at work.

    The id of a response that a reviewer approved.
    """
    nora = site.person("Nora New", Role.ANNOTATOR)
    with site.sessions.begin() as session:
        session.get_one(User, site.admin.id).is_admin = True
        session.get_one(Project, site.project.id).qualification = 3
        factories.prompt(session, site.project, site.admin, ICE, status=PromptStatus.APPROVED)
        begun = actor_for(session, nora)
        taken = take_next(session, begun, site.project.id)
        assert taken
        save_draft(session, begun, taken.id, messages=factories.answered("Its surface melts."), revision=0)
        start_pair(session, begun, site.project.id)
        for asked in (BREAD, NEIGHBOUR):
            factories.prompt(session, site.project, site.writer, asked)
        again = factories.prompt(session, site.project, site.writer, AGAIN, status=PromptStatus.APPROVED)
        other, rae = actor_for(session, site.other_writer), actor_for(session, site.reviewer)
        reports.report(session, other, again.id, ReportReason.DUPLICATE, "I have answered it before.")
        part, why = "Say where it is from", "Eight of sixteen returns."
        wordings.propose(session, rae, site.project.id, version=2, heading=part, text=BETTER_RULE, reason=why)
        job = "INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts) "
        session.execute(text(job + "VALUES ('default', 'core.forget_answers', 'failed', 5)"))
    approved = hand_in(site, site.writer, CATS, "Because of their larynx.")
    with site.sessions.begin() as session:
        factories.review(session, session.get_one(Submission, approved), site.reviewer)
    return approved


def test_an_administrators_day(visit: Visit, site: Site, morning: int, tmp_path: Path) -> None:
    admin = visit(site.admin)
    here = f"/projects/{site.project.id}"
    # How each project stands, in a line, and what came up since yesterday.
    page = admin.go("/")
    expect(page.get_by_role("listitem").filter(has_text="Everyday assistant").last).to_contain_text("approved.")
    press(page, "i")
    expect(page.get_by_text("proposes how a part of the guidelines should read")).to_be_visible()

    # What writers report and propose is decided, by keys; more comes from a file.
    page.goto(f"{here}/prompts")
    page.get_by_role("link", name="Questions and reports").click()
    expect(page.get_by_text("1 × It was asked before")).to_be_visible()
    page.get_by_role("button", name="Leave it on offer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Prompt")
    expect(page.get_by_text("Reported as a bad prompt")).to_have_count(0)
    page.goto(f"{here}/prompts?status=proposed")
    page.get_by_role("link", name=NEIGHBOUR).click()
    press(page, "r")
    page.get_by_label("Reason").fill("It asks for private data.")
    press(page, "Control+Enter")
    expect(page.get_by_text("It asks for private data.")).to_be_visible()
    press(page, "n")
    expect(page.get_by_text(BREAD)).to_be_visible()
    press(page, "a")
    expect(page.get_by_text("Decided on")).to_be_visible()
    bring_prompts_in(admin, here, tmp_path)

    # What is wanted, and by which rules.
    page.goto(f"{here}/settings")
    page.get_by_label("Approved responses wanted").first.fill("60")
    page.get_by_label("Opinions on each response").select_option("2")
    page.get_by_label("What a reviewer is given first").select_option("furthest")
    page.get_by_label("One known submission in").fill("20")
    press(page, "Control+Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_text("Change the category Plan").click()
    page.get_by_label("Approved responses wanted").nth(2).fill("25")
    page.get_by_role("button", name="Save the category Plan").click()
    expect(page.get_by_text("of 25 approved")).to_be_visible()

    # Who works here: somebody is brought in, a newcomer may go on, a prompt goes to somebody else.
    page.goto(f"{here}/members")
    page.get_by_label("E-mail address").fill("nia@example.org")
    page.get_by_label("Name", exact=True).fill("Nia Next")
    page.get_by_role("button", name="Bring in").click()
    expect(page.get_by_text("Send this link to nia@example.org")).to_be_visible()
    page.get_by_role("button", name="Qualify Nora New").click()
    expect(page.get_by_role("row", name="Nora New")).not_to_contain_text("not qualified yet")
    page.get_by_role("link", name="See the work of Nora New").click()
    expect(page.get_by_text("2 drafts are kept for their return.")).to_be_visible()
    page.get_by_label("Give it to").select_option(label="Ben Author")
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_text("The prompt has gone to them.")).to_be_visible()

    # What a good response is: a reviewer's wording goes into the next version.
    page.goto(f"{here}/guidelines")
    admin.look("projects-guidelines-proposed")
    page.get_by_role("link", name="Take it into the next version").click()
    expect(page.get_by_label("Guidelines", exact=True)).to_have_value(RULES.replace(OLD_RULE, BETTER_RULE))
    press(page, "Control+Enter")
    expect(page.get_by_text("Version 3, written")).to_be_visible()

    # What reviewers are measured by: a decision is vouched for.
    page.goto(f"/submissions/{morning}")
    page.get_by_text("Vouch for the right decision").click()
    page.get_by_label("Why", exact=True).fill("It says what to do first.")
    page.get_by_role("button", name="Vouch for it").click()
    expect(page.get_by_text("Its right decision is known")).to_be_visible()
    admin.look("review-known")

    # How far it is, what holds it back, and how far people agree.
    page.goto(here)
    expect(page.get_by_role("heading", level=1)).to_have_text("33 of 60 responses are approved.")
    expect(page.get_by_role("heading", name="What holds it back now")).to_be_visible()
    expect(page.get_by_text("Two reviewers decided alike")).to_be_visible()
    page.get_by_role("link", name="How we decide").click()
    expect(page.get_by_text("Reviewer by reviewer")).to_be_visible()

    # Who did what, and whether the installation is healthy.
    page.goto(f"{here}/audit")
    table = page.get_by_role("table")
    for act in ACTS:
        expect(table).to_contain_text(act)
    page.goto("/admin/jobs")
    expect(page.get_by_role("heading", level=1)).to_contain_text("one failed.")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("failed")
    page.goto("/admin/audit")
    expect(table).to_contain_text("Everyday assistant")
    with site.sessions() as session:
        assert session.scalars(select(Wording.state)).all() == ["taken"]
        assert session.scalars(select(GoldItem.decision)).all() == [Decision.APPROVED]


def bring_prompts_in(admin: Visitor, here: str, folder: Path) -> None:
    """A file is looked at and imported without being chosen again; of a table it is said which column is what."""
    file, table = folder / "prompts.jsonl", folder / "prompts.csv"
    file.write_text(LINES, "utf-8")
    table.write_text("Frage;Thema;Notiz\nWarum ist der Himmel blau?;Explain;x\n", "utf-8")
    page = admin.go(f"{here}/prompts/import")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Look what would come in").click()
    expect(page.get_by_text("2 of 2 prompts would come in.")).to_be_visible()
    admin.look("prompts-import")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("2 of 2 prompts came in.")).to_be_visible()
    page.get_by_label("File").set_input_files(table)
    page.get_by_role("button", name="Look what would come in").click()
    expect(page.get_by_text("say which column holds the prompt")).to_be_visible()
    page.get_by_label("Prompt", exact=True).select_option("Frage")
    page.get_by_label("Category", exact=True).select_option("Thema")
    page.get_by_role("button", name="Look what would come in").click()
    expect(page.get_by_text("1 of 1 prompts would come in.")).to_be_visible()
    admin.look("prompts-import-table")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("1 of 1 prompts came in.")).to_be_visible()
    page.get_by_role("link", name="See what waits for a decision").click()
    expect(page.get_by_role("row", name="Warum ist der Himmel blau?")).to_contain_text("Explain")
    admin.go(f"{here}/prompts/import")
    file.write_text('{"prompt": ""}\n', "utf-8")
    page.get_by_label("File").set_input_files(file)
    admin.expect_refusals(422)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("Line 1, prompt")
