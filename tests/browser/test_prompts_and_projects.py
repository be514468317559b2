"""Prompts and projects in a real browser: by keys, without scripts, with hostile text, and how they look."""

import re
from functools import partial

import pytest
from playwright.sync_api import Dialog, expect

from app.accounts.sign_ins import actor_for
from app.core.excerpts import BEGINNING
from app.projects import service as projects
from app.projects.models import Category
from app.prompts import service
from app.prompts.models import Prompt, PromptStatus
from app.writing.models import AssignmentStatus, SkipKind
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.chromium import press
from tests.hostile import rows

CHANGED = """\
# Be helpful

Answer what was *meant*, as you would answer a friend.

- Plain words
- No more than needed

> Try it out yourself.
"""


@pytest.fixture
def asked(site: Site) -> list[int]:
    """Prompts in every state; the ids of those that wait for a decision."""
    with site.sessions.begin() as session:
        categories = session.query(Category).filter_by(project_id=site.project.id).order_by(Category.id).all()
        for number, status in enumerate(PromptStatus):
            factories.prompt(
                session,
                site.project,
                site.admin,
                f"Plan a rainy Sunday with a toddler and {number} euros",
                status=status,
                category_id=categories[number % 2].id,
                slots=2,
            )
        waiting = [
            factories.prompt(session, site.project, site.writer, content)
            for content in ("Why does bread go stale in the fridge?", "اكتب رسالة قصيرة أعتذر فيها لجاري")
        ]
        return [prompt.id for prompt in waiting]


def test_a_writer_proposes_and_a_reviewer_decides_by_keys(visit: Visit, site: Site) -> None:
    page = visit(site.writer).go(f"/projects/{site.project.id}/prompts")
    press(page, "p")
    page.wait_for_url("**/propose")
    page.get_by_label("Prompt", exact=True).fill("Suggest a coding assistant tool")
    press(page, "Control+Enter")
    expect(page.get_by_text("Suggest a coding assistant tool")).to_be_visible()

    page = visit(site.reviewer).go(f"/projects/{site.project.id}/prompts?status=proposed")
    page.get_by_role("link", name="Suggest a coding assistant tool").click()
    page.wait_for_url("**/prompts/*")
    press(page, "a")
    expect(page.get_by_text("Decided on")).to_be_visible()
    expect(page.locator("main .state")).to_have_text("open")


def test_a_rejection_asks_for_its_reason_and_goes_on_to_the_next(visit: Visit, site: Site, asked: list[int]) -> None:
    page = visit(site.reviewer).go(f"/prompts/{asked[0]}")
    press(page, "r")
    page.get_by_label("Reason").fill("We have this one.")
    page.get_by_role("button", name="Reject it").click()
    expect(page.get_by_text("We have this one.")).to_be_visible()
    press(page, "n")
    expect(page.get_by_role("button", name="Approve")).to_be_visible()


def test_all_of_it_works_without_scripts(visit: Visit, site: Site, asked: list[int]) -> None:
    page = visit(site.reviewer, scripts=False).go(f"/prompts/{asked[0]}")
    page.get_by_text("Reject", exact=False).first.click()
    page.get_by_label("Reason").fill("We have this one.")
    page.get_by_role("button", name="Reject it").click()
    expect(page.get_by_text("We have this one.")).to_be_visible()


def test_what_was_written_is_kept_when_it_is_refused(visit: Visit, site: Site) -> None:
    visitor = visit(site.writer)
    page = visitor.go(f"/projects/{site.project.id}/prompts/propose")
    visitor.expect_refusals(422)
    page.get_by_label("Prompt", exact=True).fill("A long thought")
    page.get_by_text("More", exact=True).last.click()
    page.get_by_label("Language").fill("no language")
    press(page, "Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Language is no language code")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A long thought")


def test_who_leaves_what_they_typed_is_asked_first(visit: Visit, site: Site, asked: list[int]) -> None:
    here = f"/projects/{site.project.id}"
    places = {
        f"{here}/prompts/propose": "Prompt",
        f"/prompts/{asked[0]}": "Your question",
        f"{here}/guidelines/revise": "Guidelines",
        f"{here}/settings": "Consent",
    }
    visitor = visit(site.admin)
    kinds: list[str] = []

    def stay(dialog: Dialog) -> None:
        kinds.append(dialog.type)
        dialog.dismiss()

    for number, (address, label) in enumerate(places.items(), 1):
        page = visitor.go(address, visitor.tab())
        field = page.get_by_label(label, exact=True)
        field.focus()
        page.keyboard.type("A long thought. ")
        page.once("dialog", stay)
        page.evaluate("location.assign('/')")
        visitor.until(lambda: len(kinds) == number, page)  # noqa: B023 - waited for within the round
        expect(field).to_have_value(re.compile("^A long thought. |A long thought. $"))
    assert set(kinds) == {"beforeunload"}


