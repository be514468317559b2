"""What judgements add up to: rates, sides, lengths, agreement, consistency. Pure."""

from typing import Any

import pytest

from app.preferences.counts import Judgement, Response
from app.preferences.figures import certainty, figures_of, fit_of
from app.preferences.models import Choice, Purpose
from app.preferences.said import told


def said(prompt: int, person: int, choice: str, *, swapped: bool = False, **more: Any) -> Judgement:
    """A word on the pair of a prompt: a response of run 1 and a longer one of the base model."""
    run, base = Response(2 * prompt, "Run 1", 100), Response(2 * prompt + 1, "Base model tiny", 200)
    left, right = (base, run) if swapped else (run, base)
    given = {"purpose": Purpose.PLAIN, "known_better_id": None} | more
    return Judgement(prompt, prompt, person, left=left, right=right, choice=Choice(choice), **given)


def test_a_win_rate_counts_ties_half_and_leaves_out_who_could_not_judge() -> None:
    words = ["left", "left", "left", "right", "tie", "both_bad", "cannot_judge"]
    figures = figures_of([said(at, at, word) for at, word in enumerate(words, 1)])
    run = next(one for one in figures["sources"] if one["name"] == "Run 1")
    assert run["rate"][0] == pytest.approx((3 + 2 / 2) / 6)
    assert (figures["comparisons"], figures["ties"], figures["both_bad"], figures["cannot_judge"]) == (6, 1, 1, 1)
    assert figures["reference"] == "Base model tiny"


def test_side_and_length_are_told_beside_the_win_rate() -> None:
    figures = figures_of([said(at, 1, "left", swapped=bool(at % 2)) for at in range(1, 13)])
    assert (figures["side"] or [0])[0] == 1
    assert (figures["length"] or [0])[0] == 0.5
    assert {one["name"]: (one["longer"], one["was_longer"], one["matched"]) for one in figures["sources"]} == {
        "Run 1": (0, (0, 0, pytest.approx(0.2425, abs=1e-4)), None),
        "Base model tiny": (1, (1, pytest.approx(0.7575, abs=1e-4), 1), None),
    }  # fmt: skip
    behind = told(figures).behind
    assert behind
    assert ("Run 1", "0\N{NO-BREAK SPACE}% (0 to 24)") in {(row[0], row[3]) for row in behind.rows}
    assert figures["one_sided"] == figures["judges"] == 1
    words = " ".join(told(figures).bias)
    assert "lay left was chosen in 100\N{NO-BREAK SPACE}% (76 to 100)" in words
    assert "1 of 1 person with ten or more choices chose the same side" in words


def test_two_people_agree_whatever_side_each_saw() -> None:
    first = [said(at, 1, "left") for at in range(1, 7)]
    same = [said(at, 2, "right", swapped=True) for at in range(1, 5)]
    other = [said(5, 2, "tie"), said(6, 2, "right")]
    figures = figures_of([*first, *same, *other])
    assert figures["judged_twice"] == 6
    assert (figures["agreement"] or [0])[0] == pytest.approx(4 / 6)
    words = " ".join(told(figures).agreement)
    assert "72.6 %" in words
    assert "Krippendorff" in words


def test_repeats_and_known_pairs_are_measured_and_never_counted() -> None:
    plain = [said(at, 1, "left") for at in range(1, 7)]
    again = [said(at, 1, "right", swapped=True, purpose=Purpose.REPEAT) for at in range(1, 4)]
    turned = [said(at, 1, "left", swapped=True, purpose=Purpose.REPEAT) for at in range(4, 7)]
    known = [said(at, 1, "left", purpose=Purpose.KNOWN, known_better_id=2 * at) for at in range(11, 15)]
    wrong = said(15, 1, "tie", purpose=Purpose.KNOWN, known_better_id=30)
    figures = figures_of([*plain, *again, *turned, *known, wrong])
    assert figures["comparisons"] == 6
    assert ((figures["consistency"] or [0])[0], figures["repeats"]) == (0.5, 6)
    assert (figures["known_right"] or [0])[0] == pytest.approx(4 / 5)
    assert figures["known"] == 5


def test_of_fewer_than_five_prompts_nothing_is_said() -> None:
    figures = figures_of([said(at, person, "left") for at in range(1, 5) for person in (1, 2)])
    assert (figures["sources"], figures["side"], figures["agreement"]) == ([], None, None)
    assert told(figures).headline == "Too few prompts are judged to say anything: 5 are the least."


def test_the_headline_claims_no_more_than_the_interval_allows() -> None:
    clear, open_ = ["left"] * 12, ["left", "right"] * 4
    sure, unsure = (figures_of([said(at, 1, word) for at, word in enumerate(words, 1)]) for words in (clear, open_))
    assert told(sure).headline == "People prefer run 1 to base model tiny."
    against = figures_of([said(at, 1, "right") for at in range(1, 13)])
    assert told(against).headline == "People prefer base model tiny to run 1."
    assert told(unsure).headline == "The comparisons do not tell yet which source people prefer."
    assert told(figures_of([])).headline == "Nothing is judged yet."


