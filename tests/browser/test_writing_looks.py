"""How the rooms of writing look, wide and narrow, by day and by night."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func
from sqlalchemy.orm import Session

from app.prompts.models import Prompt, PromptStatus
from app.writing.models import SubmissionStatus
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.visitor import Visitor
from tests.chromium import press

BREAD = [
    {
        "role": "user",
        "content": "my gran always said never to put bread in the fridge but it's so humid here that it goes mouldy in "
        "three days on the counter",
    },
    {
        "role": "assistant",
        "content": "She had a point, and so do you. The fridge keeps mould away but makes bread stale; the counter "
        "does the opposite. In a humid kitchen the freezer beats both.",
    },
    {"role": "user", "content": "Why does bread go stale faster in the fridge than on the counter?"},
]
ANSWER = (
    "It sounds backwards, because we think of going stale as drying out. Mostly it isn't.\n\n"
    "Bread is soft because baking swells its starch with water. As the loaf cools, the starch slowly lines up into "
    "crystals again and pushes the water out. Bakers call this *retrogradation*.\n\n"
    "Cold speeds this up. A freezer is a different matter: down there the water"
)
CODE = "curl -X POST http://127.0.0.1:8000/api/v1/projects/1/consent/take-back --data-binary @" + "a-long-name-" * 20
SHOWN = f"\n\n```\n{CODE}\n```\n\n| loaf | where |\n|---|---|\n| {'rye' * 60} | the counter |\n\n> Gran said so."
PLAN = "Formuliere eine höfliche Absage auf eine Einladung zur Hochzeit"


@pytest.fixture(autouse=True)
def a_writers_week(site: Site) -> None:
    """Drafts, work in every state, and prompts that are open."""
    with site.sessions.begin() as session:
        made = _maker(session, site)
        for number, status in enumerate(SubmissionStatus):
            prompt = made(f"Question {number}: what is the difference between weather and climate?")
            values: dict[str, Any] = {} if status is SubmissionStatus.SUBMITTED else {"decided_at": func.now()}
            factories.submission(session, prompt, site.writer, ANSWER, status=status, **values)
        factories.assignment(session, made(PLAN, language="de"), site.writer, "Liebe Tante Käthe,")
        factories.assignment(session, made("", messages=BREAD), site.writer, ANSWER)
        made("Plan a birthday for a seven-year-old who hates noise")


def _maker(session: Session, site: Site) -> Callable[..., Prompt]:
    def made(content: str, **values: Any) -> Prompt:
        return factories.prompt(
            session, site.project, site.admin, content, **({"status": PromptStatus.APPROVED} | values)
        )

    return made


def test_the_page_from_which_a_writer_begins(writer: Visitor, site: Site) -> None:
    page = writer.go(f"/projects/{site.project.id}/write")
    expect(page.get_by_role("heading", name="Go on writing")).to_be_visible()
    writer.look("writing-index")


def test_my_work(writer: Visitor, site: Site) -> None:
    writer.go("/my/submissions")
    expect(writer.page.get_by_role("img", name="Approved of what you handed in")).to_be_visible()
    writer.look("writing-my-submissions")


@pytest.fixture
def page(writer: Visitor, site: Site) -> Page:
    """The page on which the writer goes on."""
    page = writer.go(f"/projects/{site.project.id}/write")
    page.get_by_role("link", name="Go on writing").click()
    expect(page.get_by_label("Your response")).to_have_value(ANSWER)
    page.wait_for_load_state()
    return page


def test_the_writing_page_and_what_opens_over_it(writer: Visitor, page: Page) -> None:
    writer.look("writing-show")
    press(page, "Escape")
    press(page, "g")
    writer.look("writing-guidelines")
    press(page, "g")
    press(page, "s")
    writer.look("writing-skip")


def test_the_preview_and_a_longer_conversation(writer: Visitor, page: Page) -> None:
    page.get_by_label("Your response").fill(ANSWER + SHOWN)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("em", has_text="retrogradation")).to_be_visible()
    expect(page.locator(".rendered pre")).to_contain_text(CODE)
    writer.look("writing-preview")
    page.get_by_role("button", name="Write", exact=True).click()
    page.get_by_role("button", name="Add a turn").click()
    expect(page.get_by_label("User, turn 2")).to_be_visible()
    writer.look("writing-turns")


def test_a_text_that_was_saved_elsewhere_stands_beside_ones_own(writer: Visitor, page: Page) -> None:
    writer.expect_refusals()
    elsewhere = writer.go(page.url, writer.tab())
    elsewhere.get_by_label("Your response").fill("From another window.")
    expect(elsewhere.locator("[data-save-status]")).to_contain_text("just now")
    elsewhere.close()
    page.get_by_label("Your response").fill("From this window.")
    expect(page.get_by_role("dialog", name="This draft is newer elsewhere")).to_be_visible()
    writer.look("writing-conflict")


def test_a_pair(writer: Visitor, site: Site) -> None:
    page = writer.go(f"/projects/{site.project.id}/write")
    press(page, "w")
    page.get_by_label("Plan").check()
    page.get_by_label("Somebody asks").fill("Suggest a coding assistant tool")
    page.get_by_label("The assistant answers").fill("Try out Cursor")
    expect(page.locator("[data-save-status]")).to_contain_text("Saved")
    writer.look("writing-pair")
    press(page, "Control+p")
    expect(page.locator(".editor-sheet.rendered")).to_have_text("Try out Cursor")
    expect(page.locator("form").get_by_text("Suggest a coding assistant tool").first).to_be_visible()


def test_a_question_is_asked_beside_the_editor_and_answered_on_the_prompts_page(
    writer: Visitor, visit: Visit, site: Site, page: Page
) -> None:
    press(page, "Escape")
    press(page, "q")
    page.get_by_label("Your question").fill("Which fridge is meant?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("Which fridge is meant?")).to_be_visible()
    expect(page.get_by_label("Your response")).to_have_value(ANSWER)
    writer.look("writing-questions")
    page.get_by_label("Your question").press("Escape")
    press(page, "q")
    expect(page.get_by_label("Your question")).to_be_hidden()
    reviewer = visit(site.reviewer)
    answers = reviewer.go(f"/projects/{site.project.id}/questions")
    expect(answers.get_by_text("Which fridge is meant?")).to_be_visible()
    reviewer.look("prompts-questions")
    answers.get_by_role("link", name="Answer it on prompt").click()
    answers.get_by_text("Say something to this").click()
    answers.get_by_label("Your answer").fill("The one at home.")
    answers.get_by_role("button", name="Answer", exact=True).click()
    expect(answers.get_by_text("The one at home.")).to_be_visible()
    reviewer.look("prompts-show-questions")
    notices = writer.go("/notices", writer.tab())
    notices.get_by_role("button", name="A question of yours about a prompt is answered.").click()
    expect(notices.get_by_text("The one at home.")).to_be_visible()
