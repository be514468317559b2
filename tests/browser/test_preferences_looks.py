"""An administrator makes a set of a file, a writer judges its pairs by keys and takes a word back; the pages' looks."""

import json
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect
from sqlalchemy import select, update

from app.accounts.sign_ins import actor_for
from app.preferences.desk import take_next
from app.preferences.fitting import renew_figures
from app.preferences.judging import Said, answer
from app.preferences.lines import checked
from app.preferences.making.sets import Wish
from app.preferences.models import CHOSEN, Choice, ComparedResponse, Comparison, ComparisonSet, SetState
from app.preferences.ranking.models import Ordering
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.chromium import press
from tests.jobs import work_off
from tests.preferences.publishing import filled_set

BEST = "On average 3.7 km. The deepest place, the Challenger Deep, lies nearly 11 km down.\n\nMost of it is dark."
WORST = "Very deep!!! ובשפה אחרת: עמוק מאוד"


def lines(folder: Path, many: int = 12) -> Path:
    """A file of pairs."""
    file = folder / "pairs.jsonl"
    pair = {"chosen": BEST, "rejected": WORST, "source": "ours", "licence": "MIT", "language": "en"}
    rows = [
        json.dumps({"prompt": f"How deep is sea {at}? I have to tell my class.", **pair}) for at in range(1, many + 1)
    ]
    file.write_text("\n".join(rows), "utf-8")
    return file


def judge_the_rest(site: Site) -> None:
    """Two more people judge, agree on two of three, and the figures are computed."""
    with site.sessions.begin() as session:
        for person in (site.reviewer, site.other_writer):
            actor = actor_for(session, person)
            for at in range(8):
                if comparison := take_next(session, actor, site.project.id):
                    left = session.get_one(ComparedResponse, comparison.left_id)
                    better = Choice.LEFT if left.source == CHOSEN else Choice.RIGHT
                    answer(session, actor, comparison.id, Said(better if at % 3 else Choice.TIE))
        renew_figures(session, session.scalars(select(ComparisonSet.id)).one(), seconds=0)


def put_in_order(visit: Visit, site: Site) -> None:
    """Somebody who has judged no pair puts three answers in order by digits, and takes it back."""
    with site.sessions.begin() as session:
        session.execute(update(ComparisonSet).values(state=SetState.CLOSED))
        given = {"prompt": "How deep is the sea?", "source": "ours", "licence": "MIT", "language": "en"}
        given["chosen"] = f"{BEST}\n\n" * 20
        pairs = checked((f"/pairs/{at}", given | {"rejected": word}) for at, word in enumerate((WORST, "Ask a fish.")))
        filled_set(session, actor_for(session, site.admin), site.project.id, Wish("Three", pairs=pairs, ranks=3))
    writer = visit(site.writer)
    page = writer.go(f"/projects/{site.project.id}/compare")
    press(page, "n")
    expect(page.get_by_role("group", name="Place of answer A")).to_be_visible()
    page.wait_for_load_state()
    for key in ("2", "1"):
        press(page, key)
    writer.look("preferences-ranking")
    places = page.get_by_role("group").filter(has_text="On average 3.7 km.")  # an answer longer than the window
    places.evaluate("one => scrollTo(0, one.getBoundingClientRect().bottom - innerHeight / 2)")
    expect(places.get_by_text("1", exact=True)).to_be_in_viewport()
    writer.shoot(page, "preferences-ranking-scrolled")
    press(page, "2")
    press(page, "n")
    expect(page.get_by_text("Put in order, of “How deep is the sea?")).to_be_visible()
    with site.sessions() as session:
        assert session.scalars(select(Ordering.places)).one() == [2, 1, 2]
    press(page, "u")
    expect(page.get_by_role("group", name="Place of answer A")).to_be_visible()
    page.wait_for_load_state()
    press(page, "0")
    expect(page.get_by_text("You cannot judge “How deep is the sea?")).to_be_visible()


