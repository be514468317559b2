"""Several answers put in order on one page: blindly, each word once, and as comparisons of all pairs."""

import random
import re
from collections import Counter
from itertools import combinations, product
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.preferences.fitting import list_due
from app.preferences.jobs import renew_figures
from app.preferences.making.dealing import deal
from app.preferences.models import ComparedResponse, Comparison, ComparisonPair, ComparisonSet, PairState, Purpose
from app.preferences.ranking.models import Ordering, Ranking
from app.writing.models import SubmissionStatus
from tests.cast import Cast, Client
from tests.preferences.conftest import MakeSet, judged, pair
from tests.preferences.publishing import dataset, publish
from tests.preferences.test_make import approved
from tests.preferences.test_publish import rows_of

ANSWERS = ("It is 1.", "It is 2.", "It is 3.")


def three(number: int = 1, **more: Any) -> list[dict[str, Any]]:
    """Two pairs of a file that share an answer: a prompt with three."""
    first, second, third = ANSWERS
    given = {"prompt": f"What is {number}?"} | more
    return [pair(chosen=first, rejected=second, **given), pair(chosen=first, rejected=third, **given)]


def took(client: Client, project_id: int) -> Any:
    """The ranking that is laid before this person, or None."""
    answer = client.api("POST", f"/api/v1/projects/{project_id}/compare/next")
    assert answer.status_code == 200, answer.text
    assert answer.json()["comparison"] is None
    return answer.json()["ranking"]


def put(client: Client, ranking: Any, places: list[int] | None = None, said: str = "ordered", **more: Any) -> Any:
    """What the door says to an order; without places that in which the answers are named here."""
    if places is None and said == "ordered":
        places = [ANSWERS.index(one[-1]["content"]) + 1 for one in ranking["responses"]]
    return client.api("POST", f"/api/v1/orderings/{ranking['id']}", said=said, places=places or [], **more)


def said_of(session: Session) -> set[tuple[str, str, str]]:
    """Each comparison that follows from an order: the better answer, the other, and for what; with "=" as good."""
    session.expire_all()
    words = {one.id: one.messages[-1]["content"] for one in session.scalars(select(ComparedResponse))}
    found = set()
    rows = select(Comparison, ComparisonPair).join(ComparisonPair, ComparisonPair.id == Comparison.pair_id)
    for one, of in session.execute(rows.where(Comparison.ordering_id.is_not(None))):
        right = of.second_id if one.left_id == of.first_id else of.first_id
        better, worse = (one.left_id, right) if one.choice == "left" else (right, one.left_id)
        both = (words[better], words[worse]) if one.choice != "tie" else ("=", "=")
        found.add((*both, one.purpose.value))
    return found


def test_an_order_says_of_every_pair_which_is_better(cast: Cast, session: Session, make_set: MakeSet) -> None:
    made = make_set(*three(), ranks=3)
    mine = took(cast.author, cast.project.id)
    assert {one[-1]["content"] for one in mine["responses"]} == set(ANSWERS)
    assert put(cast.author, mine).json()["said"] == "ordered"
    assert said_of(session) == {(better, worse, "plain") for better, worse in combinations(ANSWERS, 2)}
    assert took(cast.author, cast.project.id) is took(cast.second_author, cast.project.id) is None
    shown = cast.reviewer.get(f"/api/v1/comparison-sets/{made.id}").json()["set"]
    assert (shown["ranks"], shown["rankings"], shown["asks_strength"]) == (3, {"done": 1}, False)


def test_places_may_be_shared_and_have_no_gaps(cast: Cast, session: Session, make_set: MakeSet) -> None:
    make_set(*three(), ranks=3)
    mine = took(cast.author, cast.project.id)
    assert put(cast.author, mine, [1, 3, 1]).json()["places"] == [1, 2, 1]
    assert put(cast.author, mine, [1, 2, 1]).status_code == 200, "the same said twice"
    other = put(cast.author, mine, [1, 2, 3])
    assert (other.status_code, other.json()["type"]) == (409, "/errors/preferences.already_ordered")
    assert sorted(map(str, session.scalars(select(Comparison.choice)))) == ["left", "right", "tie"]


@pytest.mark.parametrize(("places", "said"), [([1, 2], "ordered"), ([1, 2, 4], "ordered"), ([1, 2, 3], "skipped")])
def test_an_order_that_is_none_is_refused(cast: Cast, make_set: MakeSet, places: list[int], said: str) -> None:
    make_set(*three(), ranks=3)
    refused = put(cast.author, took(cast.author, cast.project.id), places, said)
    assert refused.status_code == 422
    assert [one["pointer"] for one in refused.json()["errors"]] == ["/places"]


