"""What people prefer, on its page: nothing yet, then figures that a job keeps, of what can no longer be taken back."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.preferences import fitting
from app.preferences.fitting import list_due
from app.preferences.jobs import renew_figures
from app.preferences.models import Comparison, ComparisonPair, ComparisonPrompt, ComparisonSet, PairState, Purpose
from tests import factories
from tests.cast import Cast, Client
from tests.preferences.answering import a_run, a_version
from tests.preferences.conftest import MakeSet, consented, judged, pair, side_of, took, took_consent_back
from tests.preferences.test_make import approved
from tests.walking import every_row


def test_an_empty_page_says_what_will_stand_there(cast: Cast) -> None:
    where = f"/projects/{cast.project.id}/preferences"
    assert "Make a comparison set" in cast.admin.get(where).text
    assert "Only administrators of this project make comparison sets." in cast.reviewer.get(where).text
    assert cast.author.get(where).status_code == 403


def test_the_job_keeps_the_figures_and_puts_open_pairs_in_order(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    made = make_set(*(pair(at) for at in range(1, 8)))
    for _ in range(6):
        mine = took(cast.author, cast.project.id)
        judged(cast.author, mine, side_of(mine, "good"))
    assert list_due(session, seconds=60) == [], "all of it can still be taken back"
    kept = []
    for _ in range(2):
        renew_figures(timestamp=0)
        kept.append(session.get_one(ComparisonSet, made.id, populate_existing=True).figures)
    assert kept[0] == kept[1]
    assert list_due(session, seconds=0) == []
    html = cast.reviewer.get(f"/projects/{cast.project.id}/preferences").text
    assert "People prefer the imported answers marked better to the imported answers marked worse." in html
    assert "From 6 comparisons by 1 person on 6 prompts." in html
    assert "Where both are as long" in html
    open_pairs = select(ComparisonPair.certainty).where(ComparisonPair.state == PairState.OPEN)
    assert [one > 0.2 for one in session.scalars(open_pairs)] == [True]
    figures = cast.reviewer.get(f"/api/v1/comparison-sets/{made.id}").json()["figures"]
    assert figures["sources"][0]["rate"][0] == 1


def test_figures_follow_a_withdrawal_without_another_judgement(cast: Cast, session: Session, make_set: MakeSet) -> None:
    first, _ = approved(cast, session, "Why?", "Because.", "For no reason.")
    made = make_set(people=True)
    judged(cast.second_reviewer, took(cast.second_reviewer, cast.project.id))
    renew_figures(timestamp=0)
    session.execute(update(ComparisonSet).values(figured_at=func.now() + timedelta(minutes=2)))
    assert list_due(session, seconds=0) == []
    assert cast.author.post(f"/api/v1/submissions/{first.id}/withdraw").status_code == 200
    session.execute(update(ComparisonSet).values(figured_at=func.now()))
    assert list_due(session, seconds=0) == [made.id]
    renew_figures(timestamp=0)
    figures = cast.reviewer.get(f"/api/v1/comparison-sets/{made.id}").json()["figures"]
    assert figures["comparisons"] == 0


def test_a_pair_of_which_a_response_is_withdrawn_is_open_no_longer(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    first, _ = approved(cast, session, "Why?", "Because.", "For no reason.")
    made = make_set(pair(1), people=True)
    assert list_due(session, seconds=0) == []
    cast.author.post(f"/api/v1/submissions/{first.id}/withdraw")
    assert list_due(session, seconds=0) == [made.id], "though nobody has judged anything yet"
    renew_figures(timestamp=0)
    listed = cast.reviewer.get(f"/api/v1/comparison-sets/{made.id}").json()["set"]
    assert listed["pairs"] == {"open": 1, "closed": 1}
    page = cast.reviewer.get(f"/projects/{cast.project.id}/preferences").text
    assert "0 pairs done, 1 open, 0 known, 1 closed" in page
    assert "Nothing is judged yet." in page
    assert "From 0 comparisons" not in page


def test_a_ranking_of_which_a_response_is_withdrawn_is_open_no_longer(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    first, _ = approved(cast, session, "Why?", "Because.", "For no reason.")
    made = make_set(pair(1, prompt="Why?"), people=True, ranks=4)
    cast.author.post(f"/api/v1/submissions/{first.id}/withdraw")
    renew_figures(timestamp=0)
    listed = cast.reviewer.get(f"/api/v1/comparison-sets/{made.id}").json()["set"]
    assert listed["rankings"] == {"closed": 1}


def test_figures_follow_a_question_that_lost_its_consent(cast: Cast, session: Session, make_set: MakeSet) -> None:
    made = make_set(pair(1))
    consented(cast, session, *session.scalars(select(ComparisonPrompt.prompt_id)))
    judged(cast.author, took(cast.author, cast.project.id))
    renew_figures(timestamp=0)
    assert list_due(session, seconds=0) == []
    took_consent_back(cast, session)
    assert list_due(session, seconds=0) == [made.id]
    renew_figures(timestamp=0)
    assert cast.reviewer.get(f"/api/v1/comparison-sets/{made.id}").json()["figures"]["comparisons"] == 0


def test_a_word_that_was_taken_back_while_figures_were_computed_leaves_them(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    cast.author.app.state.settings.undo_seconds = 60  # type: ignore[attr-defined]
    made = make_set(pair(1))
    mine = took(cast.author, cast.project.id)
    judged(cast.author, mine)
    fitting.renew_figures(session, made.id, seconds=0)
    cast.author.post(f"/api/v1/comparisons/{mine['id']}/undo")
    assert list_due(session, seconds=60) == [made.id]


def test_who_still_judges_in_a_set_is_told_none_of_its_figures(  # S47
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    """A lone judge looks at the figures after every click, and learns from none of them which answer was whose."""
    made = make_set(*(pair(at) for at in range(1, 8)))
    page, door = f"/projects/{cast.project.id}/preferences", f"/api/v1/comparison-sets/{made.id}"

    def told(client: Client) -> tuple[bool, bool, bool]:
        html, answer = client.get(page).text, client.get(door).json()
        assert ("You still judge in this set." in html) == bool(answer["withheld"])
        return "Imported: chosen" in html, answer["figures"] is not None, bool(answer["withheld"])

    seen = []
    for at in range(7):
        seen.append(told(cast.reviewer))
        mine = took(cast.reviewer, cast.project.id)
        judged(cast.reviewer, mine, "skipped" if at == 0 else side_of(mine, "good"))
        renew_figures(timestamp=0)
    assert seen == [(False, False, False), (False, True, False), *[(False, False, True)] * 5]
    assert told(cast.second_reviewer) == (True, True, False), "who does not judge"
    assert told(cast.reviewer) == (True, True, False), "nothing of it waits for them any more"


def test_no_count_tells_who_judges_that_a_pair_was_a_check(  # S47
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    """A check leaves the number of pairs done as it was, and a pair of its own does not."""
    made = make_set(pair(1, known=True), *(pair(at) for at in range(2, 5)), check_every=1)
    page, doors = f"/projects/{cast.project.id}/preferences", [
        f"/api/v1/comparison-sets/{made.id}", f"/api/v1/projects/{cast.project.id}/comparison-sets",
    ]  # fmt: skip
    told, purposes = [], []
    for _ in range(2):
        mine = took(cast.reviewer, cast.project.id)
        purposes.append(session.get_one(Comparison, mine["id"]).purpose)
        judged(cast.reviewer, mine)
        html, one, all_of_them = (cast.reviewer.get(where) for where in (page, *doors))
        told.append(
            (one.json()["set"]["pairs"], all_of_them.json()["sets"][0]["pairs"], " of 4 pairs done" in html.text)
        )
        assert "How many pairs are done is told with the figures" in html.text
    assert purposes == [Purpose.KNOWN, Purpose.PLAIN]
    assert told == [({}, {}, False)] * 2
    assert "1 of 4 pairs done" in cast.second_reviewer.get(page).text, "who does not judge"


def test_who_put_a_ranking_in_order_is_told_figures_once_the_set_is_closed(  # S47
    cast: Cast, make_set: MakeSet
) -> None:
    made = make_set(*(pair(at) for at in (1, 2)), *(pair(at, rejected="Ask a fish.") for at in (1, 2)), ranks=3)
    lies = cast.reviewer.api("POST", f"/api/v1/projects/{cast.project.id}/compare/next").json()["ranking"]
    cast.reviewer.api("POST", f"/api/v1/orderings/{lies['id']}", said="ordered", places=[1, 2, 3])
    renew_figures(timestamp=0)
    door = f"/api/v1/comparison-sets/{made.id}"
    assert cast.reviewer.get(door).json()["figures"] is None
    cast.admin.post(f"{door}/close")
    assert cast.reviewer.get(door).json()["figures"]["rankings"] == 1


def test_an_older_set_is_shown_when_it_is_asked_for(cast: Cast, make_set: MakeSet) -> None:
    old = make_set(pair(1), name="The old one")
    make_set(pair(1), name="The new one")
    where = f"/projects/{cast.project.id}/preferences"
    assert '<p class="meta"><bdi>The new one</bdi></p>' in cast.reviewer.get(where).text
    assert '<p class="meta"><bdi>The old one</bdi></p>' in cast.reviewer.get(f"{where}?set_id={old.id}").text
    assert cast.reviewer.get(f"{where}?set_id=999999").status_code == 404


def test_what_has_learned_from_comparisons_is_listed(
    cast: Cast, session: Session, storage: Storage, make_set: MakeSet, tmp_path: Path
) -> None:
    make_set(pair(1))
    version = a_version(cast, session)
    run = a_run(cast, session, storage, version, tmp_path, plan={"method": "reward"})
    a_run(cast, session, storage, version, tmp_path, plan={"method": "sft"})
    listed = cast.reviewer.get(f"/projects/{cast.project.id}/preferences").text.partition("Reward models and policies")[
        2
    ]
    assert f"Run {run.number}: Reward model" in listed
    assert "Run 2" not in listed


def test_many_sets_come_page_by_page_and_an_old_one_can_be_looked_at(cast: Cast, session: Session) -> None:
    made = [
        factories.stored(
            session,
            ComparisonSet(
                project_id=cast.project.id, name=f"Set {number:02}", rule="pairs", measures_only=False, opinions=1,
                asks_strength=False, check_every=0,
                created_by=cast.admin.actor.user_id,
            ),
        )
        for number in range(45)
    ]  # fmt: skip
    session.commit()
    listed = every_row(cast.reviewer, f"/api/v1/projects/{cast.project.id}/comparison-sets", "sets")
    assert [one["id"] for one in listed] == [one.id for one in reversed(made)]
    page = cast.reviewer.get(f"/projects/{cast.project.id}/preferences?set_id={made[0].id}").text
    assert "Set 44</bdi></a>" in page
    assert "Set 20</bdi></a>" not in page
    assert '<p class="meta"><bdi>Set 00</bdi></p>' in page
    assert 'rel="next"' in page