def test_a_set_is_made_judged_by_keys_alone_and_told_with_intervals(visit: Visit, site: Site, tmp_path: Path) -> None:
    site.settings.undo_seconds = 600
    where = f"/projects/{site.project.id}"
    admin = visit(site.admin)
    page = admin.go(f"{where}/preferences")
    admin.look("preferences-empty")
    page.get_by_role("link", name="Make a comparison set").click()
    page.get_by_label("Name", exact=True).fill("Seas")
    page.get_by_label("Pairs from a file").set_input_files(lines(tmp_path))
    page.get_by_label("Opinions a pair").fill("2")
    admin.look("preferences-new")
    page.get_by_role("button", name="Make the set").click()
    expect(page.get_by_text("People can judge its pairs once all are there.")).to_be_visible()
    admin.look("preferences-being-made")
    work_off(site.database_url, "default").join(60)
    page.get_by_role("link", name="See the set").click()
    expect(page.get_by_role("heading", name="Nothing is judged yet.")).to_be_visible()

    writer = visit(site.writer)
    page = writer.go(f"{where}/compare")
    writer.look("preferences-queue")
    press(page, "n")
    expect(page.get_by_text("How deep is sea 1?")).to_be_visible()
    page.wait_for_load_state()
    for key in ("2", "f"):
        press(page, key)
    expect(page.get_by_role("radio", name="B is better")).to_be_checked()
    page.get_by_role("checkbox", name="Correct").check()
    writer.look("preferences-compare")
    press(page, "n")
    expect(page.get_by_text("How deep is sea 2?")).to_be_visible()
    with site.sessions() as session:
        kept = session.scalars(select(Comparison).where(Comparison.choice.is_not(None))).one()
        assert (kept.choice, kept.strength, kept.reasons) == ("right", "by_far", ["correct"])
    writer.look("preferences-compare-undo")
    press(page, "u")
    expect(page.get_by_text("How deep is sea 1?")).to_be_visible()
    press(page, "4")
    press(page, "n")
    expect(page.get_by_text("Both bad, of “How deep is sea 1?")).to_be_visible()
    press(page, "s")
    expect(page.get_by_text("How deep is sea 3?")).to_be_visible()

    judge_the_rest(site)
    page = admin.go(f"{where}/preferences")
    expect(page.get_by_role("heading", name="How far people agree")).to_be_visible()
    page.get_by_text("The numbers as a table").click()
    admin.look("preferences-index")

    put_in_order(visit, site)

    with site.sessions.begin() as session:  # long enough ago that nobody can take a word back
        session.execute(update(Comparison).values(answered_at=Comparison.answered_at - timedelta(hours=1)))
    page = admin.go(f"{where}/preferences")
    admin.look("preferences-index-rankings")
    admin.go(f"{where}/preferences/answers")
    admin.look("preferences-answers")
    admin.go(f"{where}/preferences")
    page.get_by_role("link", name="Publish these pairs").click()
    page.get_by_label("Name", exact=True).fill("What people prefer")
    admin.look("preferences-new-dataset")
    page.get_by_role("button", name="Make the dataset").click()
    expect(page.get_by_text("judged pairs")).to_be_visible()
    page.get_by_role("link", name="Change the rule").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("rule")
    admin.look("preferences-rule")
    page.go_back()
    page.get_by_role("button", name="Publish the next version").click()
    work_off(site.database_url, "default").join(60)
    expect(page.locator("#versions[hx-get]")).to_have_count(0)  # asks no more: leaving breaks no question off
    page.get_by_role("link", name="Version 1").click()
    expect(page.get_by_text("Too few to say anything").first).to_be_visible()
    admin.look("preferences-version")
    page.get_by_role("link", name="Where it comes from").first.click()
    expect(page.get_by_role("heading", name="What people said")).to_be_visible()
    admin.look("preferences-row")
