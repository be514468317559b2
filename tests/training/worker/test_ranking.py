"""Pairs put in order: the intervals of a share and of a difference are not mistaken for each other."""

import math
from dataclasses import replace

import pytest

from app.training.worker.chat import Encoded
from app.training.worker.pairs import Pair
from app.training.worker.ranking import Judged, accuracy, ranking
from app.training.worker.rows import Row


def pair(number: int, chosen: str = "Yes.", rejected: str = "No, never.") -> Pair:
    """A pair on a prompt of its own."""

    def row(text: str) -> Row:
        messages = [{"role": "user", "content": f"Prompt {number}"}, {"role": "assistant", "content": text}]
        return Row("test", f"c{number}", f"p{number}", "", messages, Encoded([], []))

    return Pair(row(chosen), row(rejected), "")


def test_a_share_of_all_pairs_has_wilsons_interval() -> None:
    found = accuracy([Judged(pair(number), 1.0) for number in range(10)])
    assert found["value"] == 1
    assert found["low"] == pytest.approx(0.722, abs=1e-3)


def test_who_is_as_right_as_length_on_every_prompt_is_not_said_to_differ_from_it() -> None:
    held = [pair(number) for number in range(10)]  # the shorter one was chosen, in training too
    found = ranking(held, [0.0] * 10, [1.0] * 10, held, [Judged(held[0], 1.0)])
    assert found
    assert found["better_than_length"] == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_each_part_has_both_baselines_on_its_own_pairs_and_how_sure_the_model_was() -> None:
    longer, shorter = [pair(number, "Yes, and always.", "No.") for number in range(6)], [pair(9), pair(10)]
    held = [
        *(replace(one, strength="clearly") for one in longer),
        *(replace(one, strength="by_far") for one in shorter),
    ]
    found = ranking(held, [0.0] * 8, [1.0] * 8, longer, [Judged(held[0], 1.0)])
    assert found
    far, clearly = found["by_strength"]
    assert (clearly["length"]["value"], far["length"]["value"]) == (1.0, 0.0), "in training the longer one was chosen"
    assert (far["random"]["low"], far["random"]["high"]) == (0.0, 1.0)
    assert clearly["random"]["low"] == pytest.approx(1 / 6)
    assert clearly["sure"]["value"] == pytest.approx(1 / (1 + math.exp(-1)))
    assert clearly["accuracy"]["value"] == 1.0