def test_hostile_text_stays_text_on_every_page_that_shows_it(visit: Visit, site: Site) -> None:  # S62 S37
    texts = [row for row in rows("text", "markdown", stored=True) if len(row.text) < 2_000]
    listed, talks = texts[::8], [texts[start : start + 99] for start in range(0, len(texts), 99)]
    with site.sessions.begin() as session:
        propose = partial(service.propose, session, actor_for(session, site.writer), site.project.id)
        made = {row.id: propose(messages=factories.asked(row.text)).id for row in listed}
        told = [propose(messages=in_turns([row.text for row in talk])).id for talk in talks]
    visitor = visit(site.writer)
    page = visitor.go(f"/projects/{site.project.id}/prompts")
    shown: dict[str, str] = {}
    while True:
        assert visitor.intrusions() == []
        shown |= dict(
            page.locator("td a.written").evaluate_all("all => all.map((one) => [one.pathname, one.textContent])")
        )
        older = page.get_by_role("link", name="Older", exact=True)
        if not older.count() or not (address := older.get_attribute("href")):
            break
        page.goto(address)
    short = [row for row in listed if len(row.text) <= BEGINNING]
    assert [row.id for row in short if shown[f"/prompts/{made[row.id]}"] != row.text] == []
    for prompt_id, talk in zip(told, talks, strict=True):
        page.goto(f"/prompts/{prompt_id}")
        turns = page.locator("main .turn .written").evaluate_all("all => all.map((one) => one.textContent)")
        assert [row.id for row, turn in zip(talk, turns, strict=True) if row.text != turn] == []
        assert visitor.intrusions() == []


def in_turns(texts: list[str]) -> list[dict[str, str]]:
    """A conversation in which these are said one after another; it ends with a question."""
    last = len(texts) - 1
    return [
        {"role": "assistant" if (last - at) % 2 else "user", "content": content} for at, content in enumerate(texts)
    ]


def test_hostile_guidelines_and_names_run_nothing(visit: Visit, site: Site) -> None:  # S62 S65
    markdown = [row for row in rows("markdown", stored=True) if len(row.text) < 5_000]
    names = rows("name", stored=True)
    with site.sessions.begin() as session:
        actor = actor_for(session, site.admin)
        text = "\n\n".join(row.text for row in markdown)[:90_000]
        projects.revise_guidelines(session, actor, site.project.id, text=text, rubric=factories.RUBRIC)
        for name in {row.text for row in names}:
            projects.add_category(session, actor, site.project.id, name=name, target=1)
    visitor = visit(site.admin)
    page = visitor.go(f"/projects/{site.project.id}/guidelines?version=2&against=1")
    for address in ("guidelines", "settings", "prompts", "prompts/propose", "prompts/import"):
        page.goto(f"/projects/{site.project.id}/{address}")
        assert visitor.intrusions() == []
    page.goto(f"/projects/{site.project.id}/prompts/propose")
    shown = page.locator("#category_id option").evaluate_all("all => all.map((one) => one.textContent)")
    assert [row.id for row in names if row.text not in shown] == []


def test_how_the_rooms_of_prompts_and_projects_look(visit: Visit, site: Site, asked: list[int]) -> None:
    with site.sessions.begin() as session:
        actor = actor_for(session, site.admin)
        projects.revise_guidelines(session, actor, site.project.id, text=CHANGED, rubric=factories.RUBRIC)
        prompt = session.get_one(Prompt, asked[0])
        prompt.imported_response = factories.answered("Starch crystallises quickest a few degrees above freezing.")
        many = factories.prompt(session, site.project, site.admin, "Why " * 60, status=PromptStatus.APPROVED, slots=9)
        for writer, kind in ((site.writer, SkipKind.TOO_LONG), (site.other_writer, SkipKind.NOT_MY_FIELD)):
            factories.assignment(session, many, writer, status=AssignmentStatus.SKIPPED, skip_kind=kind)
    admin, here = visit(site.admin), f"/projects/{site.project.id}"
    pages = {
        "projects-index": "/projects",
        "projects-changes": f"{here}/guidelines?version=2&against=1",
        "projects-revise": f"{here}/guidelines/revise",
        "prompts-index": f"{here}/prompts",
        "prompts-show": f"/prompts/{asked[0]}",
        "prompts-skips": f"/prompts/{asked[0]}/skips",
        "writing-left": f"{here}/left",
        "prompts-propose": f"{here}/prompts/propose",
    }
    for name, address in pages.items():
        admin.go(address)
        admin.look(name)
