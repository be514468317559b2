"""Which rows a run watches, and in which batches it answers them."""

from dataclasses import replace

from app.training.worker.answers import TOKENS_AT_ONCE, batches
from app.training.worker.chat import Encoded
from app.training.worker.plan import Plan
from app.training.worker.rows import Row, Rows
from app.training.worker.watched import fixed, like, watched

PLAN = Plan(base_model="tiny", measure_rows=4, test_samples=3, train_samples=2)


def rows(split: str, count: int) -> list[Row]:
    """So many rows, each of a prompt of its own."""
    return [Row(split, f"{split}-{n}", f"p-{split}-{n}", "", [], Encoded([], [])) for n in range(count)]


def data(**counts: int) -> Rows:
    """A version with so many rows in each file."""
    held = {name: rows(name, count) for name, count in counts.items()}
    train, validation, test = (held.pop(name, []) for name in ("train", "validation", "test"))
    return Rows(train, validation, test, held, {}, [])


def test_as_many_seen_rows_are_measured_as_unseen_ones() -> None:
    found = watched(data(train=20, test=3, test_writers=9), PLAN)
    assert {side: len(held) for side, held in found.sides.items()} == {"train": 3, "test": 3, "test_writers": 4}


def test_seen_rows_are_of_the_categories_of_the_unseen_ones_as_far_as_there_are_any() -> None:
    train = [replace(row, category="Plan" if n < 3 else "Explain") for n, row in enumerate(rows("train", 40))]
    others = [replace(row, category="Plan" if n < 5 else "Rhyme") for n, row in enumerate(rows("test", 6))]
    for seed in range(5):
        taken = like(train, others, 4, seed)
        assert [row.category for row in taken] == ["Plan", "Plan", "Plan", "Explain"]
    assert like(train, others, 0, 1) == train


def test_a_version_without_unseen_rows_measures_what_it_has() -> None:
    found = watched(data(train=20), PLAN)
    assert {side: len(held) for side, held in found.sides.items()} == {"train": 4}
    assert [row.split for row in found.asked] == ["train", "train"]


def test_every_run_answers_the_same_prompts_whatever_its_seed_draws() -> None:
    version = data(train=20, test=9, test_categories=9)
    asked = [[row.id for row in watched(version, replace(PLAN, seed=seed)).asked] for seed in (1, 2)]
    assert asked[0] == asked[1]
    larger = watched(data(train=30, test=12, test_categories=9), replace(PLAN, test_samples=20)).asked
    assert {row.id for row in larger} >= {row_id for row_id in asked[0] if row_id.startswith("test")}


def test_a_prompt_is_answered_once_however_many_responses_it_has() -> None:
    twice = [replace(row, prompt_id="p") for row in rows("test", 2)]
    assert [row.id for row in fixed(twice, 5)] == ["test-0"]


def test_long_prompts_are_answered_in_smaller_batches_and_none_is_left_out() -> None:
    lengths = [100] * 30 + [TOKENS_AT_ONCE * 2, 3000]
    made = list(batches(lengths))
    assert sorted(place for batch in made for place in batch) == list(range(32))
    assert made[-1] == [30]
    assert all(len(batch) * max(lengths[place] for place in batch) <= TOKENS_AT_ONCE for batch in made[:-1])
    assert list(batches([])) == []
