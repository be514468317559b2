"""Agreement figures against the worked values of their authors and of a textbook; no database, no request."""

from collections.abc import Sequence

import pytest

from app.review.history.agreement import (
    Cells,
    Measure,
    coincidences,
    estimate,
    kappa,
    nominal_alpha,
    ordinal_alpha,
    percent,
    together,
)

# Krippendorff (2011): A, two observers and two values; B, two and five; C and D, four of twelve units, with gaps (".").
TWO_VALUES = ["0100000010", "1110010000"]
FIVE_VALUES = ["aabbdcccedda", "babbbccceddd"]
FOUR_OBSERVERS = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]


def cells_of(observers: Sequence[str]) -> Cells:
    """The coincidences of what some observers said, unit by unit."""
    units = zip(*observers, strict=True)
    return together(coincidences([ord(said) for said in unit if said != "."]) for unit in units)


@pytest.mark.parametrize(
    ("observers", "measure", "published"),
    [
        (TWO_VALUES, nominal_alpha, 0.095),
        (FIVE_VALUES, nominal_alpha, 0.692),
        (FOUR_OBSERVERS, nominal_alpha, 0.743),
        (FOUR_OBSERVERS, ordinal_alpha, 0.815),
    ],
)
def test_alpha_is_what_krippendorff_published(observers: list[str], measure: Measure, published: float) -> None:
    assert measure(cells_of(observers)) == pytest.approx(published, abs=0.0005)


# Tables of yes and no, as in the article "Cohen's kappa" of Wikipedia; the last two have the same percent.
@pytest.mark.parametrize(
    ("yes_yes", "yes_no", "no_yes", "no_no", "published"),
    [(20, 5, 10, 15, 0.4), (45, 15, 25, 15, 0.1304), (25, 35, 5, 35, 0.2593)],
)
def test_kappa_is_what_textbooks_say(yes_yes: int, yes_no: int, no_yes: int, no_no: int, published: float) -> None:
    table = {(1, 1): yes_yes, (1, 0): yes_no, (0, 1): no_yes, (0, 0): no_no}
    assert kappa(table) == pytest.approx(published, abs=0.00005)


@pytest.mark.parametrize("measure", [kappa, nominal_alpha, ordinal_alpha])
def test_who_always_agree_score_one_and_who_never_say_anything_else_score_nothing(measure: Measure) -> None:
    assert measure({(1, 1): 8, (2, 2): 2}) == pytest.approx(1)
    assert measure({(1, 1): 10}) is None
    assert measure({}) is None


def test_percent_counts_the_pairs_that_say_the_same() -> None:
    assert percent({(0, 0): 7, (0, 1): 2, (1, 0): 1}) == 0.7
    assert percent({}) is None


def test_far_apart_costs_more_than_near_where_values_have_an_order() -> None:
    alike = {(one, one): 10.0 for one in range(1, 6)}
    near, far = {**alike, (1, 2): 5.0, (2, 1): 5.0}, {**alike, (1, 5): 5.0, (5, 1): 5.0}
    ordered = [ordinal_alpha(cells) or 0 for cells in (near, far)]
    assert ordered[0] > ordered[1]
    assert nominal_alpha(near) == pytest.approx(nominal_alpha(far))


def test_an_interval_is_as_wide_as_chance_makes_it_and_always_the_same() -> None:
    submissions = [coincidences([0, 0])] * 80 + [coincidences([0, 1])] * 20
    found, _ = estimate(submissions, percent, nominal_alpha)
    assert found
    assert found.value == 0.8
    # A share of 0.8 among 100 has a standard error of 0.04.
    assert [found.low, found.high] == pytest.approx([0.72, 0.88], abs=0.015)
    assert estimate(submissions, percent)[0] == found


def test_revisions_of_one_submission_are_one_draw() -> None:
    apart = [coincidences([0, 0])] * 80 + [coincidences([0, 1])] * 20
    tied = [together([coincidences([0, 0])] * 4)] * 20 + [together([coincidences([0, 1])] * 4)] * 5
    (free,), (bound,) = estimate(apart, percent), estimate(tied, percent)
    assert free
    assert bound
    assert free.value == bound.value
    assert bound.high - bound.low > 1.5 * (free.high - free.low)


def test_one_dissent_in_a_thousand_is_a_figure_and_nothing_to_judge_is_none() -> None:
    found, undefined = estimate([coincidences([0, 0])] * 999 + [coincidences([0, 1])], percent, kappa)
    assert found
    assert found.low < 0.999 < found.high <= 1
    assert undefined
    assert estimate([coincidences([0, 0])] * 30, percent, nominal_alpha)[1] is None
    assert estimate([], percent, nominal_alpha) == [None, None]
