"""What people decided on a pair, and what a rule makes of it: tables of cases, nothing stored."""

from typing import Any

import pytest

from app.core.errors import Invalid
from app.preferences.models import Choice, Strength
from app.preferences.versions.deciding import Decision, Judged, Opinion, count_cycles, decide, refuses
from app.preferences.versions.preview import too_few
from app.preferences.versions.rule import as_json, checked_rule, in_words

A, B = 1, 2
NEITHER = {"t": Choice.TIE, "x": Choice.BOTH_BAD, "?": Choice.CANNOT_JUDGE}


def said(word: str, *strengths: Strength) -> list[Opinion]:
    """Opinions in a word: `a` and `b` prefer a response, `t` ties, `x` calls both bad, `?` cannot judge."""
    by = [*strengths, *[None] * len(word)]
    return [
        Opinion({"a": A, "b": B}.get(one), NEITHER.get(one, Choice.LEFT), by[at], [one]) for at, one in enumerate(word)
    ]


def pair(word: str = "a", *strengths: Strength, **more: Any) -> Judged:
    """A pair of which this was said."""
    of_it: dict[str, Any] = {
        "known": False,
        "gone": False,
        "same": False,
        "waits": False,
        "set": "First",
        "language": "en",
    } | more
    return Judged(A, B, opinions=said(word, *strengths), **of_it)


@pytest.mark.parametrize(
    ("word", "decided"),
    [
        ("a", (A, 1, 1)), ("b", (B, 1, 1)), ("aab", (A, 3, 2)), ("abb?", (B, 3, 2)), ("aat", (A, 3, 2)),
        ("ab", "divided"), ("abt", "divided"), ("at", "divided"), ("ttb", "neither"), ("tx", "neither"),
        ("x", "neither"), ("?", "judged"), ("??", "judged"),
    ],
)  # fmt: skip
def test_more_than_half_decide(word: str, decided: tuple[int, int, int] | str) -> None:
    found = decide(pair(word))
    assert (found if isinstance(found, str) else (found.chosen_id, found.opinions, found.agreed)) == decided


@pytest.mark.parametrize("why", ["known", "gone", "same", "waits"])
def test_what_no_rule_takes_is_named(why: str) -> None:
    assert decide(pair("aaa", **{why: True})) == why


@pytest.mark.parametrize(
    ("strengths", "least"),
    [
        ([], ""),
        ([Strength.CLEARLY], "clearly"),
        ([Strength.SLIGHTLY, Strength.BY_FAR], "by_far"),
        ([Strength.SLIGHTLY, Strength.SLIGHTLY, Strength.BY_FAR], "slightly"),
    ],
)
def test_half_of_those_who_agree_say_by_how_much(strengths: list[Strength], least: str) -> None:
    found = decide(pair("aaa", *strengths))
    assert isinstance(found, Decision)
    assert found.strength == least


@pytest.mark.parametrize(
    ("rule", "held", "out"),
    [
        ({"sets": ["Other"]}, pair(), "set"),
        ({"languages": ["de"]}, pair(), "language"),
        ({"min_opinions": 2}, pair(), "opinions"),
        ({"min_agreement": 67}, pair("aab"), "agreement"),
        ({"min_agreement": 66}, pair("aab"), None),
        ({"min_strength": "clearly"}, pair("a", Strength.SLIGHTLY), "strength"),
        ({"min_strength": "clearly"}, pair(), "strength"),
        ({"min_strength": "clearly"}, pair("a", Strength.BY_FAR), None),
    ],
)
def test_each_condition_asks_one_thing(rule: dict[str, Any], held: Judged, out: str | None) -> None:
    decided = decide(held)
    assert isinstance(decided, Decision)
    assert next((name for name, is_out in refuses(checked_rule(rule), held, decided).items() if is_out), None) == out


def test_a_rule_is_kept_as_little_as_it_asks_and_said_in_words() -> None:
    assert as_json(checked_rule({})) == {}
    assert in_words(checked_rule({})) == "Every pair of which people prefer one response."
    rule = checked_rule(
        {"sets": ["A", "B"], "min_opinions": 3, "min_agreement": 67, "min_strength": "clearly", "people": "one_half"}
    )
    assert in_words(rule) == (
        "Every pair of which people prefer one response, from the sets A or B, judged by 3 people or more, "
        "with 67 % of them or more agreeing, clearly better or by far, by one half of the people."
    )
    assert checked_rule(as_json(rule)) == rule


def test_a_wrong_rule_names_each_place_and_what_it_takes() -> None:
    with pytest.raises(Invalid) as refused:
        checked_rule({"min_opinions": 0, "min_agreement": 50, "min_strength": "much", "people": "some", "best": 1})
    places = {place.pointer: place.detail for place in refused.value.places}
    assert places["/rule/min_opinions"] == "takes a whole number from 1 to 9, such as 2"
    assert places["/rule/min_agreement"].startswith("takes a whole number from 51 to 100")
    assert places["/rule/min_strength"] == "takes any, clearly or by_far"
    assert places["/rule/people"] == "takes all, one_half or other_half"
    assert "/rule/best" in places


def chosen(better: int, worse: int) -> Decision:
    """One decision."""
    return Decision(better, worse, 1, 1, "", ())


def test_circles_are_counted_by_prompt() -> None:
    circle = [(1, chosen(1, 2)), (1, chosen(2, 3)), (1, chosen(3, 1))]
    line = [(2, chosen(4, 5)), (2, chosen(5, 6)), (2, chosen(4, 6))]
    assert [count_cycles(one) for one in ([], line, circle, line + circle)] == [0, 0, 1, 1]


def test_too_few_pairs_are_told_in_a_sentence() -> None:
    assert too_few(0).startswith("Too few to say anything: no pair to train on")
    assert "1 pair to train on" in too_few(1)
    assert too_few(50) == ""
