"""Strengths by who was preferred to whom: against values worked out by hand, and against a known truth."""

from collections.abc import Sequence
from itertools import combinations
from math import exp, log, sqrt
from random import Random

import pytest
from scipy.optimize import minimize

from app.preferences.bradley_terry import MOST_TIES, Games, Results, fit, groups
from app.preferences.counts import with_intervals


def test_two_sources_with_ties_have_the_strengths_that_follow_by_hand() -> None:
    # p/(p+q+t) = 6/12, q/… = 2/12, t/… = 4/12 with t = v·sqrt(p·q): so p/q = 3 and v = 4/sqrt(6·2).
    found = fit({("a", "b"): Games(6, 2, 4)}, ghost=0)
    assert found.strengths == pytest.approx({"a": sqrt(3), "b": 1 / sqrt(3)}, rel=1e-4)
    assert found.ties == pytest.approx(4 / sqrt(12), rel=1e-4)
    assert found.chance("a", "b") == pytest.approx((6 + 4 / 2) / 12, rel=1e-4)


def test_three_sources_that_beat_each_other_by_the_same_odds_are_as_strong_as_these() -> None:
    games = {("a", "b"): Games(20, 10), ("b", "c"): Games(20, 10), ("a", "c"): Games(24, 6)}
    found = fit(games, ghost=0)
    assert found.strengths == pytest.approx({"a": 2, "b": 1, "c": 0.5}, rel=1e-4)
    assert found.ties == 0


def test_who_won_all_stays_finite_and_more_games_take_it_further() -> None:
    few, many = (fit({("a", "b"): Games(won, 0)}).chance("a", "b") for won in (2, 50))
    assert 0.5 < few < 0.9 < many < 1


@pytest.mark.parametrize(
    "games",
    [
        {pair: Games(40, 0, 1) for pair in combinations("abcdef", 2)},
        {("a", "b"): Games(1000, 0, 1)},
        {("a", "b"): Games(1000), ("a", "c"): Games(1000), ("b", "c"): Games(100)},
    ],
)
def test_where_one_wins_nearly_all_the_strengths_are_still_the_likeliest(games: Results) -> None:
    # There each source is expected to win as much as it did, half a game against strength 1 included: at the top alone.
    found = fit(games)
    near = fit({pair: Games(each.first + 1, each.second, each.neither) for pair, each in games.items()}, near=found)
    for name, strength in found.strengths.items():
        mine = [(each, pair) for pair, each in games.items() if name in pair]
        won = sum((each.first if name == pair[0] else each.second) + each.neither / 2 for each, pair in mine)
        chances = (each.played * found.chance(*(pair if name == pair[0] else pair[::-1])) for each, pair in mine)
        assert sum(chances) + strength / (strength + 1) == pytest.approx(won + 0.5, abs=1e-6)
        assert near.strengths[name] == pytest.approx(strength, rel=0.1)


@pytest.mark.parametrize("seed", range(10))
def test_the_strengths_are_those_that_the_optimiser_of_scipy_finds(seed: int) -> None:
    chance = Random(seed)
    names = "abcdef"[: chance.randint(2, 6)]
    games = {pair: Games(*(chance.randint(0, 20) for _ in range(3))) for pair in combinations(names, 2)}

    def unlikely(logs: Sequence[float]) -> float:
        """Less the logarithm of the likelihood, as Davidson wrote it, half a game won and lost against strength 1."""
        *strengths, v = map(exp, logs)
        at = dict(zip(names, strengths, strict=True))
        found = sum((log(p) / 2 - log(1 + p)) for p in strengths)
        for (one, other), each in games.items():
            tie = v * sqrt(at[one] * at[other])
            told = each.first * log(at[one]) + each.second * log(at[other]) + each.neither * log(tie)
            found += told - each.played * log(at[one] + at[other] + tie)
        return -found

    best = minimize(unlikely, [0.0] * (len(names) + 1), method="BFGS", options={"gtol": 1e-7})
    found = fit(games)
    assert [*map(log, found.strengths.values()), log(found.ties)] == pytest.approx(list(best.x), abs=1e-4)


def test_where_all_are_ties_nobody_is_stronger_and_nothing_is_endless() -> None:
    found = fit({("a", "b"): Games(0, 0, 9)})
    assert found.chance("a", "b") == pytest.approx(0.5)
    assert found.ties == MOST_TIES


def test_sources_that_beat_one_another_in_a_circle_are_as_strong_as_one_another() -> None:
    circle = {("a", "b"): Games(8, 2), ("b", "c"): Games(8, 2), ("a", "c"): Games(2, 8)}
    found = fit(circle)
    assert [found.chance(*pair) for pair in combinations("abc", 2)] == pytest.approx([0.5] * 3)


def test_sources_that_nothing_leads_between_are_told_apart() -> None:
    games = {("a", "b"): Games(1), ("c", "d"): Games(1)}
    assert sorted(map(sorted, groups(games))) == [["a", "b"], ["c", "d"]]
    assert sorted(map(sorted, groups(games | {("b", "c"): Games(0, 1)}))) == [["a", "b", "c", "d"]]


def test_intervals_hold_the_truth_by_which_a_simulated_crowd_chose() -> None:
    truth, ties, chance = {"base": 1.0, "old": 1.6, "new": 2.6, "person": 4.5}, 0.5, Random(3)
    prompts = []
    for _ in range(150):
        counts: dict[tuple[str, ...], float] = {}
        for one, other in combinations(sorted(truth), 2):
            p, q = truth[one], truth[other]
            weights = (p, q, ties * sqrt(p * q))
            outcome = chance.choices(("first", "second", "neither"), weights)[0]
            counts["game", one, other, outcome] = 1
        prompts.append(counts)
    found = with_intervals(prompts, "base")
    for name in ("old", "new", "person"):
        p = truth[name]
        tie = ties * sqrt(p)
        interval = found["chance", name]
        assert interval.low < (p + tie / 2) / (p + 1 + tie) < interval.high, name
        assert 0.02 < interval.high - interval.low < 0.2
    assert found["chance", "person"].value > found["chance", "new"].value > found["chance", "old"].value > 0.5
