"""A writer takes a prompt, writes, hands in and sees what became of it: by the keyboard, and without a script."""

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect
from sqlalchemy import select, update

from app.projects.models import Category, Project
from app.prompts.models import Prompt, PromptReport, PromptStatus, Slot
from app.writing.models import Draft, Revision
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.visitor import NARROW, Visitor
from tests.chromium import press

BREAD = "Why does bread go stale faster in the fridge than on the counter?"


@pytest.fixture(autouse=True)
def bread(site: Site) -> None:
    """Two prompts are open."""
    with site.sessions.begin() as session:
        for content in (BREAD, "Plan a birthday for a seven-year-old who hates noise"):
            factories.prompt(session, site.project, site.admin, content, status=PromptStatus.APPROVED)


def begun(visitor: Visitor, site: Site) -> Page:
    """The writing page of the next prompt."""
    page = visitor.go(f"/projects/{site.project.id}/write")
    press(page, "n")
    expect(page.get_by_label("Your response")).to_be_focused()
    return page


def test_from_the_next_prompt_to_my_work_by_the_keyboard(writer: Visitor, site: Site) -> None:
    page = begun(writer, site)
    expect(page.get_by_text(BREAD)).to_be_visible()
    page.get_by_label("Your response").fill("Mostly because its starch crystallises.")
    expect(page.locator("[data-save-status]")).to_contain_text("Saved")
    press(page, "Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Handed in.")
    page.goto("/my/submissions")
    expect(page.get_by_role("main")).to_contain_text("in review")
    page.get_by_role("link", name=BREAD).click()
    expect(page.get_by_role("main")).to_contain_text("Mostly because its starch crystallises.")


@pytest.mark.parametrize("where", ["/", "/projects/{project}/write", "/projects/{project}"])
def test_one_key_leads_to_the_first_character(writer: Visitor, site: Site, where: str) -> None:
    page = writer.go(where.format(project=site.project.id))
    press(page, "n")
    page.wait_for_url("**/write/*")
    expect(page.get_by_label("Your response")).to_be_focused()
    page.keyboard.type("Mostly")
    expect(page.get_by_label("Your response")).to_have_value("Mostly")


def test_handing_in_brings_the_next_prompt_with_the_caret_in_its_sheet(writer: Visitor, site: Site) -> None:
    page = begun(writer, site)
    page.keyboard.type("Because of its starch.")
    press(page, "Control+Enter")
    expect(page.get_by_role("main")).to_contain_text("Plan a birthday")
    expect(page.locator("#messages")).to_contain_text(f"Handed in. {BREAD[:40]}")
    expect(page.get_by_label("Your response")).to_be_focused()
    page.keyboard.type("Invite few.")
    press(page, "Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Nothing more is open for you here just now.")
    with site.sessions() as session:
        written = [one.messages[0]["content"] for one in session.scalars(select(Revision).order_by(Revision.id))]
    assert written == ["Because of its starch.", "Invite few."]


def test_the_writer_stops_after_this_one(writer: Visitor, site: Site) -> None:
    page = begun(writer, site)
    page.keyboard.type("The last for today")
    page.get_by_label("then the next").uncheck()
    press(page, "Control+Enter")
    expect(page.get_by_role("heading", name="Write", exact=True)).to_be_visible()
    expect(page.locator("#messages")).to_contain_text("Handed in.")


def test_all_of_it_works_without_a_script(visit: Visit, site: Site) -> None:
    page = visit(site.writer, scripts=False).go(f"/projects/{site.project.id}/write")
    page.get_by_role("button", name="Write the next").click()
    page.get_by_label("Your response").fill("\nFirst line\n")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Your response")).to_have_value("\nFirst line\n")
    page.get_by_role("button", name="Add a turn").click()
    page.get_by_label("User, turn 2").fill("And then?")
    page.get_by_label("Assistant, turn 3").fill("Toast it.")
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#messages")).to_contain_text("Handed in.")
    with site.sessions() as session:
        [revision] = session.scalars(select(Revision))
    assert [turn["content"] for turn in revision.messages] == ["\nFirst line\n", "And then?", "Toast it."]


