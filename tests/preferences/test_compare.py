"""A person judges pairs blindly: nothing tells where a response comes from, and each word counts once."""

import re
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.preferences.models import Choice, Comparison, ComparisonPair, ComparisonPrompt, PairState
from app.writing.models import SubmissionStatus
from tests.cast import Cast, Client
from tests.preferences.conftest import (
    MakeSet,
    consented,
    judged,
    pair,
    side_of,
    source_on_the_left,
    took,
    took_consent_back,
)
from tests.preferences.test_make import approved

ONE = ("It is one.", "It was one!")


def states(session: Session) -> list[tuple[str, int]]:
    """State and opinions of every pair."""
    session.expire_all()
    found = select(ComparisonPair).order_by(ComparisonPair.id)
    return [(one.state.value, one.opinions) for one in session.scalars(found)]


def page(client: Client, project_id: int) -> str:
    """The page of the pair, without what names the comparison itself and the counts of who looks."""
    html = client.get(f"/projects/{project_id}/compare").text
    return re.sub(r"/comparisons/\d+", "/comparisons/N", html)


def said(client: Client, comparison_id: int, choice: str, **more: Any) -> Any:
    """A judgement by the page's form."""
    assert client.user
    return client.post(f"/comparisons/{comparison_id}", data={"user_id": client.user.id, "choice": choice, **more})


