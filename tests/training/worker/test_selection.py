"""The order in which open prompts should be answered, worked by hand."""

import numpy as np
import pytest

from app.training.worker.selection import Chosen, by_coverage, likeness, surpassed

NOTHING = np.zeros(4)
# Prompts 0, 1 and 2 are alike, 1 most to both others; prompt 3 stands alone.
ALIKE = np.array([[1, 0.8, 0.5, 0], [0.8, 1, 0.8, 0], [0.5, 0.8, 1, 0], [0, 0, 0, 1]])


def test_what_stands_for_most_comes_first_then_what_stands_alone() -> None:
    chosen = by_coverage(ALIKE, NOTHING, np.ones(4), 4)
    assert [one.place for one in chosen] == [1, 3, 0, 2]
    assert chosen[0] == Chosen(1, 2)
    assert [one.stands_for for one in chosen[1:]] == [0, 0, 0]


def test_long_work_tells_after_every_choice_how_far_it_is() -> None:  # there a stop is heard
    told: list[int] = []
    by_coverage(ALIKE, NOTHING, np.ones(4), 3, told.append)
    assert told == [1, 2, 3]


def test_what_is_answered_already_need_not_be_covered_again() -> None:
    assert by_coverage(ALIKE, np.array([1, 1, 1, 0.0]), np.ones(4), 1) == [Chosen(3, 0)]


def test_doubt_outweighs_numbers_where_it_is_large_enough() -> None:
    assert by_coverage(ALIKE, NOTHING, np.array([0.1, 0.1, 0.1, 5]), 1) == [Chosen(3, 0)]


def test_likeness_is_of_what_sets_prompts_apart_and_not_of_what_all_share() -> None:
    apart = np.array([[1.0, 0], [1, 0], [-1, 0]])
    alike, covered = likeness(apart + 100, np.array([[99.0, 100], [100, 101]]))
    assert alike[0, 1] == pytest.approx(1)
    assert alike[0, 2] == 0
    assert covered[2] > 0.9
    assert likeness(apart, np.zeros((0, 2)))[1].tolist() == [0, 0, 0]


def test_a_share_of_the_others_is_below_each_number() -> None:
    assert surpassed(np.array([3.0, 1, 2])) == [1, 0, 0.5]
    assert surpassed(np.array([3.0])) == [0]