def test_without_a_place_for_each_the_form_says_what_to_do(cast: Cast, make_set: MakeSet) -> None:
    make_set(*three(), ranks=3)
    mine = took(cast.author, cast.project.id)
    assert cast.author.user
    form = {"user_id": cast.author.user.id, "place_a": "1"}
    answer = cast.author.post(f"/orderings/{mine['id']}", data=form)
    assert answer.status_code == 422
    assert "one place for each of the 3 responses" in answer.text
    all_three = form | {"place_b": "2", "place_c": "3"}
    assert cast.author.post(f"/orderings/{mine['id']}", data=all_three).status_code == 303


def test_the_page_is_the_same_wherever_the_answers_come_from(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:  # S47
    pages = []
    for name, order in (("plain", (0, 1, 2)), ("turned", (2, 1, 0)), ("vouched for", (0, 1, 2))):
        first, second, third = (ANSWERS[at] for at in order)
        given: dict[str, Any] = {"prompt": "What is it?", "known": name == "vouched for"}
        made = make_set(
            pair(chosen=first, rejected=second, **given), pair(chosen=first, rejected=third, **given),
            ranks=3, check_every=1, name=name,
        )  # fmt: skip
        mine = took(cast.author, cast.project.id)
        words = {
            one.messages[-1]["content"]: one.id
            for one in session.scalars(select(ComparedResponse))
            if one.set_id == made.id
        }
        session.get_one(Ordering, mine["id"]).laid = [words[one] for one in ANSWERS]  # an adversary waits for that
        session.commit()
        html = cast.author.get(f"/projects/{cast.project.id}/compare").text
        pages.append(re.sub(r"/orderings/\d+", "/orderings/N", html))
        cast.admin.post(f"/api/v1/comparison-sets/{made.id}/close")
    assert pages[0] == pages[1] == pages[2]
    assert not re.search(r"chosen|imported|source|known|licence|people\b", pages[0].split("<main")[1], re.IGNORECASE)


def test_answers_lie_in_an_order_drawn_by_chance_that_is_kept(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:  # S47
    make_set(*(one for at in range(1, 31) for one in three(at)), ranks=3)
    first = set()
    for _ in range(30):  # the same one first each time: once in 10 to the 14
        mine = took(cast.author, cast.project.id)
        assert took(cast.author, cast.project.id) == mine, "as it lay before"
        first.add(mine["responses"][0][-1]["content"])
        put(cast.author, mine, said="skipped")
    assert len(first) > 1
    assert session.scalar(select(func.count(Ordering.id)).where(func.cardinality(Ordering.laid) == 3)) == 30


def test_who_cannot_judge_or_skips_leaves_it_to_others(cast: Cast, session: Session, make_set: MakeSet) -> None:
    made = make_set(*three(), ranks=3)
    for person, said in ((cast.author, "cannot_judge"), (cast.second_author, "skipped")):
        assert put(person, took(person, cast.project.id), said=said).json()["said"] == said
        assert took(person, cast.project.id) is None
    put(cast.reviewer, took(cast.reviewer, cast.project.id))
    assert len(said_of(session)) == 3
    renew_figures(timestamp=0)
    kept = session.get_one(ComparisonSet, made.id, populate_existing=True).figures
    assert kept
    assert (kept["cannot_judge"], kept["rankings"], kept["comparisons"]) == (1, 1, 3)


def test_an_order_is_taken_back_with_all_its_comparisons(cast: Cast, session: Session, make_set: MakeSet) -> None:
    cast.author.app.state.settings.undo_seconds = 60  # type: ignore[attr-defined]
    make_set(*three(), ranks=3)
    mine = took(cast.author, cast.project.id)
    put(cast.author, mine)
    assert "Put in order, of “What is 1?”" in cast.author.get(f"/projects/{cast.project.id}/compare").text
    for _ in range(2):
        assert cast.author.post(f"/api/v1/orderings/{mine['id']}/undo").json()["said"] is None
    assert said_of(session) == set()
    assert took(cast.second_author, cast.project.id) is None
    assert took(cast.author, cast.project.id) == mine | {"version": 1}
    assert put(cast.author, mine, [1, 1, 1], version=0).status_code == 409
    assert put(cast.author, mine, [1, 1, 1], version=1).status_code == 200
    cast.author.app.state.settings.undo_seconds = 0  # type: ignore[attr-defined]
    late = cast.author.post(f"/api/v1/orderings/{mine['id']}/undo")
    assert late.json()["type"] == "/errors/preferences.too_late_to_undo"


def test_who_is_late_hears_so_and_nothing_is_counted(cast: Cast, session: Session, make_set: MakeSet) -> None:
    made = make_set(*three(), ranks=3)
    mine = took(cast.author, cast.project.id)
    session.execute(update(Ranking).values(lease_expires_at="2020-01-01T00:00:00Z"))
    session.commit()
    theirs = took(cast.second_author, cast.project.id)
    assert put(cast.author, mine).json()["type"] == "/errors/preferences.too_late"
    cast.admin.post(f"/api/v1/comparison-sets/{made.id}/close")
    assert put(cast.second_author, theirs).json()["type"] == "/errors/preferences.too_late"
    assert said_of(session) == set()


def test_an_order_is_its_judges_alone_and_none_of_its_pairs_is_judged_by_itself(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    make_set(*three(), ranks=3, check_every=1, opinions=2)
    mine = took(cast.author, cast.project.id)
    for other in (cast.second_author, cast.reviewer, cast.admin, cast.outsider):
        assert put(other, mine).status_code == 404
    put(cast.author, mine)
    of_it = session.scalars(select(Comparison.id)).first()
    assert judged(cast.author, {"id": of_it}).status_code == 404
    assert cast.author.post(f"/api/v1/comparisons/{of_it}/undo").status_code == 404
    assert set(session.scalars(select(ComparisonPair.state))) == {PairState.CLOSED}


def test_nobody_puts_in_order_what_they_wrote_or_what_is_withdrawn(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    first, *_ = approved(cast, session, "Why?", "Because.", "For no reason.")
    make_set(pair(prompt="Why?", chosen="Nobody knows.", rejected="Because."), people=True, ranks=3)
    for person in (cast.author, cast.second_author, cast.reviewer):
        assert took(person, cast.project.id) is None
    mine = took(cast.second_reviewer, cast.project.id)
    first.status = SubmissionStatus.WITHDRAWN
    session.commit()
    assert put(cast.second_reviewer, mine, [1, 2, 3]).status_code == 409
    assert took(cast.second_reviewer, cast.project.id) is None


def test_a_known_pair_in_a_ranking_measures_and_counts_for_nothing(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    first, second, third = ANSWERS
    made = make_set(
        pair(prompt="Why?", chosen=first, rejected=second, known=True),
        pair(prompt="Why?", chosen=second, rejected=third), ranks=3,
    )  # fmt: skip
    put(cast.author, took(cast.author, cast.project.id))
    assert said_of(session) == {(first, second, "known"), (second, third, "plain"), (first, third, "plain")}
    renew_figures(timestamp=0)
    kept = session.get_one(ComparisonSet, made.id, populate_existing=True).figures
    assert kept
    assert (kept["known"], kept["comparisons"]) == (1, 2)


def test_a_ranking_comes_again_in_reverse(cast: Cast, session: Session, make_set: MakeSet) -> None:
    made = make_set(*(one for at in range(1, 13) for one in three(at)), ranks=3, check_every=1)
    first = took(cast.author, cast.project.id)
    put(cast.author, first)
    for _ in range(10):
        put(cast.author, took(cast.author, cast.project.id))
    again = took(cast.author, cast.project.id)
    assert (again["prompt"], again["responses"]) == (first["prompt"], first["responses"][::-1])
    assert put(cast.author, again).status_code == 200
    assert {purpose for *_, purpose in said_of(session)} == {"plain", "repeat"}
    renew_figures(timestamp=0)
    kept = session.get_one(ComparisonSet, made.id, populate_existing=True).figures
    assert kept
    assert (kept["rankings"], kept["comparisons"], kept["repeats"]) == (11, 33, 3)
    assert session.scalar(select(func.count(Ordering.id)).where(Ordering.purpose == Purpose.REPEAT)) == 1


def test_pairs_of_a_ranking_are_published_together_once_it_is_done(
    cast: Cast, session: Session, storage: Storage, make_set: MakeSet
) -> None:
    make_set(*three(), *three(2), ranks=3)
    put(cast.author, took(cast.author, cast.project.id))
    session.execute(update(Ranking).where(Ranking.opinions == 1).values(wanted=2, state="open"))
    session.commit()
    of_pairs = dataset(cast)
    waits = cast.admin.get(f"/api/v1/datasets/{of_pairs}/preference-preview").json()
    assert (waits["approved"], waits["rows"]) == (3, 0), "somebody is still to put these in order"
    for person in (cast.second_author, cast.second_author):
        put(person, took(person, cast.project.id))
    rows = rows_of(storage, publish(cast, session, of_pairs))
    by_ranking = Counter(row["metadata"]["ranking_id"] for row in rows)
    assert by_ranking == {f"r{one}": 3 for one in session.scalars(select(Ranking.id))}
    assert {(row["metadata"]["opinions"], row["metadata"]["strength"]) for row in rows} == {(2, ""), (1, "")}
    better = {(row["chosen"][-1]["content"], row["rejected"][-1]["content"]) for row in rows}
    assert better == set(combinations(ANSWERS, 2))


def test_a_ranking_of_which_a_text_is_gone_holds_back_none_of_its_other_pairs(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    first, *_ = approved(cast, session, "Why?", "Because.", "For no reason.")
    make_set(pair(prompt="Why?", chosen="Nobody knows.", rejected="Because."), people=True, ranks=3, opinions=2)
    put(cast.second_reviewer, took(cast.second_reviewer, cast.project.id), [1, 2, 3])
    of_pairs = dataset(cast)

    def rows() -> int:
        return int(cast.admin.get(f"/api/v1/datasets/{of_pairs}/preference-preview").json()["rows"])

    assert rows() == 0
    first.status = SubmissionStatus.WITHDRAWN
    session.commit()
    assert rows() == 1


def test_figures_are_due_when_somebody_could_not_put_a_ranking_in_order(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    made = make_set(*three(), ranks=3)
    put(cast.author, took(cast.author, cast.project.id), said="cannot_judge")
    assert list_due(session, seconds=0) == [made.id]
    renew_figures(timestamp=0)
    assert list_due(session, seconds=0) == []


def test_two_answers_of_which_one_is_known_to_be_better_are_a_check_and_no_ranking(
    session: Session, make_set: MakeSet
) -> None:
    make_set(pair(1, known=True), *three(2), ranks=3, check_every=1)
    alone = select(ComparisonPair.state).where(ComparisonPair.ranking_id.is_(None))
    assert session.scalars(alone).all() == [PairState.KNOWN]
    assert session.scalar(select(func.count(Ranking.id))) == 1


def test_more_answers_than_a_page_takes_are_dealt_out_evenly() -> None:
    for many, most, sizes in ((3, 4, [3]), (5, 4, [3, 2]), (9, 4, [3, 3, 3]), (4, 3, [2, 2]), (9, 9, [9]), (7, 0, [7])):
        pages = deal(many, most)
        assert [len(page) for page in pages] == sizes
        assert sorted(at for page in pages for at in page) == list(range(many))


def test_a_better_answer_and_the_one_that_it_is_known_to_beat_lie_on_one_page() -> None:
    for _ in range(20):
        pages = deal(9, 3, [(0, 8), (8, 4), (1, 2), (5, 6)])
        assert sorted(map(len, pages)) == [3, 3, 3]
        assert all(any(set(two) <= set(page) for page in pages) for two in ((0, 8), (8, 4), (1, 2), (5, 6)))


def test_no_page_holds_one_answer_alone_however_known_ones_hang_together() -> None:
    chance = random.Random(8)
    for many, most in product(range(2, 13), (0, *range(3, 10))):
        for _ in range(20):
            known = [(first, second) for first, second in combinations(range(many), 2) if chance.random() < 1 / many]
            pages = deal(many, most, known)
            assert all(2 <= len(page) <= (most or many) for page in pages), (many, most, known, pages)
            assert sorted(at for page in pages for at in page) == list(range(many))


def test_pairs_and_rankings_of_two_sets_are_both_met(cast: Cast, make_set: MakeSet) -> None:
    make_set(pair(9), name="Pairs")
    make_set(*three(), ranks=3, name="Rankings")
    met = set()
    for _ in range(2):
        lies = cast.author.api("POST", f"/api/v1/projects/{cast.project.id}/compare/next").json()
        kind = "ranking" if lies["ranking"] else "comparison"
        met.add(kind)
        answer = put(cast.author, lies["ranking"]) if lies["ranking"] else judged(cast.author, lies["comparison"])
        assert answer.status_code == 200
    assert met == {"ranking", "comparison"}
