"""The playground with a real model in its own process: asked, stopped, gone on, proposed; how each looks."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.core.jobs import surroundings
from app.training.base_models import HERE
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.test_training_looks import a_run, version_id
from tests.chromium import press
from tests.training.made import done

__all__ = ["version_id"]


@pytest.fixture
def run_id(site: Site, version_id: int, tmp_path: Path) -> int:
    """A run whose model is the shipped one: what it says does not matter here."""
    made = a_run(site, version_id)
    with site.sessions() as session:
        done(session, surroundings.storage, made, tmp_path / "model", like=HERE / "tiny")
    return made


def test_both_models_answer_a_reviewer_who_stops_goes_on_and_proposes(
    visit: Visit, site: Site, run_id: int, loaded_python: str
) -> None:
    site.settings.python = loaded_python
    reviewer, admin = visit(site.reviewer), visit(site.admin)
    others = admin.go(f"/runs/{run_id}")
    others.get_by_role("link", name="Ask it").click()
    others.get_by_label("Ask both models").fill("Who is next?")
    others.get_by_label("Tokens at most").fill("5")
    others.wait_for_load_state()
    page = reviewer.go(f"/projects/{site.project.id}/playground")
    page.wait_for_load_state()
    reviewer.look("training-playground-begin")
    page.get_by_label("Tokens at most").fill("60")
    page.get_by_label("Ask both models").fill("How do I tell my <b>flatmate</b> that she is too loud?")
    press(page, "Control+Enter")
    first = page.locator(".playground-turn").first
    for side in ("Base", "Tuned"):
        answer = first.get_by_role("region", name=side)
        expect(answer.get_by_text("tokens in")).to_be_visible()
        expect(answer.locator(".side-text")).not_to_be_empty()
    expect(first.get_by_text("my <b>flatmate</b> that")).to_be_visible()
    said = first.locator(".side-text").all_inner_texts()
    assert said[0] == said[1], "the same model, question and seed"
    reviewer.look("training-playground-answered")

    page.get_by_label("Tokens at most").fill("900")
    page.get_by_label("Temperature").fill("0")
    page.locator("#ask").fill("And then?")
    page.get_by_role("button", name="Ask").click()
    second = page.locator(".playground-turn").nth(1)
    expect(second.get_by_text("writing").first).to_be_visible()
    others.get_by_role("button", name="Ask").click()
    expect(others.get_by_text("you are 2nd").first).to_be_visible()
    press(page, "Escape")
    expect(second.get_by_text("Stopped.").last).to_be_visible()
    expect(page.get_by_role("button", name="Ask")).to_be_enabled()
    expect(others.get_by_text("tokens in").last).to_be_visible()

    first.get_by_role("link", name="Propose it as a prompt").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(
        "How do I tell my <b>flatmate</b> that she is too loud?"
    )

    plain = visit(site.reviewer, scripts=False)
    page = plain.go(f"/projects/{site.project.id}/playground")
    page.get_by_label("Tokens at most").fill("60")
    page.get_by_label("Ask both models").fill("How do I tell my <b>flatmate</b> that she is too loud?")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("tokens in").first).to_be_visible()
    assert page.locator(".side-text").all_inner_texts()[:2] == said
    assert plain.intrusions() == []


def test_how_a_playground_without_a_run_looks(visit: Visit, site: Site) -> None:
    reviewer = visit(site.reviewer)
    page = reviewer.go(f"/projects/{site.project.id}/playground")
    expect(page.get_by_role("heading", name="No finished run yet")).to_be_visible()
    reviewer.look("training-playground-empty")
