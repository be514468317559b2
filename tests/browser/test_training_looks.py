"""Runs and reports as people see them: the list, the form, a run at work, failed and done, and what it learned."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from app.accounts.sign_ins import actor_for, end_sign_ins
from app.core.jobs import surroundings
from app.datasets.service import create_dataset, publish
from app.projects.models import Category
from app.prompts.models import PromptStatus
from app.training.service import keep_events, start_run, stop
from app.training.worker.events import EventKind
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.visitor import Visitor
from tests.jobs import work_off
from tests.training.made import (
    a_policy_report,
    a_ranking_report,
    a_report,
    about,
    began,
    done,
    event,
    failed,
    first_of,
    sample,
)

ASKED = "What makes the sky blue, and why is it red in the evening?"
ANSWER = "Air scatters short waves more than long ones. In the evening light takes a longer way,\nso only red is left."
FULL = "The disk is full. Free some space, then let the run go on: the last whole checkpoint is kept."

ASKING = [
    "<|im_start|>",
    "user",
    "\n",
    *ASKED.split(" "),
    "w" * 300,
    "<|im_end|>",
    "\n",
    "<|im_start|>",
    "assistant",
    "\n",
]
SAID = ["Air", " scatters", "\n", "السماء", "<|im_end|>"]
TOKENS = {
    "id": "s-1", "count": 340, "learned": 5, "before": 314, "after": 0,
    "tokens": [{"text": text, "learned": says} for part, says in ((ASKING, False), (SAID, True)) for text in part],
}  # fmt: skip


@pytest.fixture
def version_id(site: Site, own_database: str) -> int:
    """A published version of a dozen rows."""
    with site.sessions.begin() as session:
        for number in range(12):
            prompt = factories.prompt(
                session, site.project, site.admin, f"{ASKED} {number}", status=PromptStatus.APPROVED
            )
            factories.review(session, factories.submission(session, prompt, site.writer, ANSWER), site.reviewer)
        admin = actor_for(session, site.admin)
        dataset = create_dataset(session, admin, site.project.id, name="Everyday pairs")
        made = publish(session, admin, dataset.id).id
    work_off(own_database, "default").join()
    return made


def a_run(site: Site, version_id: int) -> int:
    """The id of a run that waits for a trainer."""
    with site.sessions.begin() as session:
        admin, root = actor_for(session, site.admin), site.settings.models_root
        return start_run(session, admin, version_id, base_model="tiny", models_root=root).id


@pytest.fixture
def runs(site: Site, version_id: int, tmp_path: Path) -> dict[str, int]:
    """A run in each state, by its state."""
    ids = {state: a_run(site, version_id) for state in ("done", "failed", "stopping", "running", "queued")}
    with site.sessions() as session:
        samples = [sample(ANSWER, messages=factories.asked(ASKED)), sample("word " * 80 + "w" * 300, split="train")]
        done(session, surroundings.storage, ids["done"], tmp_path / "model", a_report(samples=samples))
        keep_events(session, ids["done"], [event(EventKind.TOKENS, shown=[TOKENS])])
        failed(session, ids["failed"], FULL)
        began(session, ids["stopping"])
        stop(session, actor_for(session, site.admin), ids["stopping"])
        began(session, ids["running"])
    return ids


def test_how_the_list_a_comparison_the_form_and_a_run_in_each_state_look(
    visit: Visit, site: Site, runs: dict[str, int], version_id: int
) -> None:
    admin = visit(site.admin)
    page = admin.go(f"/projects/{site.project.id}/runs")
    expect(page.get_by_role("row")).to_have_count(len(runs) + 1)
    admin.look("training-index")
    compare_chosen(admin)
    page = admin.go(f"/versions/{version_id}/train")
    expect(page.get_by_role("button", name="Start the run")).to_be_visible()
    admin.look("training-new")
    for number, (state, run_id) in enumerate(runs.items(), 1):
        page = admin.go(f"/runs/{run_id}")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Run {number}")
        if state == "done":
            page.get_by_text("Which tokens bear loss").click()
            expect(page.get_by_text("Row s-1: 5 of 340 tokens bear loss")).to_be_visible()
        admin.look(f"training-show-{state}")
    visit(site.reviewer).go(f"/versions/{version_id}/train")


def compare_chosen(admin: Visitor) -> None:
    """Four runs of the list, in one chart."""
    page = admin.page
    for number in (1, 2, 3, 4):
        page.get_by_role("checkbox", name=f"Compare run {number}").check()
    page.get_by_role("button", name="Compare the chosen runs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Runs compared")
    expect(page.get_by_role("img", name="Validation loss by steps")).to_be_visible()
    admin.look("training-compare")
    page.get_by_label("Along").select_option("tokens")
    page.get_by_role("button", name="Draw").click()
    expect(page.get_by_role("img", name="Validation loss by tokens")).to_be_visible()


def test_how_a_reward_model_and_a_policy_that_follows_it_look(
    visit: Visit, site: Site, version_id: int, tmp_path: Path
) -> None:
    tuned, reward = a_run(site, version_id), a_run(site, version_id)
    samples = [
        sample(ANSWER, messages=factories.asked(ASKED), base="As an as a"),
        sample("word " * 80 + "w" * 300),
    ]
    helped = a_policy_report(about(0.8, 0.2), about(0.1, 0.2), samples=samples)
    with site.sessions() as session:
        done(session, surroundings.storage, tuned, tmp_path / "tuned")
        done(session, surroundings.storage, reward, tmp_path / "reward", a_ranking_report(), method="reward")
        policy = start_run(
            session, actor_for(session, site.admin), version_id, base_model="", models_root=site.settings.models_root,
            method="rloo", begins_from=tuned, reward=reward,
        ).id  # fmt: skip
        done(session, surroundings.storage, policy, tmp_path / "policy", helped, method="rloo")
    admin = visit(site.admin)
    page = admin.go(f"/runs/{reward}")
    expect(page.get_by_role("img", name="Accuracy").first).to_be_visible()
    admin.look("training-show-reward")
    page = admin.go(f"/runs/{reward}/report")
    expect(page.get_by_role("heading", name="Is it as sure as it is right?")).to_be_visible()
    admin.look("evaluation-ranking")
    page = admin.go(f"/runs/{policy}")
    expect(page.get_by_role("heading", name="KL to the reference")).to_be_visible()
    expect(page.get_by_role("link", name="run 2", exact=True)).to_be_visible()
    page.get_by_text("The numbers as a table").click()
    admin.look("training-show-policy")
    page = admin.go(f"/runs/{policy}/report")
    expect(page.get_by_role("heading", level=1)).to_contain_text("helped")
    admin.look("evaluation-helped")
    page.get_by_role("link", name="prompts side by side").click()
    expect(page.get_by_text("Run 1, where it began").first).to_be_visible()
    admin.look("evaluation-answers-policy")
    admin.go(f"/versions/{version_id}/train?method=rloo&begins_from={tuned}")
    admin.look("training-new-policy")


def test_how_a_list_without_runs_looks(visit: Visit, site: Site) -> None:
    admin = visit(site.admin)
    page = admin.go(f"/projects/{site.project.id}/runs")
    expect(page.get_by_role("heading", name="No run yet")).to_be_visible()
    admin.look("training-empty")


def test_a_run_that_ends_under_the_eyes_of_somebody_asks_no_more(
    visit: Visit, site: Site, runs: dict[str, int]
) -> None:
    admin = visit(site.admin)
    page = admin.go(f"/runs/{runs['running']}")
    expect(page.get_by_text("step 12 of 20")).to_be_visible()
    with site.sessions() as session:
        failed(session, runs["running"], FULL)
    expect(page.get_by_text(FULL)).to_be_visible()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    expect(page.locator("#run[hx-get]")).to_have_count(0)


def test_how_answers_side_by_side_look(visit: Visit, site: Site, runs: dict[str, int], tmp_path: Path) -> None:
    with site.sessions() as session:
        asked = [sample(ANSWER, messages=factories.asked(ASKED)), sample("w" * 300, id="s-2", prompt_id="p-2")]
        done(session, surroundings.storage, runs["queued"], tmp_path / "later", a_report(samples=asked))
    reviewer = visit(site.reviewer)
    page = reviewer.go(f"/runs/{runs['queued']}/report")
    page.get_by_role("link", name="prompts side by side").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Answers side by side")
    reviewer.look("evaluation-answers")
    page.get_by_label("Words to find").fill("evening")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_text("1 of 2 holds")).to_be_visible()


def test_how_a_report_looks(visit: Visit, site: Site, runs: dict[str, int]) -> None:
    with site.sessions.begin() as session:
        session.execute(update(Category).values(target=3))
    admin = visit(site.admin)
    page = admin.go(f"/runs/{runs['done']}/report")
    expect(page.get_by_role("heading", level=1)).to_contain_text("It learned to answer, but half")
    expect(page.get_by_role("heading", name="Side by side")).to_be_visible()
    admin.look("evaluation-report")
    for table in page.get_by_text("The numbers as a table").all():
        table.click()
    page.get_by_text("The rows that came back").click()
    page.get_by_text("How each is counted").click()
    admin.look("evaluation-report-table")
    page.get_by_role("button", name="Set its target to 10").click()
    expect(page.get_by_text("0 of 10 approved")).to_be_visible()
    admin.go(f"/runs/{runs['running']}/report")
    expect(page.get_by_role("heading", name="No report yet")).to_be_visible()
    admin.look("evaluation-waiting")
    admin.go(f"/projects/{site.project.id}")
    expect(page.get_by_role("heading", name="What to write next")).to_be_visible()
    admin.look("insights-overview-next")


def test_the_order_of_open_prompts_is_shown_with_reasons_and_followed_in_one_press(
    visit: Visit, site: Site, version_id: int, tmp_path: Path
) -> None:
    here, run_id = f"/projects/{site.project.id}", a_run(site, version_id)
    admin = visit(site.admin)
    page = admin.go(f"{here}/first")
    expect(page.get_by_role("heading", name="No run has put the open prompts in order")).to_be_visible()
    admin.look("evaluation-first-none")
    with site.sessions() as session:
        asked = [
            factories.prompt(session, site.project, site.admin, text, status=PromptStatus.APPROVED)
            for text in (ASKED, "w" * 300, "And the sea?")
        ]
        order = first_of(*(prompt.id for prompt in reversed(asked)))
        done(session, surroundings.storage, run_id, tmp_path / "model", a_report(first=order))
    page = admin.go(f"{here}/first")
    expect(page.get_by_role("listitem").filter(has_text="And the sea?")).to_contain_text("2 other open prompts are")
    admin.look("evaluation-first")
    page.get_by_role("button", name="Give writers these first").click()
    expect(page.get_by_role("button", name="Give the oldest first again")).to_be_visible()
    writer = visit(site.writer)
    expect(writer.go(f"{here}/write").get_by_text("First come the prompts of which a trained model")).to_be_visible()
    writer.look("writing-index-advised")


def test_an_admin_starts_a_run_stops_it_and_lets_it_go_on(
    visit: Visit, site: Site, version_id: int, own_database: str
) -> None:
    admin = visit(site.admin)
    page = admin.go(f"/versions/{version_id}/train")
    page.get_by_label("Epochs").fill("2")
    page.get_by_role("button", name="Start the run").click()
    expect(page.get_by_text("Waiting for a trainer")).to_be_visible()
    page.get_by_role("button", name="Stop, keep the last checkpoint").click()
    expect(page.get_by_text("stopping")).to_be_visible()
    work_off(own_database, "training").join()
    expect(page.get_by_text("stopped")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Waiting for a trainer")).to_be_visible()


def test_without_scripts_a_run_is_started_as_well(visit: Visit, site: Site, version_id: int) -> None:
    page = visit(site.admin, scripts=False).go(f"/versions/{version_id}/train")
    page.get_by_role("button", name="Start the run").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Run 1")


def test_who_is_signed_out_elsewhere_sees_no_more_of_a_run(
    visit: Visit, site: Site, runs: dict[str, int]
) -> None:  # S21
    admin = visit(site.admin)
    page = admin.go(f"/runs/{runs['running']}")
    expect(page.get_by_text("step 12 of 20")).to_be_visible()
    admin.expect_refusals(401)
    with site.sessions.begin() as session:
        end_sign_ins(session, site.admin.id)
    with site.sessions() as session:
        failed(session, runs["running"], FULL)
    expect(page.get_by_text("step 12 of 20")).to_be_hidden()
    expect(page.get_by_text(FULL)).to_have_count(0)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert page.url.endswith(f"/sign-in?next=/runs/{runs['running']}")
    expect(page.locator("[hx-get]")).to_have_count(0)
