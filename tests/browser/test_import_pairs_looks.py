"""An administrator brings finished pairs in, sees on every page where they come from, and takes one out."""

import json
from pathlib import Path

from playwright.sync_api import expect
from sqlalchemy import select

from app.datasets.models import Version
from app.writing.models import Submission
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.test_hostile_everywhere import payloads
from tests.jobs import work_off

SOURCE, LICENCE = payloads("h132", "h134")


def file_of(folder: Path) -> Path:
    """Two rounds of a conversation in each row, and neither source nor licence."""
    turns = [("user", "Plan my week."), ("assistant", "Gladly. What is in it?"), ("user", "Two talks, {}."),
             ("assistant", "Then keep Tuesday free.\n\nAnd rest.")]  # fmt: skip
    rows = [
        {"messages": [{"role": role, "content": said.format(number)} for role, said in turns]} for number in range(8)
    ]
    file = folder / "pairs.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return file


def test_finished_pairs_come_in_and_every_page_says_where_from(visit: Visit, site: Site, tmp_path: Path) -> None:  # S62
    visitor = visit(site.admin)
    page = visitor.go(f"/projects/{site.project.id}/prompts/import")
    page.get_by_role("link", name="As finished pairs").click()
    page.wait_for_load_state()
    page.get_by_label("File").set_input_files(file_of(tmp_path))
    page.get_by_role("button", name="Look what would come in").click()
    expect(page.get_by_text("Line 1, licence")).to_be_visible()
    visitor.look("pairs-import-refused")
    page.get_by_label("Source of rows that name none").fill(SOURCE)
    page.get_by_label("Licence of rows that name none").fill(LICENCE)
    page.get_by_role("button", name="Look what would come in").click()
    expect(page.get_by_text("8 of 8 pairs would come in.")).to_be_visible()
    visitor.look("pairs-import")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("8 of 8 pairs came in.")).to_be_visible()
    with site.sessions() as session:
        one = session.scalars(select(Submission).order_by(Submission.id)).first()
        assert one
    page = visitor.go(f"/submissions/{one.id}")
    expect(page.get_by_text("Nobody here wrote it or decided on it.")).to_be_visible()
    visitor.look("pairs-submission")
    visitor.go(f"/prompts/{one.prompt_id}")
    visitor.look("pairs-prompt")
    page = visitor.go(f"/projects/{site.project.id}/datasets/new")
    expect(page.get_by_label("Imported pairs")).to_have_value("with")
    expect(page.locator("#preview")).to_contain_text(f"8 from {SOURCE}")
    page.get_by_label("Name", exact=True).fill("All")
    page.get_by_role("button", name="Make the dataset").click()
    with page.expect_response(lambda answer: answer.request.method == "POST" and "/publish" in answer.url):
        page.get_by_role("button", name="Publish the next version").click()
    work_off(site.database_url, "default").join(60)
    with site.sessions() as session:
        version = session.scalars(select(Version)).one()
    page = visitor.go(f"/versions/{version.id}")
    expect(page.get_by_text("8 rows, all of them imported.")).to_be_visible()
    visitor.look("pairs-version")
    page = visitor.go(f"/submissions/{one.id}")
    page.get_by_text("Take it out", exact=True).first.click()
    page.get_by_role("button", name="Take it out").click()
    expect(page.get_by_text("withdrawn").first).to_be_visible()
