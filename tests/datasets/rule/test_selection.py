"""A rule takes the same responses in whatever order they come, and says of each of them why."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Boolean, DateTime, Row, Text, cast, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from app.core.errors import Invalid
from app.datasets.rule.rules import Rule, as_json, checked_rule, in_words, phrases
from app.datasets.rule.selection import explained, judged
from app.datasets.rule.words import LABELS, TAKES

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


BROKEN: tuple[Any, ...] = ({"helpful": "four"}, [4], "4", {"helpful": None}, {})
IMPORTED = Response(author_id=None, guidelines=None, handed_in=None)


COLUMNS = (
    column("submission_id", BigInteger),
    column("prompt_id", BigInteger),
    column("author_id", BigInteger),
    column("edited", Boolean),
    column("category", Text),
    column("language", Text),
    column("licence", Text),
    column("source", Text),
    column("tags", ARRAY(Text)),
    column("guidelines", BigInteger),
    column("handed_in", DateTime(timezone=True)),
    column("approved", DateTime(timezone=True)),
    column("ratings", JSONB),
)
look_only = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def judge(session: Session, rule: Rule, rows: Sequence[Response]) -> dict[int, Row[Any]]:
    """What a rule makes of these responses, by their ids. Nothing is stored."""
    sent = [{**asdict(row), "handed_in": said(row.handed_in), "approved": said(row.approved)} for row in rows]
    table = (
        func.jsonb_to_recordset(cast(sent, JSONB)).table_valued(*COLUMNS, name="sent").render_derived(with_types=True)
    )
    return {row.submission_id: row for row in session.execute(select(judged(rule, select(table).cte("rows"))))}


def said(moment: datetime | None) -> str | None:
    """A moment as JSON."""
    return moment.isoformat() if moment else None


def ids(session: Session, rule: Rule, rows: Sequence[Response]) -> set[int]:
    """Which responses a rule takes."""
    return {identity for identity, row in judge(session, rule, rows).items() if row.failed is None}


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


@look_only
@given(RULES, RESPONSES, st.randoms(use_true_random=False))
def test_the_order_in_which_responses_come_changes_nothing(
    session: Session, rule: Rule, rows: list[Response], shuffler: random.Random
) -> None:
    shuffled = list(rows)
    shuffler.shuffle(shuffled)
    before, after = judge(session, rule, rows), judge(session, rule, shuffled)
    assert {one: row.failed for one, row in before.items()} == {one: row.failed for one, row in after.items()}


@look_only
@given(RULES, RESPONSES)
def test_the_answers_for_one_response_agree_with_what_the_rule_takes(
    session: Session, rule: Rule, rows: list[Response]
) -> None:
    found = judge(session, rule, rows)
    assert set(found) == {row.submission_id for row in rows}
    for row in found.values():
        answers = explained(rule, row)
        assert [answer.name for answer in answers] == list(phrases(rule))
        assert row.failed == next((answer.name for answer in answers if answer.met is False), None)
        assert all(answer.met for answer in answers) == (row.failed is None)


@look_only
@given(RULES, RESPONSES)
def test_what_a_rule_promises_of_many_responses_holds_of_those_it_takes(
    session: Session, rule: Rule, rows: list[Response]
) -> None:
    taken = [row for row in judge(session, rule, rows).values() if row.failed is None]
    by_prompt, by_writer, by_category = (
        Counter(getattr(row, name) for row in taken) for name in ("prompt_id", "author_id", "category")
    )
    assert rule.of_prompt == "all" or max(by_prompt.values(), default=0) <= 1
    assert rule.per_writer is None or max(by_writer.values(), default=0) <= rule.per_writer
    largest = max(by_category.values(), default=0)
    assert rule.max_share is None or 100 * largest <= rule.max_share * len(taken)


@look_only
@given(RULES, RESPONSES)
def test_a_condition_alone_takes_out_what_a_rule_of_it_alone_does(
    session: Session, rule: Rule, rows: list[Response]
) -> None:
    fields = {"of_prompt": ["of_prompt"], "per_writer": ["per_writer"], "max_share": ["max_share"], "tag": ["tags"]}
    together = judge(session, rule, rows)
    for name in phrases(rule).keys() & fields:
        only = judge(session, Rule(**rule.model_dump(include=set(fields[name]))), rows)
        alone = sum(getattr(row, f"alone_{name}") for row in together.values())
        assert alone == sum(row.failed is not None for row in only.values()), name


@look_only
@given(st.lists(st.integers(1, 9), max_size=6), st.integers(1, 99))
def test_as_much_stays_of_a_category_as_may(session: Session, sizes: list[int], percent: int) -> None:
    def fits(most: int) -> bool:
        return 100 * min(most, max(sizes)) <= percent * sum(min(size, most) for size in sizes)

    names = [f"category {number}" for number, size in enumerate(sizes) for _ in range(size)]
    rows = [Response(number, category=name) for number, name in enumerate(names, 1)]
    most = max(takewhile(fits, range(1, max(sizes, default=0) + 1)), default=0)
    assert len(ids(session, Rule(max_share=percent), rows)) == sum(min(size, most) for size in sizes)


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
        (Response(), {"approved_to": "9999-12-31"}, True),
    ],
)
def test_what_each_condition_means(session: Session, row: Response, rule: dict[str, Any], taken: bool) -> None:
    assert bool(ids(session, Rule(**rule), [row])) is taken


def test_days_are_those_of_utc_whatever_the_zone_of_the_moment(session: Session) -> None:
    evening = datetime(2026, 11, 1, 20, tzinfo=ZoneInfo("America/New_York"))  # 01:00 on the next day in UTC
    assert ids(session, Rule(handed_in_from="2026-11-02"), [Response(handed_in=evening)])


def test_of_several_responses_to_a_prompt_the_newest_or_the_best_stays(session: Session) -> None:
    early = Response(1, ratings={"kind": 5}, approved=MIDNIGHT)
    late = Response(2, ratings={"kind": 3}, approved=MIDNIGHT + timedelta(days=1))
    other = Response(3, prompt_id=2)
    assert ids(session, Rule(of_prompt="newest"), [early, late, other]) == {2, 3}
    assert ids(session, Rule(of_prompt="best"), [early, late, other]) == {1, 3}
    as_good = replace(late, ratings={"kind": 5})
    assert ids(session, Rule(of_prompt="best"), [early, as_good, other]) == {2, 3}


def test_ratings_that_a_hand_broke_count_as_none(session: Session) -> None:
    broken = [Response(number, ratings=ratings) for number, ratings in enumerate(BROKEN, 1)]
    rule = Rule(min_rating=1, min_ratings={"helpful": 1}, of_prompt="best")
    assert not ids(session, rule, broken)


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
    ("rule", "place", "words"),
    [
        ({"handed_in_from": "2026-13-01"}, "/rule/handed_in_from", "is no day, such as 2026-11-30"),
        ({"approved_to": "20261101"}, "/rule/approved_to", "is no day"),
        ({"approved_from": "2026-11-02", "approved_to": "2026-11-01"}, "/rule/approved_to", "is before the day"),
        ({"min_ratings": {"helpful": 6}}, "/rule/min_ratings/helpful", "takes a number from 1 to 5 for each criterion"),
        ({"of_prompt": "first"}, "/rule/of_prompt", "takes all, newest or best"),
        ({"max_share": 100}, "/rule/max_share", "takes a whole number from 1 to 99"),
        ({"max_share": "most"}, "/rule/max_share", "takes a whole number from 1 to 99"),
        ({"guidelines": [1, 0]}, "/rule/guidelines/1", "takes the numbers of versions"),
        ({"state": "submitted"}, "/rule/state", "takes any, as_written or edited"),
        ({"tags": ["\ud800"]}, "/rule/tags/0", "holds half a surrogate pair"),
        ({"color": "red"}, "/rule/color", "is not a field that can be given here"),
    ],
)
def test_what_is_no_condition_is_refused_by_its_place(rule: dict[str, Any], place: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_rule(rule)
    assert [found.pointer for found in refused.value.places] == [place]
    assert refused.value.places[0].detail.startswith(words)


def test_every_field_of_a_rule_has_a_name_on_the_page_and_words_for_what_it_takes() -> None:
    days = {name for name in Rule.model_fields if name.endswith(("_in_from", "_in_to", "approved_from", "approved_to"))}
    assert set(LABELS) == set(Rule.model_fields) == set(TAKES) | days
