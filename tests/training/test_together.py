"""Pairs of one ranking are learned from in one step, and every pair once."""

from collections import Counter

from app.training.worker.together import Together, together

RANKED = [f"{ranking}{at}" for ranking in "abcdef" for at in range(3)]
ALONE = [f"-{at}" for at in range(14)]


def ranking(pair: str) -> str:
    return "" if pair[0] == "-" else pair[0]


def test_each_ranking_lies_in_one_batch_and_every_pair_is_there_once() -> None:
    for seed in range(20):
        order = together(ALONE + RANKED, ranking, 8, seed)
        batches = [order[at : at + 8] for at in range(0, len(order), 8)]
        assert Counter(order) == Counter(ALONE + RANKED)
        met = [{ranking(pair) for pair in batch} - {""} for batch in batches]
        assert sum(map(len, met)) == 6  # none of the six lies in two batches


def test_what_fits_into_no_batch_goes_on_in_another() -> None:
    order = together(RANKED, ranking, 8, seed=1)
    met = Counter(name for at in range(0, 18, 8) for name in {ranking(pair) for pair in order[at : at + 8]})
    assert Counter(order) == Counter(RANKED)
    assert sorted(met.values()) == [1, 1, 1, 1, 2, 2]


def test_the_seed_decides_the_order() -> None:
    assert together(RANKED, ranking, 6, seed=1) == together(RANKED, ranking, 6, seed=1)
    assert together(RANKED, ranking, 6, seed=1) != together(RANKED, ranking, 6, seed=2)


def test_each_epoch_has_batches_of_its_own_that_a_run_that_goes_on_finds_again() -> None:
    def batches(order: Together, epoch: int) -> set[frozenset[int]]:
        order.set_epoch(epoch)
        places = list(order)
        assert sorted(places) == list(range(len(order)))
        return {frozenset(places[at : at + 8]) for at in range(0, len(order), 8)}

    names = [ranking(pair) for pair in ALONE + RANKED]
    order = Together(names, 8, seed=1)
    first, second = batches(order, 0), batches(order, 1)
    assert first != second
    assert second == batches(Together(names, 8, seed=1), 1)
    for epoch in (first, second):
        assert sum(len({names[at] for at in batch} - {""}) for batch in epoch) == 6
