"""The whole way, as people walk it: a pair is written, sent back, mended, approved, published, trained on, measured;
answers are compared, a reward model learns what people prefer, a policy follows it, and people say if it helped."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.sign_ins import actor_for
from app.datasets.service import create_dataset, publish
from app.demo.comparing import ranked_pairs, scripted
from app.demo.texts import answered
from app.preferences.desk import take_next
from app.preferences.fitting import renew_figures
from app.preferences.judging import Said, answer
from app.preferences.making.sets import Wish
from app.preferences.models import Choice, Comparison, ComparisonSet
from app.projects.models import Category
from app.prompts.models import PromptStatus
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.chromium import press
from tests.jobs import work_off
from tests.preferences.publishing import filled_set

pytestmark = pytest.mark.training
ASKED, ANSWER = "Suggest a coding assistant tool", "Try out Cursor"
NOTE = "Say in a few words what it is good for."
MENDED = "Try out Cursor: an editor that completes and explains code while you type."


def approved_already(site: Site, database_url: str, count: int = 40) -> int:
    """Human-written responses, approved before, and a dataset whose version 1 holds them. The dataset's id."""
    rows = [row for row in answered() if len(row.turns) == 1][:count]
    with site.sessions.begin() as session:
        category = factories.stored(session, Category(project_id=site.project.id, name="Everything", target=50))
        for row in rows:
            prompt = factories.prompt(
                session,
                site.project,
                site.admin,
                messages=row.prompt,
                status=PromptStatus.APPROVED,
                category_id=category.id,
            )
            submission = factories.submission(session, prompt, site.other_writer, row.turns[0]["content"])
            factories.review(session, submission, site.reviewer)
        admin = actor_for(session, session.get_one(User, site.admin.id))
        dataset = create_dataset(session, admin, site.project.id, name="Pairs")
        publish(session, admin, dataset.id)
        dataset_id = dataset.id
    work_off(database_url, "default").join()
    return dataset_id


def signed_in(visit: Visit, person: User) -> Page:
    """A browser in which this person signs in by the form."""
    page = visit(None).go("/sign-in")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def write_a_pair(page: Page, project_id: int) -> None:
    """Press `w`, write both sides, hand in."""
    page.goto(f"/projects/{project_id}/write")
    press(page, "w")
    page.get_by_label("Somebody asks").fill(ASKED)
    page.get_by_label("The assistant answers").fill(ANSWER)
    page.get_by_label("then another pair").uncheck()
    press(page, "Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Handed in.")


def rate(page: Page, helpful: str, correct: str) -> None:
    """A digit for each row of the rubric, once the page listens to keys."""
    page.wait_for_load_state()
    for name, digit in (("Helpful", helpful), ("Correct", correct)):
        press(page, digit)
        expect(page.get_by_role("group", name=name).get_by_label(digit)).to_be_checked()


def send_back(page: Page, project_id: int) -> None:
    """Take what waits, rate it, say what is missing."""
    page.goto(f"/projects/{project_id}/review")
    press(page, "n")
    expect(page.get_by_role("heading", level=1)).to_have_text(ASKED)
    rate(page, "3", "2")
    page.get_by_label("Note to the writer").fill(NOTE)
    press(page, "Escape")
    press(page, "r")
    expect(page.locator("#messages")).to_contain_text("Asked for changes")


def mend(page: Page) -> None:
    """Find the note on the start page, go on writing, hand in again."""
    page.goto("/")
    expect(page.get_by_text(NOTE)).to_be_visible()
    page.goto("/my/submissions")
    page.get_by_role("link", name=ASKED).first.click()
    if page.get_by_role("link", name="Go on writing").is_visible():
        page.get_by_role("link", name="Go on writing").click()
    page.wait_for_load_state()
    page.get_by_label("The assistant answers").fill(MENDED)
    page.get_by_label("then another pair").uncheck()
    press(page, "Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Handed in.")


def approve(page: Page, project_id: int) -> None:
    """See what changed, rate it by digits, approve it by a key."""
    page.goto(f"/projects/{project_id}/review")
    press(page, "n")
    expect(page.get_by_text("Changes since revision 1")).to_be_visible()
    rate(page, "5", "4")
    press(page, "a")
    expect(page.locator("#messages")).to_contain_text("Approved")


def publish_version_two(page: Page, dataset_id: int, database_url: str) -> None:
    """Publish, watch it become version 2, and find the row in it."""
    page.goto(f"/datasets/{dataset_id}")
    page.get_by_role("button", name="Publish the next version").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    work_off(database_url, "default").join()
    expect(page.locator("#versions[hx-get]")).to_have_count(0)
    page.get_by_role("link", name="Version 2").click()
    page.get_by_role("link", name="Compare with version 1").click()
    page.get_by_role("link", name="Added").click()
    expect(page.get_by_text(MENDED)).to_be_visible()


def train(page: Page, database_url: str) -> None:
    """Start a run on version 2, watch its curve, open the report."""
    press(page, "t")
    page.get_by_label("Epochs").fill("1")
    press(page, "Control+Enter")
    expect(page.get_by_text("Waiting for a trainer")).to_be_visible()
    trainer = work_off(database_url, "training")
    expect(page.locator("#run path.line").first).to_be_attached(timeout=120_000)
    expect(page.get_by_role("link", name="Report")).to_have_attribute("href", re.compile("."), timeout=600_000)
    trainer.join()
    press(page, "r")