def test_the_page_is_the_same_whichever_response_comes_from_where(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:  # S47
    """Three sets whose pairs differ in the source of each response alone, and in being known, met by an adversary."""
    seen = []
    for name, good, bad in (("plain", *ONE), ("swapped", *reversed(ONE)), ("vouched for", *ONE)):
        known = {"known": True} if name == "vouched for" else {}
        made = make_set(pair(1, chosen=good, rejected=bad, **known), name=name, check_every=1)
        comparison = took(cast.author, cast.project.id)
        if side_of(comparison, "is one") == "right":  # an adversary waits for the sides to fall the same
            other = select(ComparisonPair).where(ComparisonPair.set_id == made.id)
            both = session.scalars(other).one()
            laid = session.get_one(Comparison, comparison["id"])
            laid.left_id = both.first_id if laid.left_id == both.second_id else both.second_id
            session.commit()
        again = took(cast.author, cast.project.id)
        html, source = page(cast.author, cast.project.id), source_on_the_left(session, again)
        seen.append((source, html, {key: again[key] for key in again if key != "id"}))
        cast.admin.post(f"/api/v1/comparison-sets/{made.id}/close")
    sources, pages, answers = zip(*seen, strict=True)
    assert sources == ("Imported: chosen", "Imported: not chosen", "Imported: chosen")
    assert pages[0] == pages[1] == pages[2]
    assert answers[0] == answers[1] == answers[2]
    assert not re.search(r"chosen|imported|source|known|licence|people\b", pages[0].split("<main")[1], re.IGNORECASE)


def test_neither_side_is_the_better_one_by_rule(cast: Cast, session: Session, make_set: MakeSet) -> None:  # S47
    make_set(*(pair(at) for at in range(1, 31)))
    lay = set()
    for _ in range(30):  # all on one side: once in half a thousand million times
        comparison = took(cast.author, cast.project.id)
        lay.add(source_on_the_left(session, comparison))
        assert judged(cast.author, comparison, "skipped").status_code == 200
    assert lay == {"Imported: chosen", "Imported: not chosen"}


def test_which_answer_of_a_prompt_comes_twice_first_tells_no_source(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:  # S47
    words = [("amber", "birch"), ("amber", "cedar")]
    make_set(*(pair(at, chosen=f"{at} {one}", rejected=f"{at} {two}") for at in range(1, 16) for one, two in words))
    seen: dict[str, list[set[str]]] = {}
    for _ in range(30):
        mine = took(cast.author, cast.project.id)
        both = {mine[side][-1]["content"].split()[1] for side in ("left", "right")}
        seen.setdefault(mine["prompt"][-1]["content"], []).append(both)
        judged(cast.author, mine, "skipped")
    assert len({(one & other).pop() for one, other in seen.values()}) > 1, "one alone: once in five million times"


def test_lists_search_and_the_log_tell_the_source_of_no_response(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:  # S47
    approved(cast, session, "What is 1 and 1?", "Zebra one.")
    made = make_set(pair(1), people=True)
    comparison = took(cast.second_reviewer, cast.project.id)
    judged(cast.second_reviewer, comparison)
    for path in ("comparison-sets", f"comparison-sets/{made.id}"):
        where = path if path.count("/") else f"projects/{cast.project.id}/{path}"
        listed = cast.second_reviewer.get(f"/api/v1/{where}")
        assert listed.status_code == 200
        assert [one for one in ("It is 1", "Zebra") if one in listed.text] == []
    found = cast.second_reviewer.get("/search?q=good")
    assert found.status_code == 200
    assert "It is 1" not in found.text
    told = session.scalars(select(AuditEntry.details).where(AuditEntry.subject == "comparison")).all()
    assert told == [{}]


def test_nobody_judges_what_they_wrote_or_decided_on(cast: Cast, session: Session, make_set: MakeSet) -> None:
    approved(cast, session, "Why?", "Because.", "For no reason.")
    make_set(people=True)
    for person in (cast.author, cast.second_author, cast.reviewer):
        assert took(person, cast.project.id) is None
    assert took(cast.second_reviewer, cast.project.id)["prompt"][0]["content"] == "Why?"


def test_a_pair_is_done_with_the_last_opinion_that_is_wanted(cast: Cast, session: Session, make_set: MakeSet) -> None:
    make_set(pair(1), opinions=2)
    first = took(cast.author, cast.project.id)
    assert took(cast.second_author, cast.project.id) is None, "one person at a time"
    better = {"strength": "clearly", "reasons": ["correct"]}
    assert judged(cast.author, first, "right", **better).json()["choice"] == "right"
    assert states(session) == [("open", 1)]
    assert took(cast.author, cast.project.id) is None, "one opinion a person"
    second = took(cast.second_author, cast.project.id)
    assert judged(cast.second_author, second, "tie").status_code == 200
    assert states(session) == [("done", 2)]
    kept = session.get_one(Comparison, first["id"])
    assert (kept.strength, kept.reasons) == ("clearly", ["correct"])
    assert kept.seconds is not None


def test_the_same_word_twice_is_kept_once_and_another_one_is_refused(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    make_set(pair(1), opinions=2)
    mine = took(cast.author, cast.project.id)
    assert [judged(cast.author, mine, "left").status_code for _ in range(2)] == [200, 200]
    late = judged(cast.author, mine, "right")
    assert (late.status_code, late.json()["type"]) == (409, "/errors/preferences.already_judged")
    assert states(session) == [("open", 1)]


def test_who_cannot_judge_or_skips_leaves_the_pair_to_others(cast: Cast, session: Session, make_set: MakeSet) -> None:
    make_set(pair(1))
    for person, word in ((cast.author, "cannot_judge"), (cast.second_author, "skipped")):
        assert judged(person, took(person, cast.project.id), word).status_code == 200
        assert took(person, cast.project.id) is None
    assert states(session) == [("open", 0)]
    assert took(cast.reviewer, cast.project.id)


@pytest.mark.parametrize(
    ("word", "more", "place"),
    [
        ("tie", {"strength": "clearly"}, "/strength"),
        ("left", {"reasons": ["wit"]}, "/reasons"),
        ("left", {"reasons": ["correct", "correct"]}, "/reasons"),
    ],
)
def test_a_judgement_that_contradicts_itself_is_refused(
    cast: Cast, make_set: MakeSet, word: str, more: dict[str, Any], place: str
) -> None:
    make_set(pair(1))
    refused = judged(cast.author, took(cast.author, cast.project.id), word, **more)
    assert refused.status_code == 422
    assert [one["pointer"] for one in refused.json()["errors"]] == [place]


def test_who_is_late_hears_so_and_nothing_is_counted(cast: Cast, session: Session, make_set: MakeSet) -> None:
    make_set(pair(1))
    mine = took(cast.author, cast.project.id)
    session.execute(update(ComparisonPair).values(lease_expires_at="2020-01-01T00:00:00Z"))
    session.commit()
    theirs = took(cast.second_author, cast.project.id)
    assert judged(cast.author, mine).json()["type"] == "/errors/preferences.too_late"
    assert judged(cast.second_author, theirs).status_code == 200
    assert states(session) == [("done", 1)]


def test_a_pair_of_which_a_response_is_withdrawn_waits_for_nobody(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    first, _ = approved(cast, session, "Why?", "Because.", "For no reason.")
    make_set(people=True)
    mine = took(cast.second_reviewer, cast.project.id)
    first.status = SubmissionStatus.WITHDRAWN
    session.commit()
    assert judged(cast.second_reviewer, mine).status_code == 409
    assert took(cast.second_reviewer, cast.project.id) is None
    assert "Nothing waits for you to compare" in cast.second_reviewer.get(f"/projects/{cast.project.id}/compare").text


def test_a_pair_whose_question_lost_its_consent_waits_for_nobody(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    make_set(pair(1))
    consented(cast, session, *session.scalars(select(ComparisonPrompt.prompt_id)))
    mine = took(cast.author, cast.project.id)
    took_consent_back(cast, session)
    assert judged(cast.author, mine).status_code == 409
    assert took(cast.author, cast.project.id) is None


def test_nothing_of_a_closed_set_is_judged(cast: Cast, session: Session, make_set: MakeSet) -> None:
    made = make_set(pair(1))
    mine = took(cast.author, cast.project.id)
    cast.admin.post(f"/api/v1/comparison-sets/{made.id}/close")
    assert judged(cast.author, mine).status_code == 409
    assert states(session) == [("closed", 0)]


def test_whatever_a_pair_is_laid_there_for_nothing_of_a_closed_set_is_judged_or_taken_back(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:  # S47
    cast.author.app.state.settings.undo_seconds = 60  # type: ignore[attr-defined]
    told = []
    for known in (False, True):
        made = make_set(pair(1, known=known), pair(2, known=known), check_every=1, name=f"{known}")
        first = took(cast.author, cast.project.id)
        judged(cast.author, first)
        second = took(cast.author, cast.project.id)
        cast.admin.post(f"/api/v1/comparison-sets/{made.id}/close")
        late = judged(cast.author, second)
        undone = cast.author.post(f"/api/v1/comparisons/{first['id']}/undo")
        told.append([(one.status_code, one.json()["type"]) for one in (late, undone)])
        assert took(cast.second_author, cast.project.id) is took(cast.author, cast.project.id) is None
    assert told[0] == told[1] == [(409, "/errors/preferences.too_late"), (409, "/errors/preferences.set_closed")]


def test_a_word_is_taken_back_while_that_can_be_done(cast: Cast, session: Session, make_set: MakeSet) -> None:
    cast.author.app.state.settings.undo_seconds = 60  # type: ignore[attr-defined]
    make_set(pair(1), pair(2))
    mine = took(cast.author, cast.project.id)
    assert said(cast.author, mine["id"], "left", strength="by_far").status_code == 303
    assert states(session) == [("done", 1), ("open", 0)]
    html = cast.author.get(f"/projects/{cast.project.id}/compare").text
    assert "A is better, of “What is 1 and 1?”" in html
    assert cast.author.user
    undo = f"/comparisons/{mine['id']}/undo"
    for _ in range(2):
        assert cast.author.post(undo, data={"user_id": cast.author.user.id}).status_code == 303
    assert states(session) == [("open", 0), ("open", 0)]
    assert took(cast.author, cast.project.id) == mine | {"version": 1}, "as it lay before"
    assert took(cast.second_author, cast.project.id)["prompt"][0]["content"] == "What is 2 and 2?"
    kept = session.get_one(Comparison, mine["id"])
    assert (kept.choice, kept.strength, kept.undone) == (None, None, 1)


def test_a_tab_of_before_an_undo_overwrites_nothing(cast: Cast, session: Session, make_set: MakeSet) -> None:
    cast.author.app.state.settings.undo_seconds = 60  # type: ignore[attr-defined]
    make_set(pair(1), opinions=2)
    older = took(cast.author, cast.project.id)
    undo = f"/api/v1/comparisons/{older['id']}/undo"
    judged(cast.author, older, "left", version=0)
    assert cast.author.post(undo, params={"version": 0}).json()["version"] == 1
    refused = [judged(cast.author, older, "left", version=0)]
    assert judged(cast.author, older, "right", version=1).status_code == 200
    refused.append(cast.author.post(undo, params={"version": 0}))
    assert {one.json()["type"] for one in refused} == {"/errors/preferences.other_version"}
    assert session.get_one(Comparison, older["id"], populate_existing=True).choice == "right"
    html = cast.author.get(f"/projects/{cast.project.id}/compare").text
    assert 'name="version" value="1"' in html


def test_an_undo_that_comes_too_late_changes_nothing(cast: Cast, session: Session, make_set: MakeSet) -> None:
    make_set(pair(1))
    mine = took(cast.author, cast.project.id)
    judged(cast.author, mine)
    late = cast.author.post(f"/api/v1/comparisons/{mine['id']}/undo")
    assert late.json()["type"] == "/errors/preferences.too_late_to_undo"
    assert states(session) == [("done", 1)]


def test_a_comparison_is_its_judges_alone(cast: Cast, make_set: MakeSet) -> None:
    make_set(pair(1))
    mine = took(cast.author, cast.project.id)
    for other in (cast.second_author, cast.reviewer, cast.admin, cast.outsider):
        assert judged(other, mine).status_code == 404


def test_what_is_least_certain_comes_first_then_what_nobody_has_answered(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    approved(cast, session, "What is 2 and 2?", "Four.")
    make_set(pair(1), pair(2), pair(3), pair(4), people=True)
    about_4 = select(ComparisonPrompt.id).where(ComparisonPrompt.messages[0]["content"].astext == "What is 4 and 4?")
    clear = update(ComparisonPair).where(ComparisonPair.comparison_prompt_id.in_(about_4))
    session.execute(clear.values(certainty=0.4))
    session.commit()
    asked = []
    while mine := took(cast.admin, cast.project.id):
        asked.append(mine["prompt"][0]["content"][8])
        judged(cast.admin, mine)
    assert asked == ["1", "3", "2", "2", "2", "4"]


def test_known_pairs_are_met_now_and_then_and_counted_for_nothing(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    make_set(pair(1, known=True), check_every=1)
    mine = took(cast.author, cast.project.id)
    assert judged(cast.author, mine, side_of(mine, "good")).status_code == 200
    assert took(cast.author, cast.project.id) is None, "once a person"
    assert took(cast.second_author, cast.project.id)["prompt"] == mine["prompt"]
    assert states(session) == [(PairState.KNOWN, 0)]


def test_a_pair_comes_again_with_its_sides_swapped(cast: Cast, session: Session, make_set: MakeSet) -> None:
    make_set(*(pair(at) for at in range(1, 12)), check_every=1)
    first = took(cast.author, cast.project.id)
    judged(cast.author, first, "left")
    for _ in range(10):
        judged(cast.author, took(cast.author, cast.project.id), "right")
    again = took(cast.author, cast.project.id)
    assert (again["left"], again["right"]) == (first["right"], first["left"])
    assert judged(cast.author, again, "right").status_code == 200
    assert took(cast.author, cast.project.id)["prompt"][0]["content"] == "What is 2 and 2?"
    assert states(session)[0] == ("done", 1)


def test_without_a_choice_the_form_says_what_to_do(cast: Cast, make_set: MakeSet) -> None:
    make_set(pair(1))
    mine = took(cast.author, cast.project.id)
    answer = said(cast.author, mine["id"], "")
    assert answer.status_code == 422
    assert "choose one of the answers first" in answer.text
    assert said(cast.author, mine["id"], Choice.TIE, strength="clearly", leave="skipped").status_code == 303