def test_where_all_prompts_say_the_same_an_interval_is_as_wide_as_they_are_few() -> None:
    """Drawing prompts again says nothing there. Of n of n, Wilson's 95 % interval begins at n / (n + 1.96 ** 2)."""
    for many in (5, 40):
        figures = figures_of([said(at, person, "left") for at in range(1, many + 1) for person in (1, 2)])
        low = many / (many + 1.959964**2)
        run, base = figures["sources"]
        assert run["rate"] == pytest.approx((1, low, 1))
        assert base["rate"] == pytest.approx((0, 0, 1 - low))
        assert run["chance"]
        assert 0.5 < run["chance"][1] <= low  # of a share a little below 1, since nobody's chance is 1
        assert figures["side"] == pytest.approx((1, low, 1))
        assert figures["agreement"] == pytest.approx((1, low, 1))
    right = figures_of([said(at, 1, "left", purpose=Purpose.KNOWN, known_better_id=2 * at) for at in range(1, 6)])
    assert right["known_right"] == pytest.approx((1, 5 / (5 + 1.959964**2), 1))


def test_that_nobody_disagreed_on_few_pairs_is_no_proof_that_nobody_would() -> None:
    """An alpha of 1 is as unsure as the share of pairs that say the same: 1 less so much of what chance would have."""
    for many in (6, 40):
        figures = figures_of(
            [said(at, person, "left" if at % 2 else "right") for at in range(1, many + 1) for person in (1, 2)]
        )
        low = many / (many + 1.959964**2)
        said_twice = 2 * many
        by_chance = many / (said_twice - 1)  # of two words drawn from so many, half of each kind, that they differ
        assert figures["alpha"] == pytest.approx((1, 1 - (1 - low) / by_chance, 1))
    assert "is 1.00 (0.83 to 1.00)" in " ".join(told(figures).agreement)


def test_where_all_prompts_disagree_alike_alpha_is_as_unsure_as_they_are_few() -> None:
    words = {1: "left", 2: "left", 3: "right"}
    figures = figures_of([said(at, person, word) for at in range(1, 9) for person, word in words.items()])
    assert figures["alpha"] == pytest.approx((-0.4375, -0.9115, 0.2697), abs=1e-4)


def test_where_all_prompts_say_the_same_half_few_of_them_are_as_unsure() -> None:
    """Of 5 halves the interval of E. B. Wilson (1927) is 0.5 ± z / (2 * sqrt(5 + z²)), with z = 1.96."""
    run = figures_of([said(at, 1, "tie") for at in range(1, 6)])["sources"][0]
    half = 1.959964 / (2 * (5 + 1.959964**2) ** 0.5)
    assert run["rate"] == pytest.approx((0.5, 0.5 - half, 0.5 + half))


def test_of_five_prompts_that_say_the_same_two_to_one_none_is_said_to_be_better() -> None:
    words = {1: "left", 2: "left", 3: "right"}
    few = figures_of([said(at, person, word) for at in range(1, 6) for person, word in words.items()])
    assert told(few).headline == "The comparisons do not tell yet which source people prefer."


def test_nothing_is_ranked_where_all_is_of_one_source() -> None:
    one, other = Response(1, "People", 10), Response(2, "People", 20)
    alone = [Judgement(at, at, 1, Purpose.PLAIN, one, other, Choice.LEFT) for at in range(1, 6)]
    page = told(figures_of(alone))
    assert "one source" in page.headline
    assert (page.drawing, page.ranking) == (None, None)


def test_what_is_even_is_least_certain() -> None:
    even = fit_of([said(1, 1, "left"), said(2, 1, "right")])
    clear = fit_of([said(at, 1, "left") for at in range(1, 9)])
    assert certainty(even, "Run 1", "Base model tiny") == pytest.approx(0, abs=1e-6)
    assert certainty(clear, "Run 1", "Base model tiny") > 0.3
    assert certainty(clear, "Run 1", "Run 2") == certainty(clear, "Run 1", "Run 1") == 0


def test_a_ranking_weighs_as_one_opinion_however_many_pairs_it_has() -> None:
    alone = [said(at, 1, "left") for at in range(1, 7)]
    ranked = [said(at, 1, "right", ordering_id=at, weight=1 / 6) for at in range(7, 13) for _ in range(6)]
    figures = figures_of([*alone, *ranked])
    assert {one["name"]: one["rate"][0] for one in figures["sources"]} == {
        "Run 1": pytest.approx(0.5), "Base model tiny": pytest.approx(0.5),
    }  # fmt: skip
    assert (figures["comparisons"], figures["rankings"], figures["judges"]) == (42, 6, 1)
    assert [one["comparisons"] for one in figures["sources"]] == [42, 42]
    page = told(figures)
    assert page.lead.startswith("From 6 rankings, which make 42 comparisons, by 1 person on 12 prompts.")
    assert "further up" in " ".join(page.bias)
