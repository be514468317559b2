"""In which order should open prompts be answered? By doubt, by what they stand for, or by both. Pure.

After G. Bhatt et al., *An Experimental Design Framework for Label-Efficient Supervised Finetuning of Large Language
Models* (2024, arXiv 2401.06692), which chooses prompts by the uncertainty of a model's tokens and by facility location
over embeddings. Coverage is chosen greedily, which reaches at least 1 - 1/e of the best (G. Nemhauser, L. Wolsey and M.
Fisher, Mathematical Programming 14, 1978). Doubt as a weight in the same sum is how both are had at once.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class Chosen(NamedTuple):
    """A prompt by its place among the open ones, and how many others it is closer to than all that came before it."""

    place: int
    stands_for: int


def by_coverage(
    alike: Numbers, covered: Numbers, weights: Numbers, count: int, each: Callable[[int], object] = lambda _: None
) -> list[Chosen]:
    """Prompts such that every open one has one much like it among those answered or chosen, what adds most first.

    `alike`: (N, N), how much alike open prompts are, 0 to 1. `covered`: (N,), each one's likeness to the nearest prompt
    that is answered already, or 0. `weights`: (N,), how much it matters that a prompt is covered.
    `each`: told how many are chosen, after every one; what it raises ends the work.
    """
    nearest, chosen = covered.copy(), list[Chosen]()
    left = np.ones(len(covered), dtype=bool)
    for _ in range(min(count, len(covered))):
        closer = np.maximum(alike - nearest[None, :], 0)  # (candidate, prompt)
        gains = np.where(left, closer @ weights, -1.0)
        place = int(gains.argmax())
        chosen.append(Chosen(place, int((closer[place] > 0).sum() - (closer[place, place] > 0))))
        nearest = np.maximum(nearest, alike[place])
        left[place] = False
        each(len(chosen))
    return chosen


def likeness(states: Numbers, others: Numbers) -> tuple[Numbers, Numbers]:
    """How much alike prompts are, (N, N), and each one's likeness to the nearest of `others`, (N,); 0 to 1.

    Cosines of states from which their mean is taken: a language model's all point one way, which says nothing.
    """
    middle = np.concatenate([states, others]).mean(axis=0)
    one, other = _unit(states - middle), _unit(others - middle)
    alike = np.clip(one @ one.T, 0, 1)
    covered = np.clip(one @ other.T, 0, 1).max(axis=1, initial=0.0)
    return alike, covered


def surpassed(numbers: Numbers) -> list[float]:
    """For each number the share of the others below it, 0 to 1."""
    below = np.searchsorted(np.sort(numbers), numbers, side="left")
    return [float(one) / max(len(numbers) - 1, 1) for one in below]


def _unit(vectors: Numbers) -> Numbers:
    result: Numbers = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return result
