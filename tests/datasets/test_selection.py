"""A rule takes the same responses in whatever order they come, and says of each of them why."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.datasets.rules import Rule, as_json, checked_rule, in_words
from app.datasets.selection import explain, fair_limit, sift

MIDNIGHT = datetime(2026, 11, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Response:
    """An approved response, as far as rules look at it."""

    submission_id: int = 1
    prompt_id: int = 1
    author_id: int | None = 1
    edited: bool = False
    category: str | None = "Explain"
    language: str = "en"
    licence: str = "CC0"
    source: str = ""
    tags: tuple[str, ...] = ()
    guidelines: int | None = 1
    handed_in: datetime | None = MIDNIGHT
    approved: datetime | None = MIDNIGHT
    ratings: Mapping[str, float] | None = None


IMPORTED = Response(author_id=None, guidelines=None, handed_in=None)


def takes(row: Response, **rule: Any) -> bool:
    """Whether a rule takes this response, alone as it is."""
    return bool(sift(Rule(**rule), [row]).taken)


def ids(rule: Rule, rows: list[Response]) -> set[int]:
    """Which responses a rule takes."""
    return {row.submission_id for row in sift(rule, rows).taken}


RULES = st.builds(
    Rule,
    state=st.sampled_from(["any", "as_written", "edited"]),
    categories=st.lists(st.sampled_from(["Explain", "Plan"]), max_size=2),
    languages=st.lists(st.sampled_from(["en", "de"]), max_size=1),
    sources=st.lists(st.just("ours"), max_size=1),
    tags=st.lists(st.sampled_from(["long", "pilot"]), max_size=2),
    guidelines=st.lists(st.integers(1, 3), max_size=2),
    guidelines_from=st.none() | st.integers(1, 3),
    handed_in_from=st.none() | st.just("2026-11-02"),
    approved_to=st.none() | st.just("2026-11-03"),
    min_rating=st.none() | st.sampled_from([2.5, 4.0]),
    min_ratings=st.dictionaries(st.sampled_from(["helpful", "kind"]), st.sampled_from([2.0, 4.0]), max_size=2),
    of_prompt=st.sampled_from(["all", "newest", "best"]),
    per_writer=st.none() | st.integers(1, 4),
    max_share=st.none() | st.integers(20, 80),
)
RESPONSES = st.lists(
    st.builds(
        Response,
        prompt_id=st.integers(1, 6),
        author_id=st.integers(1, 3),
        edited=st.booleans(),
        category=st.sampled_from(["Explain", "Plan", "Rewrite", None]),
        language=st.sampled_from(["en", "de"]),
        source=st.sampled_from(["", "ours"]),
        tags=st.sampled_from([(), ("long",), ("long", "pilot")]),
        guidelines=st.integers(1, 3),
        handed_in=st.integers(-60, 60).map(lambda hours: MIDNIGHT + timedelta(hours=hours)),
        approved=st.none() | st.integers(0, 60).map(lambda hours: MIDNIGHT + timedelta(hours=hours)),
        ratings=st.none() | st.dictionaries(st.sampled_from(["helpful", "kind"]), st.integers(1, 5)),
    ),
    max_size=40,
).map(lambda rows: [replace(row, submission_id=number) for number, row in enumerate(rows, 1)])


@given(RULES, RESPONSES, st.randoms(use_true_random=False))
def test_the_order_in_which_responses_come_changes_nothing(
    rule: Rule, rows: list[Response], shuffler: random.Random
) -> None:
    shuffled = list(rows)
    shuffler.shuffle(shuffled)
    before, after = sift(rule, rows), sift(rule, shuffled)
    assert {row.submission_id for row in before.taken} == {row.submission_id for row in after.taken}
    assert (before.why, before.steps) == (after.why, after.steps)


@given(RULES, RESPONSES)
def test_the_answers_for_one_response_agree_with_what_the_rule_takes(rule: Rule, rows: list[Response]) -> None:
    sifted = sift(rule, rows)
    taken = {row.submission_id for row in sifted.taken}
    for row in rows:
        answers = explain(rule, rows, row.submission_id)
        assert [answer.name for answer in answers] == [step.name for step in sifted.steps]
        assert all(answer.met for answer in answers) == (row.submission_id in taken)
        failed = next((answer.name for answer in answers if answer.met is False), None)
        assert failed == sifted.why.get(row.submission_id)


@given(RULES, RESPONSES)
def test_the_steps_count_every_response_once(rule: Rule, rows: list[Response]) -> None:
    sifted = sift(rule, rows)
    assert sifted.total == len(rows) == len(sifted.taken) + sum(step.out for step in sifted.steps)
    assert [step.left for step in sifted.steps][-1:] in ([], [len(sifted.taken)])
    for step in sifted.steps:
        only = {"of_prompt", "per_writer", "max_share"} & {step.name}
        assert step.alone >= step.out or only, step


@given(RULES, RESPONSES)
def test_what_a_rule_promises_of_many_responses_holds_of_those_it_takes(rule: Rule, rows: list[Response]) -> None:
    taken = sift(rule, rows).taken
    by_prompt, by_writer, by_category = (
        Counter(getattr(row, name) for row in taken) for name in ("prompt_id", "author_id", "category")
    )
    assert rule.of_prompt == "all" or max(by_prompt.values(), default=0) <= 1
    assert rule.per_writer is None or max(by_writer.values(), default=0) <= rule.per_writer
    largest = max(by_category.values(), default=0)
    assert rule.max_share is None or 100 * largest <= rule.max_share * len(taken)


@given(st.lists(st.integers(1, 60), max_size=8), st.integers(1, 99))
def test_no_more_could_stay_of_a_category(sizes: list[int], percent: int) -> None:
    def fits(most: int) -> bool:
        return 100 * min(most, max(sizes)) <= percent * sum(min(size, most) for size in sizes)

    limit = fair_limit(sizes, percent)
    assert [most for most in range(1, max(sizes, default=0) + 1) if fits(most)] == list(range(1, limit + 1))


@pytest.mark.parametrize(
    ("row", "rule", "taken"),
    [
        (Response(edited=True), {"state": "as_written"}, False),
        (Response(edited=True), {"state": "edited"}, True),
        (Response(), {"sources": ["ours"]}, False),
        (Response(tags=("long", "pilot")), {"tags": ["pilot", "other"]}, True),
        (Response(), {"tags": ["pilot"]}, False),
        (Response(guidelines=2), {"guidelines": [1], "guidelines_from": 3}, False),
        (Response(guidelines=4), {"guidelines": [1], "guidelines_from": 3}, True),
        (Response(handed_in=MIDNIGHT), {"handed_in_from": "2026-11-02", "handed_in_to": "2026-11-02"}, True),
        (Response(handed_in=MIDNIGHT - timedelta(microseconds=1)), {"handed_in_from": "2026-11-02"}, False),
        (Response(approved=MIDNIGHT + timedelta(hours=23, minutes=59)), {"approved_to": "2026-11-02"}, True),
        (Response(approved=MIDNIGHT + timedelta(days=1)), {"approved_to": "2026-11-02"}, False),
        (Response(ratings={"helpful": 4, "kind": 5}), {"min_rating": 4.5}, True),
        (Response(ratings={"helpful": 4, "kind": 5}), {"min_ratings": {"helpful": 4.5}}, False),
        (Response(ratings={"helpful": 5}), {"min_ratings": {"helpful": 4.0, "kind": 1.0}}, False),
        (Response(), {"max_share": 50}, False),
        (Response(), {"imported": "without"}, True),
        (Response(), {"imported": "only"}, False),
        (IMPORTED, {}, True),
        (IMPORTED, {"imported": "only"}, True),
        (IMPORTED, {"imported": "without"}, False),
        (IMPORTED, {"state": "as_written"}, False),
        (IMPORTED, {"guidelines_from": 1}, False),
        (IMPORTED, {"handed_in_to": "2026-11-30"}, False),
        (IMPORTED, {"min_rating": 1.0}, False),
        (IMPORTED, {"approved_from": "2026-11-02"}, True),
    ],
)
def test_what_each_condition_means(row: Response, rule: dict[str, Any], taken: bool) -> None:
    assert takes(row, **rule) is taken


def test_days_are_those_of_utc_whatever_the_zone_of_the_moment() -> None:
    evening = datetime(2026, 11, 1, 20, tzinfo=ZoneInfo("America/New_York"))  # 01:00 on the next day in UTC
    assert takes(Response(handed_in=evening), handed_in_from="2026-11-02")


def test_of_several_responses_to_a_prompt_the_newest_or_the_best_stays() -> None:
    early = Response(1, ratings={"kind": 5}, approved=MIDNIGHT)
    late = Response(2, ratings={"kind": 3}, approved=MIDNIGHT + timedelta(days=1))
    other = Response(3, prompt_id=2)
    assert ids(Rule(of_prompt="newest"), [early, late, other]) == {2, 3}
    assert ids(Rule(of_prompt="best"), [early, late, other]) == {1, 3}
    as_good = replace(late, ratings={"kind": 5})
    assert ids(Rule(of_prompt="best"), [early, as_good, other]) == {2, 3}


def test_a_rule_is_said_in_words() -> None:
    assert in_words(Rule()) == "Every approved response."
    rule = Rule(
        state="as_written", categories=["Explain"], languages=["en", "de"], sources=["ours", "theirs"], tags=["pilot"],
        guidelines=[1], guidelines_from=3, handed_in_from="2026-11-01", approved_from="2026-11-02",
        approved_to="2026-11-30", min_rating=4, min_ratings={"helpful": 3.5}, of_prompt="best", per_writer=20,
        max_share=30,
    )  # fmt: skip
    assert in_words(rule) == (
        "Every approved response, as its writer left it, in the category Explain, in the languages en or de, from ours "
        "or theirs, tagged pilot, under version 1 or 3 and later of the guidelines, handed in from 2026-11-01 (UTC),"
        " approved from 2026-11-02 to 2026-11-30 (UTC), rated 4 or more on average, rated 3.5 or more for helpful, one "
        "response a prompt, the one rated best, at most 20 of one writer, at most 30 % in one category."
    )


def test_a_rule_of_before_reads_as_it_did_and_keeps_its_json() -> None:
    before = {"categories": ["Plan"], "languages": [], "licences": [], "min_rating": 4.0, "per_writer": None}
    assert as_json(checked_rule(before)) == before
    newer = {**before, "tags": ["pilot"], "max_share": 40}
    assert as_json(checked_rule(newer)) == newer


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({"handed_in_from": "2026-13-01"}, "/rule/handed_in_from"),
        ({"approved_to": "20261101"}, "/rule/approved_to"),
        ({"approved_from": "2026-11-02", "approved_to": "2026-11-01"}, "/rule/approved_to"),
        ({"min_ratings": {"helpful": 6}}, "/rule/min_ratings/helpful"),
        ({"of_prompt": "first"}, "/rule/of_prompt"),
        ({"max_share": 100}, "/rule/max_share"),
        ({"guidelines": [1, 0]}, "/rule/guidelines/1"),
        ({"state": "submitted"}, "/rule/state"),
    ],
)
def test_what_is_no_condition_is_refused_by_its_place(rule: dict[str, Any], place: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_rule(rule)
    assert [found.pointer for found in refused.value.places] == [place]