def judge_all(site: Site, person: User, *, by_script: bool) -> None:
    """Somebody judges all that waits: by the demo's script, or always the left one."""
    with site.sessions.begin() as session:
        actor = actor_for(session, session.get_one(User, person.id))
        while comparison := take_next(session, actor, site.project.id):
            said = scripted(session, comparison) if by_script else Said(Choice.LEFT)
            answer(session, actor, comparison.id, said)


def compare(page: Page, site: Site) -> None:
    """Answers that volunteers ranked are compared: one pair by its keys, the others at once."""
    site.settings.undo_seconds = 0
    with site.sessions.begin() as session:
        admin = actor_for(session, session.get_one(User, site.admin.id))
        filled_set(session, admin, site.project.id, Wish("Ranked elsewhere", pairs=ranked_pairs()[:60]))
    page.goto(f"/projects/{site.project.id}/compare")
    page.wait_for_load_state()
    press(page, "n")
    expect(page.get_by_text("Which answer is better?")).to_be_visible()
    page.wait_for_load_state()
    press(page, "1")
    expect(page.get_by_role("radio", name="A is better")).to_be_checked()
    press(page, "n")
    expect(page.get_by_text("1 compared today")).to_be_visible()
    judge_all(site, site.other_writer, by_script=True)


def publish_pairs(page: Page, project_id: int, database_url: str) -> None:
    """What people prefer becomes a version, by the page of preferences."""
    page.goto(f"/projects/{project_id}/preferences")
    page.get_by_role("link", name="Publish these pairs").first.click()
    page.get_by_label("Name", exact=True).fill("Preferred")
    page.get_by_role("button", name="Make the dataset").click()
    page.get_by_role("button", name="Publish the next version").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    work_off(database_url, "default").join()
    expect(page.locator("#versions[hx-get]")).to_have_count(0)
    page.get_by_role("link", name="Version 1").click()
    page.wait_for_load_state()


def follow(page: Page, database_url: str, method: str, **settings: str) -> None:
    """Start a run of this method from run 1's model, and wait for its end."""
    page.get_by_label("Method").select_option(method)
    page.get_by_role("button", name="Show its settings").click()
    page.get_by_label("Begins from").select_option(index=1)
    page.get_by_role("button", name="Show its settings").click()
    page.get_by_text("More settings").click()
    for label, value in settings.items():
        page.get_by_label(label.replace("_", " "), exact=True).fill(value)
    page.wait_for_load_state()
    press(page, "Control+Enter")
    expect(page.get_by_text("Waiting for a trainer")).to_be_visible()
    work_off(database_url, "training").join()
    page.reload()


def ask_whether_it_helped(page: Page, site: Site, database_url: str) -> None:
    """One click lets both models answer; people judge blindly; what they say stands on the report."""
    report = page.url
    page.get_by_role("button", name="Compare blindly").click()
    expect(page.get_by_text("People can judge when all models have answered.")).to_be_visible()
    work_off(database_url, "training").join()
    expect(page.get_by_role("link", name="See the set")).to_be_visible()
    judge_all(site, site.other_writer, by_script=False)
    with site.sessions.begin() as session:
        made = session.scalars(select(ComparisonSet).where(ComparisonSet.measures_only)).one()
        said = session.scalars(select(Comparison).where(Comparison.set_id == made.id)).all()
        assert {one.choice for one in said} == {Choice.LEFT}
        renew_figures(session, made.id, seconds=0)
    page.goto(report)
    told = page.locator("section", has=page.get_by_role("heading", name="What people say"))
    expect(told).to_contain_text(re.compile("[Pp]eople (prefer|see no difference|have judged)"))


def test_a_pair_goes_the_whole_way_to_a_report(visit: Visit, site: Site, own_database: str, loaded_python: str) -> None:
    site.settings.python = loaded_python
    dataset_id = approved_already(site, own_database)
    writer, reviewer = signed_in(visit, site.writer), signed_in(visit, site.reviewer)
    write_a_pair(writer, site.project.id)
    send_back(reviewer, site.project.id)
    mend(writer)
    approve(reviewer, site.project.id)

    admin = visit(site.admin)
    publish_version_two(admin.page, dataset_id, own_database)
    admin.page.get_by_role("main").get_by_role("link", name="Pairs").first.click()
    expect(admin.page.get_by_role("heading", level=1)).to_have_text("Version 2")
    train(admin.page, own_database)
    expect(admin.page.get_by_text("So small a model knows nothing.")).to_be_visible()
    expect(admin.page.get_by_role("heading", name="Side by side")).to_be_visible()
    expect(admin.page.get_by_text("Written by a person").first).to_be_visible()
    expect(admin.page.get_by_text("95 % interval").first).to_be_visible()

    compare(writer, site)
    publish_pairs(admin.page, site.project.id, own_database)
    version = admin.page.url
    press(admin.page, "t")
    few = {"Rows_measured_of_each_side": "16"}
    follow(admin.page, own_database, "reward", Steps_at_most="2", Learning_rate="0.001", **few)
    press(admin.page, "r")
    expect(admin.page.get_by_role("table").first).to_contain_text("length")
    admin.page.goto(version)
    press(admin.page, "t")
    small = {"Rows_measured_of_each_side": "8", "Prompts_answered_before_and_after": "8"}
    follow(admin.page, own_database, "rloo", Steps_at_most="2", Learning_rate="0.001", **small)
    press(admin.page, "r")
    expect(admin.page.get_by_text("Nobody has compared its answers blindly").first).to_be_visible()
    ask_whether_it_helped(admin.page, site, own_database)