def test_what_was_refused_is_said_where_the_writer_looks_and_the_text_stays(writer: Visitor, site: Site) -> None:
    writer.expect_refusals()
    page = begun(writer, site)
    page.get_by_label("Your response").fill("   ")
    press(page, "Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("There is an empty turn")
    expect(page.get_by_label("Your response")).to_have_value("   ")


def test_a_prompt_is_skipped_with_a_reason(writer: Visitor, site: Site) -> None:
    page = begun(writer, site)
    press(page, "Escape")
    press(page, "s")
    page.get_by_label("I cannot tell what is asked").check()
    page.get_by_role("button", name="Skip it").click()
    expect(page.locator("#messages")).to_contain_text("Skipped. Somebody else gets it.")
    expect(page.get_by_text("Plan a birthday")).to_be_visible()
    expect(page.get_by_label("Your response")).to_be_focused()
    press(page, "u")
    expect(page.get_by_label("Your response")).to_have_value("u")
    press(page, "Alt+u")
    expect(page.get_by_text(BREAD)).to_be_visible()
    expect(page.get_by_label("Your response")).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_bad_prompt_is_reported_and_those_who_decide_read_why(visit: Visit, site: Site, scripts: bool) -> None:
    writer, reviewer = visit(site.writer, scripts=scripts), visit(site.reviewer)
    page = writer.go(f"/projects/{site.project.id}/write")
    page.get_by_role("button", name="Write the next").click()
    page.get_by_role("link", name="Bad prompt").click()
    if scripts:
        writer.look("writing-report")
    dialog = page.locator("#report")
    dialog.get_by_label("It holds private data").check()
    dialog.get_by_label("In your own words").fill("That is my neighbour.")
    dialog.get_by_role("button", name="Report it").click()
    expect(page.locator("#messages")).to_contain_text("Reported.")
    with site.sessions() as session:
        prompt_id = session.scalars(select(PromptReport.prompt_id)).one()
    seen = reviewer.go(f"/prompts/{prompt_id}")
    reports = seen.get_by_role("region", name="Reported as a bad prompt")
    expect(reports).to_contain_text("That is my neighbour.")
    reviewer.look("prompts-reported")
    reports.get_by_role("button", name="Dealt with").click()
    expect(reports).to_be_hidden()


def test_a_prompt_is_skipped_without_a_script(visit: Visit, site: Site) -> None:
    page = visit(site.writer, scripts=False).go(f"/projects/{site.project.id}/write")
    page.get_by_role("button", name="Write the next").click()
    page.get_by_role("link", name="Skip", exact=True).click()
    page.get_by_label("It would take too long").check()
    page.get_by_role("button", name="Skip it").click()
    expect(page.get_by_text("Plan a birthday")).to_be_visible()


def test_on_another_computer_the_writer_goes_on_where_they_stopped(writer: Visitor, visit: Visit, site: Site) -> None:
    page = begun(writer, site)
    page.keyboard.type("🍞 Half thought")
    for _ in "thought":
        press(page, "ArrowLeft")
    page.keyboard.type("a ")
    expect(page.locator("[data-save-status]")).to_contain_text("Saved")
    elsewhere = visit(site.writer).go(f"/projects/{site.project.id}/write")
    elsewhere.get_by_role("link", name="Go on writing").click()
    expect(elsewhere.get_by_label("Your response")).to_be_focused()
    elsewhere.keyboard.type("good ")
    expect(elsewhere.get_by_label("Your response")).to_have_value("🍞 Half a good thought")


def test_keystrokes_and_pastes_are_counted_before_the_writers_eyes(writer: Visitor, site: Site) -> None:
    with site.sessions.begin() as session:
        session.execute(update(Project).values(keeps_provenance=True))
    page = begun(writer, site)
    page.keyboard.type("Thirteen k")
    press(page, "Backspace")
    page.keyboard.type("..")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('pasted 🍞')")
    press(page, "Control+v")
    expect(page.locator("[data-typed]")).to_contain_text("13 keystrokes, 1 pastes of 8 characters")
    expect(page.locator("[data-typed]")).to_contain_text("1 revisions")
    expect(page.locator("[data-save-status]")).to_contain_text("Saved")
    writer.look("writing-typed")
    press(page, "Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Handed in.")
    with site.sessions() as session:
        kept = session.scalars(select(Revision.provenance)).one()
    assert kept is not None
    assert (kept["keystrokes"], kept["pastes"], kept["pasted_characters"], kept["revisions"]) == (13, 1, 8, 1)
    assert kept.keys() == {"keystrokes", "pastes", "pasted_characters", "active_seconds", "revisions"}


def test_every_turn_of_ones_own_is_edited_before_handing_in(writer: Visitor, site: Site) -> None:
    page = begun(writer, site)
    page.keyboard.type("First")
    page.get_by_role("button", name="Add a turn").click()
    page.get_by_label("User, turn 2").fill("And then")
    page.get_by_label("Assistant, turn 3").fill("Last")
    page.get_by_label("User, turn 2").fill("And then?")
    page.get_by_label("Assistant, turn 1").fill("First, mended")
    press(page, "Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Handed in.")
    with site.sessions() as session:
        turns = session.scalars(select(Revision.messages)).one()
    assert [turn["content"] for turn in turns] == ["First, mended", "And then?", "Last"]


def test_a_pair_begins_with_a_system_message_where_it_is_allowed(writer: Visitor, site: Site) -> None:
    with site.sessions.begin() as session:
        session.execute(update(Project).values(allow_system=True))
    page = writer.go(f"/projects/{site.project.id}/write")
    press(page, "w")
    expect(page.get_by_label("Somebody asks")).to_be_focused()
    page.get_by_label("System").fill("You are brief.")
    page.get_by_label("Somebody asks").fill("Suggest a coding assistant tool")
    page.get_by_label("The assistant answers").fill("Try out Cursor")
    expect(page.locator("[data-save-status]")).to_contain_text("Saved")
    writer.look("writing-system")
    press(page, "Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Handed in.")
    with site.sessions() as session:
        [revision] = session.scalars(select(Revision))
    assert [(turn["role"], turn["content"]) for turn in revision.prompt_messages] == [
        ("system", "You are brief."),
        ("user", "Suggest a coding assistant tool"),
    ]
    assert revision.messages == factories.answered("Try out Cursor")


def test_enter_held_down_and_a_form_sent_again_hand_in_once(writer: Visitor, site: Site) -> None:
    # R19
    page = begun(writer, site)
    page.get_by_label("Your response").fill("Once")
    page.get_by_role("button", name="Hand in").dblclick(no_wait_after=True)
    expect(page.locator("#messages")).to_contain_text("Handed in.")
    page.go_back()
    page.go_forward()
    page.reload()
    with site.sessions() as session:
        assert len(session.scalars(select(Revision)).all()) == 1
        assert len(session.scalars(select(Draft)).all()) == 2, "the one that was handed in, and the next"


def test_what_is_usual_and_good_examples_stand_beside_the_text(writer: Visitor, site: Site) -> None:
    with site.sessions.begin() as session:
        session.execute(update(Project).values(shows_examples=True))
        category = session.scalars(select(Category).order_by(Category.id).limit(1)).one()
        session.execute(update(Prompt).values(category_id=category.id))
        session.execute(update(Slot).values(category_id=category.id))
        for number in range(20):
            text = f"A thin film melts. {'And slides. ' * number}"
            known = factories.prompt(session, site.project, site.admin, "Why is ice slippery?", category_id=category.id)
            done = factories.submission(session, known, site.other_writer, text, category_id=category.id)
            factories.review(session, done, site.reviewer)
    page = begun(writer, site)
    beside = page.locator("details", has_text="What is usual")
    expect(beside).to_contain_text("Usually 14–32 words")
    expect(beside.get_by_role("article")).to_have_count(2)
    example = beside.get_by_label("Example 1")
    folded = box(example)
    assert folded["x"] < box(page.get_by_label("Your response"))["x"], "to its left"
    example.get_by_label("all of it").check()
    assert box(example)["height"] > folded["height"]
    writer.look("writing-examples")
    press(page, "Escape")
    press(page, "e")
    expect(example).to_be_hidden()
    page.set_viewport_size(NARROW)
    page.reload()
    expect(example).to_be_hidden()
    beside.locator("summary").click()
    expect(example).to_be_visible()
    assert box(example)["y"] > box(page.get_by_label("Your response"))["y"], "after it"


def box(found: Locator) -> FloatRect:
    """Where it stands on the page."""
    stands = found.bounding_box()
    assert stands
    return stands


def test_a_pair_shows_what_is_usual_in_the_category_that_is_chosen(writer: Visitor, site: Site) -> None:
    page = writer.go(f"/projects/{site.project.id}/write")
    press(page, "w")
    beside = page.locator("details", has_text="What is usual")
    expect(beside).to_contain_text("Choose a category")
    page.get_by_label("Plan").check()
    expect(beside).to_contain_text("How long is usual is said once 20 are approved.")
    expect(beside).to_contain_text("Plan")
    expect(page.locator("[data-save-status]")).to_contain_text("Saved")
    page.reload()
    expect(page.get_by_label("Plan")).to_be_checked()
